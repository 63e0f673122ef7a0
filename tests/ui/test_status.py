from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from instrument.engine.snapshot import Lamp, Message
from instrument.params.table import MOTION_SPEED
from instrument.ui.layout.rect import Rect
from instrument.ui.panels.status import status_line
from instrument.ui.view import Button, Info, Target, TargetKind, View

BOX = Rect(0, 0, 10, 10)


@pytest.fixture
def deck(make_deck: Callable[..., Any]) -> Any:
    return make_deck(size=8)


@pytest.fixture
def view(deck: Any) -> View:
    return View(deck.snapshot(), deck.store.snapshot(), looks=deck.looks(), badges={MOTION_SPEED: "CC 16"})


def test_the_newest_message_is_told(deck: Any, view: View) -> None:
    deck.messages = (Message(0.0, Lamp.GOOD, "old"), Message(1.0, Lamp.BAD, "no such file"))
    line = status_line(replace(view, snapshot=deck.snapshot()), deck.store.table)
    assert (line.text, line.lamp) == ("no such file", Lamp.BAD)
    deck.messages = ()
    assert status_line(replace(view, snapshot=deck.snapshot()), deck.store.table).text == ""


def test_a_control_under_the_pointer_tells_value_binding_and_help(deck: Any, view: View) -> None:
    over = replace(view, hovered=Target(TargetKind.CONTROL, MOTION_SPEED, BOX))
    line = status_line(over, deck.store.table)
    assert line.head == "Speed  1.00 /s   CC 16"
    assert line.text == deck.store.spec(MOTION_SPEED).help


def test_learning_is_told_before_everything_else(deck: Any, view: View) -> None:
    over = replace(view, hovered=Target(TargetKind.CONTROL, MOTION_SPEED, BOX), fault="broken")
    assert "click the control" in status_line(replace(over, picking=True), deck.store.table).text
    assert "Speed" in status_line(replace(over, learning=MOTION_SPEED), deck.store.table).text
    assert status_line(over, deck.store.table).text == "broken"


@pytest.mark.parametrize("button", Button)
def test_every_button_has_its_help(deck: Any, view: View, button: Button) -> None:
    assert status_line(replace(view, hovered=Target(TargetKind.BUTTON, button.value, BOX)), deck.store.table).text


@pytest.mark.parametrize("info", Info)
def test_every_info_is_told_even_before_anything_runs(deck: Any, view: View, info: Info) -> None:
    empty = replace(view.snapshot, frame=None, sinks=(), midi=())
    for snapshot in (view.snapshot, empty):
        shown = replace(view, snapshot=snapshot, hovered=Target(TargetKind.INFO, info.value, BOX))
        assert status_line(shown, deck.store.table).text


def test_a_pad_tells_its_whole_name(deck: Any, view: View) -> None:
    full, empty = (
        status_line(replace(view, hovered=Target(TargetKind.PAD, pad, BOX)), deck.store.table) for pad in "34"
    )
    assert "Pulse" in full.text
    assert "Empty" in empty.text


def test_osc_is_told_beside_the_controllers(deck: Any, view: View) -> None:
    deck.osc = "9000"
    over = Target(TargetKind.INFO, Info.CONTROLLERS.value, BOX)
    line = status_line(replace(view, snapshot=deck.snapshot(), hovered=over), deck.store.table)
    assert line.text == "nanoKONTROL2 · OSC at 127.0.0.1:9000: 3 messages"
