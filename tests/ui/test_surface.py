"""The surface as a person meets it: a real window, a real pointer, real keys."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np
import pytest

from instrument.background import NICENESS
from instrument.engine.snapshot import Lamp, Message
from instrument.errors import DisplayError
from instrument.params.table import (
    MOTION_DRIFT,
    MOTION_FREEZE,
    MOTION_RMS_DRIVE,
    MOTION_SPEED,
    TRUNCATION,
    mood_bias_name,
)
from instrument.ui.draw import text
from instrument.ui.draw.software import PROCESSORS, TASKS, drawn_by_processor
from instrument.ui.draw.theme import ACCENT, AMBER, INSET, TEXT
from instrument.ui.layout.rect import Rect
from instrument.ui.pace import RATES_HZ
from instrument.ui.panels.picture import PictureTexture
from instrument.ui.surface import Surface

pytestmark = pytest.mark.display

NICENESS_OF_TESTS = os.getpriority(os.PRIO_PROCESS, 0)

CALM = mood_bias_name("Calm")
CPU_BUDGET_MS = 20.0
"""Main-thread time of a frame on a slow shared machine; measured about 3 ms with a 256 px picture."""


def share_of(seen: np.ndarray, color: tuple[int, ...]) -> float:
    """Share of the pixels that have (nearly) this colour."""
    return float(np.mean(np.max(np.abs(seen - np.array(color[:3]) / 255.0), axis=-1) < 0.05))


@pytest.fixture(autouse=True)
def _no_faults(window: Any) -> Any:
    before = window.surface.faults
    yield
    assert window.surface.faults == before


def test_the_picture_is_shown_whole_and_moves(person: Any) -> None:
    room = person.surface.plan.picture.inset(40)
    first = person.seen(room)
    assert first.std() > 0.05
    assert len(np.unique((first[::9, ::9] * 255).astype(int).reshape(-1, 3), axis=0)) > 50
    person.frames(10)
    assert np.abs(person.seen(room) - first).mean() > 0.01


def test_the_picture_on_screen_is_the_frame(person: Any) -> None:
    still = replace(person.deck.snapshot().frame, index=-7)
    still.image[:] = (200, 40, 90)
    snapshot = replace(person.deck.snapshot(), frame=still)
    person.deck.snapshot = lambda: snapshot
    seen = person.seen(person.surface.plan.picture.inset(70))
    np.testing.assert_allclose(seen.reshape(-1, 3).mean(axis=0), np.array([200, 40, 90]) / 255.0, atol=0.02)


def test_a_picture_of_another_size_takes_over(person: Any) -> None:
    person.deck.size = 96
    person.frames(5)
    assert person.surface._texture.size == (96, 96)
    assert person.seen(person.surface.plan.picture.inset(70)).std() > 0.05


def test_dragging_a_mood_fader_moves_its_bias(person: Any) -> None:
    person.drag(CALM, 40, 0)
    travel_px = person.target(CALM).travel_px
    assert person.deck.store.get(CALM) == pytest.approx(12.0 * 40 / travel_px, abs=0.15)


def test_dragging_a_knob_up_raises_it_and_shift_is_ten_times_finer(person: Any) -> None:
    travel_px = person.target(MOTION_DRIFT).travel_px
    person.drag(MOTION_DRIFT, 0, -60)
    coarse = person.deck.store.get(MOTION_DRIFT)
    assert coarse == pytest.approx(0.35 + 60 / travel_px, abs=0.02)
    person.frames(15)
    person.held("Shift_L", lambda: person.drag(MOTION_DRIFT, 0, -60))
    assert person.deck.store.get(MOTION_DRIFT) == pytest.approx(coarse + 6 / travel_px, abs=0.005)


def test_a_double_click_brings_the_default_back(person: Any) -> None:
    person.deck.store.set(MOTION_RMS_DRIVE, 7.0, "test")
    person.click(MOTION_RMS_DRIVE)
    person.press()
    person.release()
    assert person.deck.store.get(MOTION_RMS_DRIVE) == 3.0


def test_a_click_on_a_pad_recalls_and_lights_it(person: Any) -> None:
    pad = person.target("3").rect
    assert share_of(person.seen(pad), ACCENT) < 0.05
    person.click("3")
    assert person.deck.pad == 3
    person.move(4, 400)
    assert share_of(person.seen(pad), ACCENT) > 0.2


def test_keys_recall_freeze_and_count_once_however_long_they_are_held(person: Any) -> None:
    person.key("2")
    assert person.deck.pad == 2
    person.held("space", lambda: person.frames(30))
    assert person.deck.store.get(MOTION_FREEZE) == 1.0


def test_a_look_is_saved_under_the_name_that_is_typed_and_no_shortcut_fires(person: Any) -> None:
    person.click("save")
    person.click("4")
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(3)
    person.type("dim 3")
    assert person.deck.pad is None
    assert person.deck.store.get(MOTION_FREEZE) == 0.0
    person.key("Return")
    assert person.deck.names[4] == "dim 3"
    assert person.deck.pad == 4
    assert not person.surface.dialogs.is_open


def test_escape_closes_the_question_and_saves_nothing(person: Any) -> None:
    person.held("Control_L", lambda: person.click("5"))
    person.until(lambda: person.surface.dialogs.is_open)
    person.key("Escape")
    assert not person.surface.dialogs.is_open
    assert 5 not in person.deck.names


def test_ctrl_click_types_a_value_that_is_held_to_its_bounds(person: Any) -> None:
    for typed, value in (("0.5", 0.5), ("99", 1.5)):
        person.frames(15)
        person.held("Control_L", lambda: person.click(TRUNCATION))
        person.until(lambda: person.surface.dialogs.is_open)
        person.frames(3)
        person.type(typed)
        person.key("Return")
        assert person.deck.store.get(TRUNCATION) == value


def test_what_is_no_number_is_asked_again(person: Any) -> None:
    person.held("Control_L", lambda: person.click(TRUNCATION))
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(3)
    person.type("wild")
    person.key("Return")
    assert person.surface.dialogs.is_open
    assert person.deck.store.get(TRUNCATION) == 0.8


def test_the_menu_of_a_control_forgets_its_controller(person: Any) -> None:
    person.click(MOTION_SPEED, button=3)
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(3)
    forget = dpg.get_item_children(person.surface.dialogs._window, 1)[-1]
    person.over(Rect(*dpg.get_item_rect_min(forget), *dpg.get_item_rect_size(forget)))
    person.press()
    person.release()
    person.until(lambda: MOTION_SPEED not in person.deck.bound)
    assert not person.surface.dialogs.is_open


def test_the_menu_of_a_control_leads_to_typing_a_value(person: Any) -> None:
    person.click(TRUNCATION, button=3)
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(3)
    typing = dpg.get_item_children(person.surface.dialogs._window, 1)[1]
    person.over(Rect(*dpg.get_item_rect_min(typing), *dpg.get_item_rect_size(typing)))
    person.press()
    person.release()
    person.type("1.25")
    person.key("Return")
    assert person.deck.store.get(TRUNCATION) == 1.25


def test_a_click_beside_a_menu_closes_it_and_moves_nothing(person: Any) -> None:
    version = person.deck.store.version
    person.click(MOTION_SPEED, button=3)
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(3)
    person.click("3")
    assert not person.surface.dialogs.is_open
    assert person.deck.pad is None
    assert person.deck.store.version == version


def test_learning_by_key_over_a_control_shows_and_ends(person: Any) -> None:
    rect = person.target(MOTION_DRIFT).rect
    person.over(MOTION_DRIFT)
    person.key("m")
    assert person.deck.learning() == MOTION_DRIFT
    assert share_of(person.seen(rect), AMBER) > 0.005
    person.key("Escape")
    assert person.deck.learning() is None


def test_learning_by_button_arms_the_next_control(person: Any) -> None:
    person.click("learn")
    person.click(CALM)
    assert person.deck.learning() == CALM
    assert person.deck.store.get(CALM) == 0.0


def test_pausing_and_choosing_an_input(person: Any) -> None:
    person.click("pause")
    assert person.deck.paused
    person.click("input")
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(3)
    choices = dpg.get_item_children(person.surface.dialogs._window, 1)
    person.over(Rect(*dpg.get_item_rect_min(choices[2]), *dpg.get_item_rect_size(choices[2])))
    person.press()
    person.release()
    person.until(lambda: person.deck.opened == ["live:Scarlett 2i2 USB"])


def test_inputs_that_are_found_meanwhile_join_the_open_menu(person: Any) -> None:
    person.click("input")
    person.until(lambda: person.surface.dialogs.is_open)
    before = len(dpg.get_item_children(person.surface.dialogs._window, 1))
    person.deck.inputs = (*person.deck.inputs, "Late Interface")
    person.frames(3)
    assert len(dpg.get_item_children(person.surface.dialogs._window, 1)) == before + 1


def test_before_the_first_frame_words_stand_there_and_then_the_picture(person: Any) -> None:
    person.deck.warm = False
    registry = person.surface._paints.registry
    person.surface._texture, person.surface._laid_out = PictureTexture(registry), ()
    person.frames(3)
    room = person.surface.plan.picture.inset(40)
    words = person.seen(room)
    assert 0.001 < share_of(words, TEXT) < 0.2
    person.deck.warm = True
    person.frames(3)
    assert share_of(person.seen(room), INSET) < 0.5 < share_of(words, INSET)


def test_a_change_from_elsewhere_shows_at_once(person: Any) -> None:
    rect = person.target(TRUNCATION).rect
    before = person.seen(rect)
    person.deck.store.set(TRUNCATION, 1.5, "midi")
    assert np.abs(person.seen(rect) - before).mean() > 0.005


def test_an_engine_that_fails_does_not_end_the_surface(person: Any, window: Any) -> None:
    person.deck.broken = True
    person.frames(3)
    assert window.surface.faults >= 3
    person.deck.broken = False
    person.frames(3)
    assert person.surface._fault == "surface: the engine is upset"
    window.surface.faults = 0
    person.clock.advance(11.0)
    person.frames(1)
    assert window.surface._fault == ""


@pytest.mark.parametrize("size", [(1600, 900), (1280, 800), (1000, 700)])
def test_the_layout_follows_the_window(person: Any, size: tuple[int, int]) -> None:
    dpg.set_viewport_width(size[0])
    dpg.set_viewport_height(size[1])
    person.until(lambda: (person.surface.plan.window.width, person.surface.plan.window.height) == size)
    person.drag(CALM, 30, 0)
    assert person.deck.store.get(CALM) > 0.0
    assert person.seen(person.surface.plan.picture.inset(40)).std() > 0.05


def test_a_key_fills_the_screen_and_gives_it_back(person: Any) -> None:
    person.key("F11")
    person.until(lambda: person.surface.plan.window.width == 1920)
    person.key("F11")
    person.until(lambda: person.surface.plan.window.width == 1280)


def test_the_layout_follows_the_moods(person: Any, window: Any, make_deck: Callable[..., Any]) -> None:
    names = tuple(f"Mood {number}" for number in range(12))
    window.start(make_deck(names))
    person.frames(3)
    assert len(person.surface.plan.moods.rows) == 12
    person.drag(mood_bias_name("Mood 11"), 20, 0)
    assert person.deck.store.get(mood_bias_name("Mood 11")) > 0.0


def test_widths_are_those_that_the_window_draws(person: Any) -> None:
    person.frames(1)
    font = person.surface._skin.fonts.medium
    for content in ("Audio amount", "38 ms · p95 52", "0123456789"):
        drawn = dpg.get_text_size(content, font=font)[0]
        assert text.width_px(content, dpg.get_item_configuration(font)["size"]) == pytest.approx(drawn, abs=1.5)


def test_messages_are_told(person: Any) -> None:
    rect = person.surface.plan.status
    before = person.seen(rect)
    person.deck.messages = (Message(1.0, Lamp.BAD, "the interface went away; listening for it"),)
    assert np.abs(person.seen(rect) - before).mean() > 0.002


def test_a_frame_costs_the_main_thread_little(person: Any) -> None:
    snapshot = person.deck.snapshot()
    person.deck.snapshot = lambda: snapshot
    person.frames(5)
    start_s = time.thread_time()
    person.frames(30)
    assert (time.thread_time() - start_s) / 30 * 1000 < CPU_BUDGET_MS


def test_threads_that_draw_for_want_of_a_card_come_after_the_engine(person: Any) -> None:
    assert drawn_by_processor()
    names = {int(task.name): (task / "comm").read_text().strip() for task in TASKS.glob("*")}
    drawing = [task for task, name in names.items() if name.startswith(PROCESSORS)]
    assert drawing
    assert {os.getpriority(os.PRIO_PROCESS, task) for task in drawing} == {NICENESS}
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == NICENESS_OF_TESTS


def test_running_is_paced_and_stops_when_told(person: Any) -> None:
    asked: list[float] = []

    def stop() -> bool:
        asked.append(person.clock.now_s())
        return len(asked) > 10

    person.surface.run(person.clock, stop)
    assert person.surface.rate_hz in RATES_HZ
    np.testing.assert_allclose(np.diff(asked), 1.0 / person.surface.rate_hz, atol=1e-9)


def test_without_a_screen_opening_raises(monkeypatch: pytest.MonkeyPatch, make_deck: Callable[..., Any]) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    with pytest.raises(DisplayError, match="4711"):
        Surface(make_deck()).open()
