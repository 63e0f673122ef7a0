"""The instrument as a person starts it: a process, a summary, a file that plays; and one clear line for trouble."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest

from instrument.cli import main

ROOT = Path(__file__).resolve().parents[2]
HEADLESS = ("--headless", "--no-monitor", "--no-midi")
NOWHERE = "file:nowhere.wav"


class Told(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


Tell = Callable[..., Told]


@pytest.fixture
def tell(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[Tell]:
    """The same in this process, which has imported everything; what is logged would stand on its stderr."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("INSTRUMENT_CONFIG", str(ROOT / "nobody"))
    switch_s = sys.getswitchinterval()

    def run(*arguments: str) -> Told:
        status = main(arguments)
        said = capfd.readouterr()
        return Told(status, said.out, said.err + caplog.text)

    yield run
    sys.setswitchinterval(switch_s)


def instrument(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "instrument", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        # What this machine remembers of earlier starts is no concern of a test.
        env=os.environ | {"INSTRUMENT_CONFIG": str(ROOT / "nobody")},
    )


def test_a_headless_show_ends_by_itself_and_leaves_a_video(tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    result = instrument(*HEADLESS, "--source", "synth", "--seconds", "4", "--output", f"record:{out}")
    assert result.returncode == 0, result.stderr
    for word in ("fps", "p50", "p95", "dropped"):
        assert word in result.stdout
    with av.open(str(out)) as container:
        frames = [frame.to_ndarray(format="rgb24").astype(float) for frame in container.decode(video=0)]
        duration_s = container.duration / av.time_base
    with av.open(str(out)) as container:
        sound = np.concatenate([block.to_ndarray() for block in container.decode(audio=0)], axis=1)
    assert len(frames) >= 8
    assert all(frame.std() > 5.0 for frame in frames), "a frame is blank"
    assert np.abs(frames[-1] - frames[0]).mean() > 1.0, "the picture stands still"
    assert 2.5 < duration_s < 6.0
    assert np.abs(sound).max() > 0.01


def test_without_a_display_it_says_so_and_plays(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":93")
    result = tell("--no-monitor", "--no-midi", "--seconds", "1.5")
    assert result.returncode == 0, result.stderr
    assert "display :93 does not open" in result.stderr
    assert "playing headless" in result.stderr
    assert "frames at" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--source", NOWHERE], "nowhere.wav"),
        (["--source", "gramophone"], "there are: synth, file:PATH, live"),
        (["--output", "smoke"], "there are: null, spout"),
        (["--checkpoint", "missing"], "generator.safetensors"),
        (["--hop", "100"], "hop 100 is not one of: 1024, 512, 256"),
        (["--output", "record:/proc/nowhere/out.mp4"], "/proc/nowhere"),
        (["--fps", "0"], "a frame rate of 0"),
        (["--osc", "stage"], "OSC: 'stage' is not PORT or HOST:PORT"),
        (["--osc", "192.0.2.1:9000"], "OSC cannot listen at 192.0.2.1:9000"),
        pytest.param(
            ["--output", "spout"],
            "Spout needs Windows",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="Spout opens on Windows"),
        ),
    ],
)
def test_trouble_is_one_line_and_an_exit_status(arguments: list[str], message: str, tell: Tell) -> None:
    result = tell(*HEADLESS, "--seconds", "1", *arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--source", NOWHERE], "nowhere.wav"), (["--output", "record:/proc/nowhere/out.mp4"], "/proc/nowhere")],
)
def test_trouble_ends_the_process(arguments: list[str], message: str) -> None:
    """Before the show was made, and after."""
    result = instrument(*HEADLESS, "--seconds", "1", *arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr


def test_a_port_that_another_program_has_is_one_line(tell: Tell) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        result = tell(*HEADLESS, "--seconds", "1", "--osc", str(port))
    assert result.returncode == 2
    assert result.stderr == f"instrument play: OSC cannot listen at 127.0.0.1:{port}: Address already in use\n"


def test_a_broken_sound_file_is_one_line(tell: Tell, tmp_path: Path) -> None:
    broken = tmp_path / "broken.flac"
    broken.write_bytes(b"fLaC" + bytes(200))
    result = tell(*HEADLESS, "--seconds", "1", "--source", f"file:{broken}")
    assert result.returncode == 2
    assert "broken.flac" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_help_names_every_command() -> None:
    text = instrument("--help").stdout
    for command in ("play", "render", "import", "export-onnx", "bench", "doctor", "test"):
        assert command in text


def test_a_window_without_a_screen_is_one_line_and_an_exit_status(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":93")
    result = tell(*HEADLESS, "--output", "window", "--seconds", "1")
    assert result.returncode == 2
    assert result.stderr == "instrument play: window: no screen: X11: Failed to open display :93\n"


def test_doctor_reports_and_never_fails(tell: Tell) -> None:
    result = tell("doctor")
    assert result.returncode == 0, result.stderr
    for part in (
        "machine",
        "display",
        "inputs",
        "MIDI",
        "OSC",
        "/motion/speed",
        "/mood/calm/bias",
        "outputs",
        "checkpoints",
        "default",
    ):
        assert part in result.stdout


def frames_of(film: Path) -> list[np.ndarray]:
    with av.open(str(film)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_offline_render_makes_every_frame_the_same_every_time(tmp_path: Path) -> None:
    films = []
    for name in ("one.mp4", "two.mp4"):
        result = instrument("render", "synth", str(tmp_path / name), "--seconds", "0.5", "--fps", "10")
        assert result.returncode == 0, result.stderr
        films.append(frames_of(tmp_path / name))
    assert len(films[0]) == 5
    np.testing.assert_array_equal(films[0], films[1])
