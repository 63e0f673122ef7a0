"""From a controller in another process to the parameter, without any surface."""

import pytest

from instrument.clock import SystemClock
from instrument.control.events import ControlEvent
from instrument.control.hands import Hands
from instrument.params.store import ParamStore
from instrument.params.table import MOTION_FREEZE, PAN_X, ZOOM, build_table


@pytest.fixture
def store():
    return ParamStore(build_table(["Calm"]))


def event(number: int, position: float, kind: str = "control") -> ControlEvent:
    return ControlEvent("K", kind, 0, number, position, 0.0)


@pytest.mark.jack
def test_a_knob_is_learned_played_and_known_after_a_restart(plug, store, tmp_path, wait_until):
    controller = plug("Fake nanoKONTROL")
    hands = Hands(store, SystemClock(), tmp_path / "midi")
    hands.start()
    try:
        wait_until(lambda: hands.connected == (controller.name,))
        hands.learn(PAN_X)
        controller.say((0xB0, 16, 0), (0xB0, 16, 40))
        wait_until(lambda: hands.learning is None)
        hands.learn(ZOOM)
        controller.say((0xB1, 17, 0), (0xB1, 17, 127))
        wait_until(lambda: store.get(ZOOM) == 2.0)
    finally:
        hands.close()
    assert (hands.badge(PAN_X), hands.badge(ZOOM), hands.badge(MOTION_FREEZE)) == ("CC 16", "CC 17 ch 2", "")

    again = Hands(store, SystemClock(), tmp_path / "midi")
    again.start()
    try:
        wait_until(lambda: again.connected == (controller.name,))

        def turned_up_and_down() -> bool:
            # As often as it takes: JACK loses what comes while somebody is late, on a machine that is busy.
            if (store.get(PAN_X), store.get(ZOOM)) == (0.5, 0.5):
                return True
            controller.say(*[(0xB0, 16, value) for value in range(128)], (0xB1, 17, 0))
            return False

        wait_until(turned_up_and_down)
    finally:
        again.close()
    assert again.connected == ()


def test_without_midi_what_is_put_in_the_inbox_still_plays(store, tmp_path, wait_until):
    hands = Hands(store, SystemClock(), tmp_path, midi=False)
    hands.start()
    hands.learn(MOTION_FREEZE)
    hands.inbox.put(event(36, 1.0, "note"))
    wait_until(lambda: store.get(MOTION_FREEZE) == 1.0)
    hands.close()
    hands.close()
    assert (hands.state, hands.connected, hands.troubles) == ("MIDI is off", (), ())


def test_an_event_that_cannot_be_followed_does_not_take_the_hands_off(store, tmp_path, wait_until, caplog):
    hands = Hands(store, SystemClock(), tmp_path, midi=False)
    hands.start()
    hands.learn(PAN_X)
    hands.inbox.put(event(1, 1.0, "note"))
    wait_until(lambda: hands.learning is None)
    hands.inbox.put(event(1, float("nan"), "note"))
    wait_until(lambda: bool(hands.troubles))
    hands.inbox.put(event(1, 0.75, "note"))
    wait_until(lambda: store.get(PAN_X) == 0.25)
    hands.close()
    assert hands.troubles == ("1 times a controller could not be followed",)
    assert "could not be followed" in caplog.text
