"""The page of files, and pages in general, as a person meets them."""

from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg
import pytest

from instrument.params.table import MOTION_SPEED
from instrument.ui.layout.rect import Rect
from instrument.ui.windows.files import MOST_ROWS

pytestmark = pytest.mark.display


@pytest.fixture(autouse=True)
def _no_faults(window: Any) -> Any:
    before = window.surface.faults
    yield
    assert window.surface.faults == before


@pytest.fixture
def music(person: Any, tmp_path: Path) -> Path:
    """The page, open on a folder with a file and a folder with another."""
    (tmp_path / "sets").mkdir()
    for name in ("sets/night.wav", "take.wav", "notes.txt"):
        (tmp_path / name).write_bytes(b"RIFF")
    person.surface.dialogs.files.folder = tmp_path
    person.click("open")
    person.until(lambda: person.surface.dialogs.is_open)
    person.until(lambda: labels(person) == ["sets/", "take.wav"])
    person.frames(3)
    return tmp_path


def page(person: Any) -> Any:
    return person.surface.dialogs.files


def labels(person: Any) -> list[str]:
    return [dpg.get_item_label(row) for row in page(person)._rows]


def click_row(person: Any, label: str) -> None:
    row = page(person)._rows[labels(person).index(label)]
    x, y, _, height = (*dpg.get_item_rect_min(row), *dpg.get_item_rect_size(row))
    person.click(Rect(x + 20, y, 40, height))


def write_path(person: Any, path: Path) -> None:
    person.xdotool("key", "ctrl+a")
    person.frames(3)
    person.xdotool("type", "--delay", "2", str(path))
    person.until(lambda: dpg.get_value(page(person)._find) == str(path))
    person.key("Return")


def told(person: Any) -> str:
    return str(dpg.get_value(page(person)._told))


def test_a_file_is_opened_by_a_click_and_a_button(person: Any, music: Path) -> None:
    click_row(person, "take.wav")
    assert person.deck.opened == []
    assert told(person) == "take.wav"
    button = page(person)._open
    person.click(Rect(*dpg.get_item_rect_min(button), *dpg.get_item_rect_size(button)))
    person.until(lambda: person.deck.opened == [f"file:{music / 'take.wav'}"])
    assert not person.surface.dialogs.is_open


def test_two_clicks_open_a_folder_and_then_a_file_and_the_folder_is_remembered(person: Any, music: Path) -> None:
    for label in ("sets/", "night.wav"):
        person.until(lambda label=label: label in labels(person))
        person.frames(3)
        click_row(person, label)
        person.press()
        person.release()
    person.until(lambda: person.deck.opened == [f"file:{music / 'sets' / 'night.wav'}"])
    person.click("open")
    person.until(lambda: labels(person) == ["night.wav"])
    person.key("Escape")


def test_keys_alone_find_go_up_and_open(person: Any, music: Path) -> None:
    person.type("tak")
    person.until(lambda: labels(person) == ["take.wav"])
    for _ in range(3):
        person.key("BackSpace")
    person.until(lambda: labels(person) == ["sets/", "take.wav"])
    assert page(person).folder == music
    person.key("Down")
    person.key("Return")
    person.until(lambda: labels(person) == ["night.wav"])
    person.key("BackSpace")
    person.until(lambda: labels(person) == ["sets/", "take.wav"])
    person.held("Down", lambda: person.frames(20))
    person.key("Prior")
    assert page(person)._chosen == 0
    person.key("Next")
    assert page(person)._chosen == 1
    person.key("Return")
    person.until(lambda: person.deck.opened == [f"file:{music / 'take.wav'}"])


def test_a_whole_path_is_opened_and_one_that_is_not_there_is_told(person: Any, music: Path) -> None:
    write_path(person, music / "gone")
    person.until(lambda: "gone: no such file" in told(person))
    assert labels(person) == ["sets/", "take.wav"]
    write_path(person, music / "sets" / "night.wav")
    person.until(lambda: person.deck.opened == [f"file:{music / 'sets' / 'night.wav'}"])


def test_all_files_are_shown_when_asked_for(person: Any, music: Path) -> None:
    every = page(person)._every
    x, y = dpg.get_item_rect_min(every)
    person.click(Rect(x + 4, y + 4, 20, 20))
    person.until(lambda: labels(person) == ["sets/", "notes.txt", "take.wav"])
    person.click(Rect(x + 4, y + 4, 20, 20))
    person.until(lambda: labels(person) == ["sets/", "take.wav"])
    person.key("Return")
    person.until(lambda: told(person) == "choose a file first")
    assert person.deck.opened == []
    person.key("Escape")


def test_more_files_than_are_shown_come_bit_by_bit(person: Any, music: Path) -> None:
    crowd = music / "crowd"
    crowd.mkdir()
    for number in range(MOST_ROWS + 5):
        (crowd / f"{number}.wav").touch()
    write_path(person, crowd)
    person.until(lambda: "1000 are shown" in told(person))
    assert 0 < len(labels(person)) < MOST_ROWS
    person.until(lambda: len(labels(person)) == MOST_ROWS)
    person.key("Escape")


def test_a_page_stands_where_panels_were_and_the_looks_go_on(person: Any, music: Path) -> None:
    plan = person.surface.plan
    assert tuple(dpg.get_item_pos(person.surface.dialogs._window)) == (plan.page.x, plan.page.y)
    version = person.deck.store.version
    person.drag(MOTION_SPEED, 0, -40)
    assert person.deck.store.version == version
    person.click("2")
    assert person.deck.pad == 2
    person.click("open")
    assert not person.surface.dialogs.is_open
    person.drag(MOTION_SPEED, 0, -40)
    assert person.deck.store.version > version


def test_a_page_follows_the_window(person: Any, music: Path) -> None:
    dpg.set_viewport_width(1600)
    dpg.set_viewport_height(1000)
    person.until(lambda: person.surface.plan.window.width == 1600)
    person.until(lambda: labels(person) == ["sets/", "take.wav"])
    plan = person.surface.plan
    assert dpg.get_item_width(person.surface.dialogs._window) == round(plan.page.width)
    person.key("Escape")
    assert not person.surface.dialogs.is_open


def test_a_page_over_the_picture_alone_shows_the_panels_meanwhile(person: Any) -> None:
    person.key("Tab")
    assert len(person.surface.targets) == 1
    person.key("l")
    person.until(lambda: person.surface.dialogs.is_open)
    person.until(lambda: len(person.surface.targets) > 1)
    person.key("Escape")
    person.until(lambda: len(person.surface.targets) == 1)
    person.key("Tab")
    person.until(lambda: len(person.surface.targets) > 1)
