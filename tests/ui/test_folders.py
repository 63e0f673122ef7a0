"""Folders as the page of files shows them, on a real disk."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.ui.windows import folders
from instrument.ui.windows.folders import (
    Entry,
    FolderReader,
    Listing,
    Order,
    path_in,
    places,
    read_folder,
    shown,
    size_text,
)

SOUND = (".wav", ".flac")


@pytest.fixture
def music(tmp_path: Path) -> Path:
    for name, changed_s in (("Take 10.wav", 30), ("Take 2.WAV", 20), ("take 3.flac", 40), ("notes.txt", 50)):
        (tmp_path / name).write_bytes(b"12345")
        os.utime(tmp_path / name, (changed_s, changed_s))
    (tmp_path / "Sets").mkdir()
    (tmp_path / ".hidden.wav").touch()
    return tmp_path


def names(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.name for entry in entries]


def test_a_folder_is_read_without_what_is_hidden(music: Path) -> None:
    listing = read_folder(music)
    assert sorted(names(listing.entries)) == ["Sets", "Take 10.wav", "Take 2.WAV", "notes.txt", "take 3.flac"]
    take = next(entry for entry in listing.entries if entry.name == "Take 10.wav")
    assert (take.is_folder, take.size_bytes, take.changed_s) == (False, 5, 30.0)
    assert (listing.folder, listing.trouble, listing.wanted) == (music, "", "")


def test_the_path_of_a_file_shows_its_folder_and_asks_for_it(music: Path) -> None:
    listing = read_folder(music / "Take 10.wav")
    assert (listing.folder, listing.wanted) == (music, "Take 10.wav")
    assert len(listing.entries) == 5


@pytest.mark.parametrize("path", ["gone", "Take 10.wav/below", "a\0b"])
def test_what_cannot_be_read_is_told_and_raises_nothing(music: Path, path: str) -> None:
    listing = read_folder(music / path)
    assert listing.trouble
    assert "\n" not in listing.trouble
    assert listing.entries == ()


def test_a_link_that_leads_nowhere_is_a_file_of_no_size(tmp_path: Path) -> None:
    (tmp_path / "lost.wav").symlink_to(tmp_path / "nowhere")
    assert read_folder(tmp_path).entries == (Entry("lost.wav", False),)


def test_names_are_sorted_as_they_are_spoken_after_the_folders(music: Path) -> None:
    listing = read_folder(music)
    assert names(shown(listing, SOUND, Order.NAME, "")) == ["Sets", "Take 2.WAV", "take 3.flac", "Take 10.wav"]
    assert names(shown(listing, SOUND, Order.NEWEST, "")) == ["Sets", "take 3.flac", "Take 10.wav", "Take 2.WAV"]
    assert "notes.txt" in names(shown(listing, (), Order.NAME, ""))


def test_words_narrow_it_in_any_order(music: Path) -> None:
    assert names(shown(read_folder(music), SOUND, Order.NAME, " 1 TAKE")) == ["Take 10.wav"]


@given(st.lists(st.builds(Entry, st.text(min_size=1), st.booleans(), st.integers(0), st.floats(0, 1e9))), st.text())
def test_any_names_can_be_sorted_and_found(entries: list[Entry], words: str) -> None:
    listing = Listing(Path(), tuple(entries))
    for order in Order:
        assert sorted(map(repr, shown(listing, (), order, ""))) == sorted(map(repr, entries))
        assert set(shown(listing, (), order, words)) <= set(entries)


def test_a_path_is_told_from_words_to_find(tmp_path: Path) -> None:
    assert path_in("take 2", tmp_path) is None
    assert path_in("", tmp_path) is None
    assert path_in(f" {tmp_path}/a.wav ", Path("/")) == tmp_path / "a.wav"
    assert path_in("../x", tmp_path / "y") == tmp_path / "y" / "../x"
    assert path_in("~", tmp_path) == Path.home()
    assert path_in("~nobody-of-that-name/x", tmp_path) is None


@given(st.integers(0, 10**15))
def test_a_size_is_short(size_bytes: int) -> None:
    assert len(size_text(size_bytes)) <= 10


def test_home_is_always_a_place() -> None:
    assert places()[0] == ("Home", Path.home())


def test_the_reader_answers_what_was_asked_last_and_once(
    music: Path, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    reader, answers = FolderReader(), []
    reader.ask(music)
    reader.ask(music / "Sets")

    def answered() -> bool:
        answers.append(reader.answer())
        return answers[-1] is not None

    wait_until(answered)
    assert answers[-1] == Listing(music / "Sets")
    assert reader.answer() is None
    assert reader.places == places()


def test_an_older_reading_that_ends_later_does_not_take_the_answer_away(
    music: Path, wait_until: Callable[[Callable[[], bool]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, may_end = music / "Sets", threading.Event()

    def read_slowly(path: Path) -> Listing:
        if path == slow:
            may_end.wait()
        return read_folder(path)

    monkeypatch.setattr(folders, "read_folder", read_slowly)
    reader, others = FolderReader(), set(threading.enumerate())
    reader.ask(slow)
    [older] = set(threading.enumerate()) - others
    reader.ask(music)
    wait_until(lambda: set(threading.enumerate()) - others == {older})
    may_end.set()
    older.join()
    assert reader.answer() == Listing(music, read_folder(music).entries)
