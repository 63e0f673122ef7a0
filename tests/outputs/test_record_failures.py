"""What is left when a recording ends badly. Each runs in a process of its own, which may die or hit a limit."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from instrument.errors import OutputError
from instrument.outputs.record import RecordSink
from instrument.outputs.sink import Frame, StreamFormat

ROOT = Path(__file__).parents[2]
Reader = Callable[..., Any]

PLAY = """\
import os, sys
from pathlib import Path
import numpy as np
from instrument.errors import OutputError
from instrument.outputs.record import RecordSink
from instrument.outputs.sink import Frame, StreamFormat

def play(sink, seconds):
    rng = np.random.default_rng(0)
    for index in range(int(seconds * 30)):
        image = rng.integers(0, 256, (64, 64, 3), np.uint8)
        sink.send_audio(rng.uniform(-0.5, 0.5, (1600, 2)).astype(np.float32), 100.0 + (index + 1) / 30)
        sink.send(Frame(image, index, 100.0 + index / 30, 0.0))

def limit_files_to(size):
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

sink = RecordSink(Path(sys.argv[1]))
sink.open(StreamFormat(64, 64, 30.0, 48000, 2))
"""


def run(path: Path, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", PLAY + code, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def test_a_process_that_dies_loses_at_most_the_last_two_seconds(tmp_path: Path, read_back: Reader) -> None:
    done = run(tmp_path / "a.mp4", "play(sink, 5.5); os._exit(7)")  # nothing is flushed or closed
    assert done.returncode == 7, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4.part"]
    found = read_back(tmp_path / "a.mp4.part")
    assert found.times_s[-1] > 3.5
    np.testing.assert_allclose(found.times_s, np.arange(len(found.times_s)) / 30, atol=1e-4)
    assert len(found.sound) / 48000 > 3.4
    assert found.sound_start_s == pytest.approx(0.0, abs=0.001)


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_is_told_in_one_line_and_leaves_a_playable_part(tmp_path: Path, read_back: Reader) -> None:
    code = """
limit_files_to(400_000)
try:
    play(sink, 60)
except OutputError as error:
    print(error)
sink.close()
sink.close()
try:
    play(sink, 1)
except OutputError as error:
    print(error)
"""
    done = run(tmp_path / "a.mp4", code)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    stopped, closed = done.stdout.splitlines()
    part = tmp_path / "a.mp4.part"
    assert stopped == f"recording {tmp_path / 'a.mp4'} stopped: File too large; what there is plays from {part}"
    assert closed == "the recorder is not open"
    assert part.stat().st_size == 400_000  # to the last byte
    found = read_back(part, cut_off=True)
    assert len(found.times_s) >= 30
    assert len(found.sound) >= 40_000


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
@pytest.mark.parametrize("limit", [3_000, 500_000])
def test_a_disk_that_is_full_at_the_end(tmp_path: Path, read_back: Reader, limit: int) -> None:
    """500 kB hold the first fragments; what is written last, and the index, do not fit."""
    code = f"""
play(sink, {0.9 if limit < 10_000 else 2.9})
limit_files_to(max({limit} if {limit} < 10_000 else 0, os.path.getsize(sys.argv[1] + '.part') + 100))
try:
    sink.close()
except OutputError as error:
    print(error)
sink.close()
"""
    done = run(tmp_path / "a.mp4", code)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert done.stdout.count("\n") == 1
    assert "stopped: File too large" in done.stdout
    part = tmp_path / "a.mp4.part"
    assert [path.name for path in tmp_path.iterdir()] == [part.name]
    if limit > 10_000:
        assert len(read_back(part, cut_off=True).times_s) >= 30


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_disk_that_is_full_within_the_very_last_write(tmp_path: Path, read_back: Reader) -> None:
    """The index is cut short; the fragments must not have been handed over to it."""
    assert run(tmp_path / "whole.mp4", "play(sink, 2.9); sink.close()").returncode == 0
    limit = (tmp_path / "whole.mp4").stat().st_size - 50
    code = f"""
play(sink, 2.9)
limit_files_to({limit})
try:
    sink.close()
except OutputError as error:
    print(error)
"""
    done = run(tmp_path / "a.mp4", code)
    assert "stopped: File too large" in done.stdout, done.stderr
    assert not (tmp_path / "a.mp4").exists()
    assert len(read_back(tmp_path / "a.mp4.part", cut_off=True).times_s) == 87


def test_impossible_places_are_told_at_open(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    sink = RecordSink(tmp_path / "file" / "a.mp4")
    with pytest.raises(OutputError, match="cannot record to") as caught:
        sink.open(StreamFormat(64, 64, 30.0, 48000, 2))
    assert "\n" not in str(caught.value)
    sink.close()


def test_a_stream_that_cannot_be_leaves_no_file(tmp_path: Path) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    with pytest.raises(OutputError, match="cannot record to"):
        sink.open(StreamFormat(0, 0, 30.0, 0, 0))
    sink.close()
    assert list(tmp_path.iterdir()) == []


def test_a_frame_that_is_none_stops_the_recording_but_keeps_it(
    tmp_path: Path, read_back: Reader, grey: Callable[..., Frame]
) -> None:
    sink = RecordSink(tmp_path / "a.mp4")
    sink.open(StreamFormat(48, 32, 5.0, 0, 0))
    for index in range(12):
        sink.send(grey(index / 5))
    bad: Any = np.zeros((4, 4), np.float64)
    with pytest.raises(OutputError, match="stopped"):
        sink.send(Frame(bad, 0, 2.4, 0.0))
    sink.close()
    assert len(read_back(tmp_path / "a.mp4.part").times_s) >= 5
