from pathlib import Path

import pytest

from instrument.errors import OutputError
from instrument.outputs.recording_file import RecordingFile


def test_it_is_a_part_until_it_is_finished(tmp_path: Path) -> None:
    file = RecordingFile.claim(tmp_path / "new" / "folders" / "show.mp4")
    file.stream.write(b"abc")
    assert not file.path.exists()
    assert file.part.name == "show.mp4.part"
    assert file.part.read_bytes() == b"abc"  # nothing waits inside this process
    file.finish()
    assert file.path.read_bytes() == b"abc"
    assert not file.part.exists()


def test_neither_a_recording_nor_a_part_is_overwritten(tmp_path: Path) -> None:
    wanted = tmp_path / "show"
    (tmp_path / "show.mp4").write_bytes(b"old")
    (tmp_path / "show-2.mp4.part").write_bytes(b"died")
    (tmp_path / "show-3.mp4").mkdir()
    first, second = RecordingFile.claim(wanted), RecordingFile.claim(wanted)
    assert (first.path.name, second.path.name) == ("show-4.mp4", "show-5.mp4")
    (tmp_path / "show-4.mp4").write_bytes(b"came meanwhile")
    first.finish()
    second.finish()
    assert first.path.name == "show-4-2.mp4"
    assert (tmp_path / "show.mp4").read_bytes() == b"old"
    assert (tmp_path / "show-2.mp4.part").read_bytes() == b"died"
    assert (tmp_path / "show-4.mp4").read_bytes() == b"came meanwhile"


def test_discard_removes_the_part(tmp_path: Path) -> None:
    file = RecordingFile.claim(tmp_path / "a")
    file.stream.write(b"abc")
    file.discard()
    assert list(tmp_path.iterdir()) == []


def test_impossible_places_are_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for wanted in (tmp_path / "file" / "show.mp4", tmp_path / ("n" * 400), tmp_path / "nul\0l"):
        with pytest.raises(OutputError, match="cannot record to") as caught:
            RecordingFile.claim(wanted)
        assert "\n" not in str(caught.value)
        assert caught.value.__cause__ is not None


def test_all_names_taken(tmp_path: Path) -> None:
    for name in ("s.mp4", *(f"s-{number}.mp4" for number in range(2, 1000))):
        (tmp_path / name).touch()
    with pytest.raises(OutputError, match="choose another"):
        RecordingFile.claim(tmp_path / "s.mp4")
