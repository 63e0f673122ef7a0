"""Listening, moods, looks, keys and pages, as a person meets them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np
import pytest

from instrument.clock import SystemClock
from instrument.control.hands import Hands
from instrument.engine.snapshot import Lamp, Message
from instrument.features.rhythm import DropState
from instrument.params.store import ParamStore
from instrument.params.table import (
    MASTER_FADE,
    MOTION_DRIFT,
    MOTION_FREEZE,
    ROWS,
    ParamTable,
    build_table,
    mood_bias_name,
)
from instrument.ui.deck import Choice
from instrument.ui.draw.theme import ACCENT, ALARM, AMBER, TEXT
from instrument.ui.layout.rect import Rect
from instrument.ui.processor import CardLoad
from instrument.ui.view import TargetKind

pytestmark = pytest.mark.display

CALM, AGGRESSIVE = mood_bias_name("Calm"), mood_bias_name("Aggressive")


def share_of(seen: np.ndarray, color: tuple[int, ...]) -> float:
    """Share of the pixels that have (nearly) this colour."""
    return float(np.mean(np.max(np.abs(seen - np.array(color[:3]) / 255.0), axis=-1) < 0.05))


def place_of(person: Any, kind: TargetKind, name: str) -> Rect:
    return next(target.rect for target in person.surface.targets if target.kind is kind and target.name == name)


def item_at(person: Any, index: int) -> Rect:
    """Where the item at `index` of the open menu stands."""
    item = dpg.get_item_children(person.surface.dialogs._window, 1)[index]
    return Rect(*dpg.get_item_rect_min(item), *dpg.get_item_rect_size(item))


@pytest.fixture(autouse=True)
def _no_faults(window: Any) -> Any:
    before = window.surface.faults
    yield
    assert window.surface.faults == before


def test_the_pad_is_dragged_to_a_mood_and_let_go_by_a_double_click(person: Any) -> None:
    pad = person.target("moods").rect
    corners = person.surface._hands.corners
    person.move(*pad.centre)
    person.press()
    person.move(*(corners[1] * 0.8 + corners.mean(axis=0) * 0.2))
    person.release()
    assert person.deck.store.get(CALM) > 1.0 > 0.0 > person.deck.store.get(AGGRESSIVE)
    person.frames(15)
    person.press()
    person.release()
    person.press()
    person.release()
    assert person.deck.store.get(CALM) == 0.0


def test_solo_lights_and_gives_the_mix_back(person: Any) -> None:
    solo = place_of(person, TargetKind.SOLO, "Calm")
    person.click(solo)
    assert person.deck.store.get(CALM) == 6.0
    person.move(4, 400)
    assert share_of(person.seen(solo), ACCENT) > 0.5
    person.click(solo)
    assert person.deck.store.get(CALM) == 0.0


def test_a_mood_is_taught_while_its_button_is_held(person: Any) -> None:
    teach = place_of(person, TargetKind.TEACH, "Vibrant")
    person.over(teach)
    person.press()
    assert share_of(person.seen(teach), AMBER) > 0.5
    person.frames(20)
    person.release()
    assert person.deck.teaching.held is None
    assert person.deck.teaching.collected_s[2] > 0.5
    person.click("lesson")
    assert person.deck.teaching.playing_taught


def test_a_mood_is_mined_from_typed_words_and_joins_the_others(person: Any) -> None:
    person.click("prompt")
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(3)
    person.type("moss")
    person.key("Return")
    assert person.deck.prompt.text == "moss"
    person.until(lambda: len(person.surface.plan.moods.rows) == 4, frames=200)
    person.drag(mood_bias_name("moss"), 20, 0)
    assert person.deck.store.get(mood_bias_name("moss")) > 0.0
    person.click(mood_bias_name("moss"), button=3)
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(3)
    person.click(item_at(person, -1))
    person.until(lambda: "moss" not in person.deck.moods)


def test_tempo_and_sound_check_are_within_reach(person: Any) -> None:
    for button in ("tap", "half tempo", "sound check"):
        person.click(button)
    person.key("t")
    assert (person.deck.taps, person.deck.tempo_bpm) == (2, 63.0)
    assert person.deck.check.progress is not None


def test_an_armed_drop_and_a_clipped_input_are_seen(person: Any) -> None:
    drop, meter = person.surface.plan.listening.rhythm.drop, person.surface.plan.listening.meter
    quiet = person.seen(drop), person.seen(meter)
    person.deck.drop, person.deck.clipped = DropState.ARMED, True
    assert share_of(person.seen(drop), AMBER) > 0.5 > share_of(quiet[0], AMBER)
    assert share_of(person.seen(meter), ALARM) > share_of(quiet[1], ALARM) + 0.05


def test_the_beat_moves_through_the_bar(person: Any) -> None:
    bar = person.surface.plan.listening.rhythm.bar
    seen = [person.seen(bar)]
    for _ in range(3):
        person.frames(5)
        seen.append(person.seen(bar))
    lit = [share_of(picture, ACCENT) + share_of(picture, TEXT) for picture in seen]
    assert max(lit) - min(lit) > 0.02


def test_a_look_has_its_picture_and_saving_over_it_is_asked(person: Any) -> None:
    pad = person.target("2").rect
    empty = person.target("5").rect
    assert person.seen(pad.inset(24)).std() > 3 * person.seen(empty.inset(24)).std()
    person.held("Control_L", lambda: person.click("2"))
    person.until(lambda: person.surface.dialogs.is_open)
    heading = dpg.get_item_children(person.surface.dialogs._window, 1)[0]
    assert "Drift" in dpg.get_value(heading)
    person.key("Return")
    assert person.deck.pad == 2


def test_a_look_is_renamed_from_its_menu_and_undo_is_a_key(person: Any) -> None:
    person.click("3", button=3)
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(3)
    person.click(item_at(person, 3))
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(3)
    person.type("surge")
    person.key("Return")
    assert person.deck.names[3] == "surge"
    person.key("z")
    assert person.deck.undone == 1


def test_blackout_is_told_on_the_picture_and_taken_back(person: Any) -> None:
    room = person.surface.plan.picture
    before = share_of(person.seen(room), AMBER)
    person.key("b")
    assert person.deck.store.get(MASTER_FADE) == 0.0
    assert share_of(person.seen(room), AMBER) > before + 0.01
    person.key("b")
    assert person.deck.store.get(MASTER_FADE) == 1.0


def test_panic_brings_the_safe_look(person: Any) -> None:
    person.key("space")
    person.key("Escape")
    assert person.deck.pad == 1
    assert person.deck.store.get(MOTION_FREEZE) == 0.0


def test_tab_leaves_the_picture_alone_and_brings_the_rest_back(person: Any) -> None:
    person.key("Tab")
    assert [target.name for target in person.surface.targets] == ["picture"]
    assert person.seen(Rect(600, 20, 400, 700)).std() > 0.05
    person.key("Tab")
    assert len(person.surface.targets) > 20


def test_f_fills_the_screen_with_the_picture(person: Any) -> None:
    person.key("f")
    person.until(lambda: person.surface.plan.window.width == 1920)
    assert [target.name for target in person.surface.targets] == ["picture"]
    person.key("f")
    person.until(lambda: person.surface.plan.window.width == 1280)


def test_f_sends_the_picture_to_the_second_display_and_the_surface_stays(person: Any) -> None:
    person.deck.displays = (Choice("eDP-1", "1280 x 800"), Choice("HDMI-A-1", "1920 x 1080"))
    person.key("f")
    assert person.deck.window_on
    assert (person.surface.plan.window.width, len(person.surface.targets) > 20) == (1280, True)
    person.key("f")
    assert not person.deck.window_on


def test_arrows_select_and_trim_and_repeat_while_held(person: Any) -> None:
    person.click(MOTION_DRIFT)
    person.key("Up")
    assert person.deck.store.get(MOTION_DRIFT) == pytest.approx(0.36)
    person.held("Up", lambda: person.frames(30))
    assert person.deck.store.get(MOTION_DRIFT) > 0.42
    person.key("Right")
    assert person.surface._hands.selected == MOTION_FREEZE


def test_no_key_of_the_show_works_while_a_name_is_typed(person: Any) -> None:
    person.held("Control_L", lambda: person.click("4"))
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(3)
    person.type("bft 2")
    person.key("Tab")
    store = person.deck.store
    assert (store.get(MASTER_FADE), person.deck.taps, person.deck.pad) == (1.0, 0, None)
    assert not person.surface._hands.hiding
    person.key("Escape")


@pytest.mark.parametrize(("key", "title"), [("question", "Keys"), ("l", "Log")])
def test_pages_open_by_key_and_close_by_escape(person: Any, key: str, title: str) -> None:
    person.deck.messages = (Message(0.0, Lamp.GOOD, "ready"), Message(70.0, Lamp.BAD, "gone"))
    person.key(key)
    person.until(lambda: person.surface.dialogs.is_open)
    assert dpg.get_item_label(person.surface.dialogs._window) == title
    person.deck.messages = (*person.deck.messages, Message(71.0, Lamp.GOOD, "back"))
    person.frames(3)
    person.key("Escape")
    assert not person.surface.dialogs.is_open
    assert person.deck.pad is None


def test_settings_change_engine_and_outputs_and_the_next_start(person: Any) -> None:
    person.click("settings")
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(12)
    items = everything_in(person.surface.dialogs._window)
    engine = next(item for item in items if dpg.get_item_label(item) == "torch")
    person.click(Rect(*dpg.get_item_rect_min(engine), *dpg.get_item_rect_size(engine)))
    person.until(lambda: person.deck.engine == "torch")
    person.frames(12)
    record = next(
        item for item in everything_in(person.surface.dialogs._window) if dpg.get_item_label(item) == "record"
    )
    dpg.set_value(record, True)
    dpg.get_item_callback(record)()
    assert person.deck.sending == ("null", "record")
    for on, at in ((True, "9000"), (False, "")):
        person.frames(12)
        osc = next(item for item in everything_in(person.surface.dialogs._window) if dpg.get_item_label(item) == "OSC")
        assert dpg.get_value(osc) is not on
        dpg.set_value(osc, on)
        dpg.get_item_callback(osc)()
        assert person.deck.osc == at
    person.key("Escape")
    assert not person.surface.dialogs.is_open


def test_the_top_bar_tells_of_the_card_while_pictures_are_made_on_one(
    person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown() -> list[str]:
        drawn = everything_in(person.surface._drawlist)
        texts = [item for item in drawn if dpg.get_item_type(item) == "mvAppItemType::mvDrawText"]
        return [dpg.get_item_configuration(item)["text"] for item in texts]

    monkeypatch.setattr(person.surface._card, "_look", lambda: CardLoad(0.62, 20_100_000_000, 24_000_000_000))
    person.until(lambda: "62 % · 20.1 GB" in shown())
    assert "GPU" in shown()
    monkeypatch.undo()
    person.until(lambda: "GPU" not in shown())


def test_settings_list_the_displays_and_one_is_chosen_by_a_click(person: Any) -> None:
    person.deck.displays = (Choice("eDP-1", "1280 x 800"), Choice("HDMI-A-1", "1920 x 1080"))
    person.deck.display = "beamer"
    person.click("settings")
    person.until(lambda: person.surface.dialogs.is_open)
    person.frames(12)
    below = everything_in(person.surface.dialogs._window)
    rows = next(item for item in below if dpg.get_item_type(item) == "mvAppItemType::mvRadioButton")
    labels = ["The second", "1  eDP-1, 1280 x 800", "2  HDMI-A-1, 1920 x 1080", "beamer, not connected"]
    assert dpg.get_item_configuration(rows)["items"] == labels
    assert dpg.get_value(rows) == labels[3]
    person.over(person.surface.plan.window)
    for _ in range(4):
        person.xdotool("click", "--repeat", "5", "5")
        person.frames(3)
    x, y = dpg.get_item_rect_min(rows)
    person.click(Rect(x, y, 20, dpg.get_item_rect_size(rows)[1]))
    person.until(lambda: person.deck.display == "")
    person.key("Escape")


def everything_in(item: Any) -> list[Any]:
    """All items below an item."""
    below = [child for slot in dpg.get_item_children(item).values() for child in slot]
    return [*below, *(deeper for child in below for deeper in everything_in(child))]


def test_a_row_added_to_the_table_gets_a_control_a_binding_an_osc_address_and_a_place_in_a_look(
    person: Any, osc_sender: Callable[[int], Any], tmp_path: Path
) -> None:
    row = replace(ROWS[0], name="picture.glow", label="Glow", group="picture")
    person.deck.store = ParamStore(ParamTable([*build_table(person.deck.moods).values(), row]))
    person.frames(3)
    person.drag("picture.glow", 0, -30)
    assert person.deck.store.get("picture.glow") > row.default
    person.over("picture.glow")
    person.key("m")
    assert person.deck.learning() == "picture.glow"
    assert "picture.glow" in person.deck.store.persisted()
    hands = Hands(person.deck.store, SystemClock(), tmp_path, midi=False)
    hands.open_osc("0")
    hands.start()
    osc_sender(int(hands.osc_state.split(":")[1])).say(["/picture/glow", [7.5]])
    person.until(lambda: person.deck.store.get("picture.glow") == 7.5)
    hands.close()


def test_every_row_of_the_table_has_one_control_on_the_window(person: Any) -> None:
    names = [target.name for target in person.surface.targets if target.kind is TargetKind.CONTROL]
    assert sorted(names) == sorted(person.deck.store.table)
