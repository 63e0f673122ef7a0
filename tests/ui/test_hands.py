from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.params.table import MOTION_DRIFT, MOTION_FREEZE, MOTION_SPEED, mood_bias_name
from instrument.ui.hands import Hands, Key
from instrument.ui.pointer import Gesture, PointerEvent
from instrument.ui.rect import Rect
from instrument.ui.view import Button, Info, Target, TargetKind

CALM = mood_bias_name("Calm")
KNOB = Target(TargetKind.CONTROL, MOTION_DRIFT, Rect(0, 0, 100, 100), travel_px=200.0)
FADER = Target(TargetKind.CONTROL, CALM, Rect(0, 0, 300, 40), travel_px=300.0, upwards=False)
SWITCH = Target(TargetKind.CONTROL, MOTION_FREEZE, Rect(0, 0, 100, 100))


class NotingDialogs:
    """The dialogs of a machine without a screen: what was asked is noted, nobody answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def ask_value(self, parameter: str) -> None:
        self.asked.append(("value", parameter))

    def ask_name(self, pad: int, name: str) -> None:
        self.asked.append(("name", pad, name))

    def control_menu(self, parameter: str) -> None:
        self.asked.append(("menu", parameter))

    def input_menu(self) -> None:
        self.asked.append(("input",))

    def model_menu(self) -> None:
        self.asked.append(("model",))

    def toggle_full_screen(self) -> None:
        self.asked.append(("full screen",))

    def choose_file(self) -> None:
        self.asked.append(("file",))

    def close(self) -> None:
        self.asked.append(("close",))


class Bench:
    def __init__(self, deck: Any) -> None:
        self.deck, self.dialogs = deck, NotingDialogs()
        self.hands = Hands(deck, self.dialogs)

    def press(self, target: Target, gesture: Gesture = Gesture.PRESS, ctrl: bool = False) -> None:
        x, y = target.rect.centre
        self.hands.point(x, y, [target])
        self.hands.feel(PointerEvent(gesture, x, y, ctrl=ctrl))

    def drag(self, dx: float, dy: float, shift: bool = False) -> None:
        self.hands.feel(PointerEvent(Gesture.DRAG, 0, 0, dx, dy, shift=shift))

    def button(self, button: Button) -> None:
        self.press(Target(TargetKind.BUTTON, button.value, Rect(0, 0, 10, 10)))

    def pad(self, number: int, ctrl: bool = False) -> None:
        self.press(Target(TargetKind.PAD, str(number), Rect(0, 0, 10, 10)), ctrl=ctrl)


@pytest.fixture
def bench(make_deck: Callable[..., Any]) -> Bench:
    return Bench(make_deck())


def test_a_knob_follows_the_hand_up_and_finely_with_shift(bench: Bench) -> None:
    bench.press(KNOB)
    bench.drag(0, -40)
    assert bench.deck.store.get(MOTION_DRIFT) == pytest.approx(0.35 + 0.2)
    bench.drag(0, -40, shift=True)
    assert bench.deck.store.get(MOTION_DRIFT) == pytest.approx(0.35 + 0.22)


def test_a_fader_follows_sideways_only(bench: Bench) -> None:
    bench.press(FADER)
    bench.drag(0, 80)
    assert bench.deck.store.get(CALM) == 0.0
    bench.drag(75, 0)
    assert bench.deck.store.get(CALM) == pytest.approx(3.0)


def test_touching_a_control_changes_nothing(bench: Bench) -> None:
    version = bench.deck.store.version
    bench.press(KNOB)
    bench.hands.feel(PointerEvent(Gesture.RELEASE, 0, 0))
    assert bench.deck.store.version == version
    assert bench.hands.held is None


def test_turning_back_at_the_end_answers_at_once(bench: Bench) -> None:
    bench.press(KNOB)
    bench.drag(0, -1000)
    bench.drag(0, 20)
    assert bench.deck.store.get(MOTION_DRIFT) == pytest.approx(0.9)


def test_the_hand_wins_over_a_controller_while_it_holds(bench: Bench) -> None:
    bench.press(KNOB)
    bench.deck.store.set(MOTION_DRIFT, 0.0, "midi")
    bench.drag(0, -20)
    assert bench.deck.store.get(MOTION_DRIFT) == pytest.approx(0.45)


def test_after_release_a_movement_moves_nothing(bench: Bench) -> None:
    bench.press(KNOB)
    bench.hands.feel(PointerEvent(Gesture.RELEASE, 0, 0))
    bench.drag(0, -50)
    assert bench.deck.store.get(MOTION_DRIFT) == 0.35


def test_a_double_click_brings_the_default_back(bench: Bench) -> None:
    bench.deck.store.set(MOTION_DRIFT, 0.9, "test")
    bench.press(KNOB, Gesture.DOUBLE)
    assert bench.deck.store.get(MOTION_DRIFT) == 0.35


@given(st.integers(1, 9))
def test_a_switch_toggles_at_every_press_even_a_double(make_deck: Callable[..., Any], presses: int) -> None:
    bench = Bench(make_deck(size=8))
    for press in range(presses):
        bench.press(SWITCH, Gesture.DOUBLE if press % 2 else Gesture.PRESS)
    assert bench.deck.store.get(MOTION_FREEZE) == presses % 2


def test_ctrl_types_a_value_and_the_right_button_opens_the_menu(bench: Bench) -> None:
    bench.press(KNOB, ctrl=True)
    bench.press(FADER, Gesture.MENU)
    assert bench.dialogs.asked == [("value", MOTION_DRIFT), ("menu", CALM)]
    assert bench.hands.held is None


def test_pads_recall_and_save_with_ctrl_or_after_the_save_button(bench: Bench) -> None:
    bench.pad(3)
    assert bench.deck.pad == 3
    bench.pad(4, ctrl=True)
    bench.button(Button.SAVE)
    assert bench.hands.saving
    bench.pad(6)
    assert not bench.hands.saving
    assert bench.dialogs.asked == [("name", 4, "Look 4"), ("name", 6, "Abyss")]
    assert bench.deck.pad == 3


def test_learning_by_button_then_control(bench: Bench) -> None:
    bench.button(Button.LEARN)
    bench.press(KNOB)
    assert bench.deck.learning() == MOTION_DRIFT
    assert bench.hands.held is None
    bench.button(Button.LEARN)
    assert bench.deck.learning() is None


def test_the_learn_key_takes_the_control_under_the_pointer_and_lets_go_of_it(bench: Bench) -> None:
    bench.hands.point(5, 5, [KNOB])
    bench.hands.strike(Key.LEARN)
    assert bench.deck.learning() == MOTION_DRIFT
    bench.hands.strike(Key.LEARN)
    assert bench.deck.learning() is None


def test_the_learn_key_over_nothing_waits_for_a_control(bench: Bench) -> None:
    bench.hands.strike(Key.LEARN)
    assert bench.hands.picking
    bench.hands.strike(Key.CANCEL)
    assert not bench.hands.picking


def test_escape_gives_everything_up(bench: Bench) -> None:
    bench.deck.learn(MOTION_SPEED)
    bench.hands.picking = bench.hands.saving = True
    bench.hands.strike(Key.CANCEL)
    assert (bench.hands.picking, bench.hands.saving, bench.deck.learning()) == (False, False, None)
    assert ("close",) in bench.dialogs.asked


def test_keys_recall_and_freeze(bench: Bench) -> None:
    bench.hands.strike(3)
    bench.hands.strike(Key.FREEZE)
    assert bench.deck.pad == 3
    assert bench.deck.store.get(MOTION_FREEZE) == 1.0
    bench.hands.strike(Key.FREEZE)
    assert bench.deck.store.get(MOTION_FREEZE) == 0.0


def test_buttons_do_what_they_say(bench: Bench) -> None:
    for button in (Button.PAUSE, Button.OPEN, Button.INPUT, Button.MODEL, Button.NEXT_PAGE):
        bench.button(button)
    assert bench.deck.paused
    assert bench.dialogs.asked == [("file",), ("input",), ("model",)]
    assert bench.hands.page == 1


def test_what_only_tells_more_cannot_be_pressed(bench: Bench) -> None:
    version = bench.deck.store.version
    bench.press(Target(TargetKind.INFO, Info.SOURCE.value, Rect(0, 0, 10, 10)))
    assert bench.deck.store.version == version
    assert bench.dialogs.asked == []
