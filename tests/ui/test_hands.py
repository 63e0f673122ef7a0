from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.control.acts import Act
from instrument.params.table import MASTER_FADE, MOTION_DRIFT, MOTION_FREEZE, MOTION_SPEED, mood_bias_name
from instrument.ui.deck import Choice
from instrument.ui.hand.asking import Dialogs
from instrument.ui.hand.hands import Hands
from instrument.ui.hand.keymap import KEYS, Key
from instrument.ui.hand.pointer import Gesture, PointerEvent
from instrument.ui.layout.mixing import corners
from instrument.ui.layout.rect import Rect
from instrument.ui.view import Button, Info, Target, TargetKind

CALM = mood_bias_name("Calm")
KNOB = Target(TargetKind.CONTROL, MOTION_DRIFT, Rect(0, 0, 100, 100), travel_px=200.0)
FADER = Target(TargetKind.CONTROL, CALM, Rect(0, 0, 300, 40), travel_px=300.0, upwards=False)
SWITCH = Target(TargetKind.CONTROL, MOTION_FREEZE, Rect(0, 0, 100, 100))


class NotingDialogs:
    """The dialogs of a machine without a screen: what was asked is noted, nobody answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.is_open = False

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_") or name not in vars(Dialogs):
            raise AttributeError(name)
        return lambda *given: self.asked.append((name, *given))

    def close(self) -> bool:
        was_open, self.is_open = self.is_open, False
        return was_open


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
    assert bench.dialogs.asked == [("ask_value", MOTION_DRIFT), ("control_menu", CALM)]
    assert bench.hands.held is None


def test_pads_recall_and_save_with_ctrl_or_after_the_save_button(bench: Bench) -> None:
    bench.pad(3)
    assert bench.deck.pad == 3
    bench.pad(4, ctrl=True)
    bench.button(Button.SAVE)
    assert bench.hands.saving
    bench.pad(6)
    assert not bench.hands.saving
    assert bench.dialogs.asked == [("ask_name", 4, "Look 4"), ("ask_name", 6, "Abyss")]
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


def test_escape_gives_up_what_is_asked_and_only_then_panics(bench: Bench) -> None:
    store = bench.deck.store
    store.set(MASTER_FADE, 0.0, "test")
    store.set(MOTION_FREEZE, 1.0, "test")
    bench.deck.learn(MOTION_SPEED)
    bench.hands.picking = bench.hands.saving = True
    bench.hands.strike(Key.CANCEL)
    assert (bench.hands.picking, bench.hands.saving, bench.deck.learning()) == (False, False, None)
    assert store.get(MASTER_FADE) == 0.0
    bench.dialogs.is_open = True
    bench.hands.strike(Key.CANCEL)
    assert bench.deck.pad is None
    bench.hands.strike(Key.CANCEL)
    assert bench.deck.pad == 1
    assert (store.get(MASTER_FADE), store.get(MOTION_FREEZE)) == (1.0, 0.0)


def test_panic_without_a_safe_look_takes_the_defaults(bench: Bench) -> None:
    del bench.deck.names[1]
    bench.deck.store.set(MOTION_DRIFT, 0.9, "test")
    bench.hands.strike(Act.PANIC)
    assert bench.deck.store.get(MOTION_DRIFT) == 0.35


def test_blackout_brings_back_the_light_that_was(bench: Bench) -> None:
    bench.deck.store.set(MASTER_FADE, 0.7, "test")
    bench.hands.strike(Act.BLACKOUT)
    assert bench.deck.store.get(MASTER_FADE) == 0.0
    bench.hands.strike(Act.BLACKOUT)
    assert bench.deck.store.get(MASTER_FADE) == pytest.approx(0.7)


def test_solo_plays_one_mood_alone_and_gives_the_mix_back(bench: Bench) -> None:
    store = bench.deck.store
    store.set(CALM, 1.5, "test")
    solo = Target(TargetKind.SOLO, "Vibrant", Rect(0, 0, 10, 10))
    bench.press(solo)
    assert bench.hands.solo.mood == "Vibrant"
    assert (store.get(mood_bias_name("Vibrant")), store.get(CALM)) == (6.0, -6.0)
    bench.press(Target(TargetKind.SOLO, "Calm", Rect(0, 0, 10, 10)))
    assert (bench.hands.solo.mood, store.get(CALM)) == ("Calm", 6.0)
    bench.press(Target(TargetKind.SOLO, "Calm", Rect(0, 0, 10, 10)))
    assert (bench.hands.solo.mood, store.get(CALM)) == (None, 1.5)


def test_a_hand_on_a_fader_ends_the_solo_and_stays(bench: Bench) -> None:
    bench.press(Target(TargetKind.SOLO, "Calm", Rect(0, 0, 10, 10)))
    bench.deck.store.set(CALM, 2.0, "test")
    assert bench.hands.solo.mood is None
    assert bench.deck.store.get(CALM) == 2.0


def test_teaching_lasts_as_long_as_the_button_is_held(bench: Bench) -> None:
    bench.press(Target(TargetKind.TEACH, "Calm", Rect(0, 0, 10, 10)))
    bench.deck.advance(2.0)
    assert bench.deck.teaching.held == "Calm"
    bench.drag(50, 50)
    bench.hands.feel(PointerEvent(Gesture.RELEASE, 0, 0))
    assert bench.deck.teaching.held is None
    assert bench.deck.teaching.collected_s[1] == pytest.approx(2.0)


def test_the_pad_leans_on_the_mood_it_is_dragged_to_and_lets_go(bench: Bench) -> None:
    room = Rect(0, 0, 200, 200)
    pad = Target(TargetKind.MIX, "moods", room)
    bench.hands.meet([pad], corners(room, 3))
    x, y = corners(room, 3)[1]
    bench.hands.point(100, 100, [pad])
    bench.hands.feel(PointerEvent(Gesture.PRESS, 100, 100))
    bench.hands.feel(PointerEvent(Gesture.DRAG, x, y))
    store = bench.deck.store
    assert store.get(CALM) > 3.0
    assert store.get(mood_bias_name("Aggressive")) < 0.0
    bench.hands.feel(PointerEvent(Gesture.DOUBLE, x, y))
    assert store.get(CALM) == 0.0


def test_arrows_select_and_trim(bench: Bench) -> None:
    bench.hands.meet([KNOB, SWITCH, FADER], None)
    bench.hands.strike(Key.NEXT)
    bench.hands.strike(Key.RAISE)
    assert bench.deck.store.get(MOTION_DRIFT) == pytest.approx(0.36)
    bench.hands.strike(Key.LOWER, fine=True)
    assert bench.deck.store.get(MOTION_DRIFT) == pytest.approx(0.359)
    bench.hands.strike(Key.PREVIOUS)
    assert bench.hands.selected == CALM
    bench.hands.strike(Key.RAISE)
    assert bench.deck.store.get(CALM) == pytest.approx(0.12)


def test_what_was_touched_is_selected(bench: Bench) -> None:
    bench.press(FADER)
    assert bench.hands.selected == CALM


def test_tempo_lesson_prompt_and_sound_check(bench: Bench) -> None:
    for button in (Button.TAP, Button.DOUBLE, Button.HALVE, Button.HALVE, Button.LESSON, Button.COMPARE):
        bench.button(button)
    assert (bench.deck.taps, bench.deck.tempo_bpm) == (1, 63.0)
    assert (bench.deck.teaching.lessons, bench.deck.teaching.playing_taught) == (1, False)
    bench.button(Button.UNDO_LESSON)
    assert bench.deck.teaching.lessons == 0
    bench.button(Button.SOUND_CHECK)
    assert bench.deck.check.progress == 0.0
    bench.button(Button.SOUND_CHECK)
    assert bench.deck.check.progress is None
    bench.button(Button.PROMPT)
    assert bench.dialogs.asked == [("ask_prompt",)]
    bench.deck.mine_prompt("embers")
    bench.button(Button.PROMPT)
    assert bench.deck.prompt.text == ""


def test_hiding_and_the_picture_alone(bench: Bench) -> None:
    bench.hands.strike(Key.HIDE)
    assert bench.hands.hiding
    bench.hands.strike(Key.HIDE)
    bench.hands.strike(Key.PICTURE)
    assert bench.hands.hiding
    bench.hands.strike(Key.PICTURE)
    assert not bench.hands.hiding
    assert bench.dialogs.asked == [("toggle_full_screen",), ("toggle_full_screen",)]


def test_with_a_second_display_the_picture_goes_there_and_the_surface_stays(bench: Bench) -> None:
    bench.hands.strike(Key.PICTURE)
    assert bench.hands.hiding
    # Plugged in meanwhile: what was filled is given back first.
    bench.deck.displays = (Choice("eDP-1", "1280 x 800"), Choice("HDMI-A-1", "1920 x 1080"))
    bench.hands.strike(Key.PICTURE)
    assert (bench.hands.hiding, bench.deck.window_on) == (False, False)
    for on in (True, False):
        bench.hands.strike(Key.PICTURE)
        assert (bench.hands.hiding, bench.deck.window_on) == (False, on)
    assert bench.dialogs.asked == [("toggle_full_screen",), ("toggle_full_screen",)]


@pytest.mark.parametrize("button", Button)
def test_every_button_does_something(bench: Bench, button: Button) -> None:
    bench.button(button)


@pytest.mark.parametrize("key", [*Key, *Act])
def test_every_key_does_something_and_is_listed(bench: Bench, key: Key | Act) -> None:
    bench.hands.strike(key)
    # Panic has no key of its own: Esc does it where there is nothing to give up.
    assert sum(row.key is key for row in KEYS) == (key is not Act.PANIC)


def test_keys_recall_and_freeze(bench: Bench) -> None:
    bench.hands.strike(3)
    bench.hands.strike(Act.FREEZE)
    assert bench.deck.pad == 3
    assert bench.deck.store.get(MOTION_FREEZE) == 1.0
    bench.hands.strike(Act.FREEZE)
    assert bench.deck.store.get(MOTION_FREEZE) == 0.0


def test_buttons_do_what_they_say(bench: Bench) -> None:
    for button in (Button.PAUSE, Button.OPEN, Button.INPUT, Button.SETTINGS, Button.NEXT_PAGE, Button.UNDO):
        bench.button(button)
    assert bench.deck.paused
    assert bench.deck.undone == 1
    assert bench.dialogs.asked == [("choose_file",), ("input_menu",), ("show_settings",)]
    assert bench.hands.page == 1


def test_what_only_tells_more_cannot_be_pressed(bench: Bench) -> None:
    version = bench.deck.store.version
    bench.press(Target(TargetKind.INFO, Info.SOURCE.value, Rect(0, 0, 10, 10)))
    assert bench.deck.store.version == version
    assert bench.dialogs.asked == []
