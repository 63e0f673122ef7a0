"""Learning takes the control a hand moves, and no other."""

from hypothesis import given
from hypothesis import strategies as st

from instrument.control.events import ControlEvent
from instrument.control.learn import Learned, LearnState
from instrument.control.midi_map import Binding

ARMED = LearnState().arm("motion.speed", {})


def control(number: int, value: int) -> ControlEvent:
    return ControlEvent("K", "control", 0, number, value / 127, 0.0)


def note(number: int, velocity: int) -> ControlEvent:
    return ControlEvent("K", "note", 9, number, velocity / 127, 0.0)


def hear_all(state: LearnState, events: list[ControlEvent]) -> tuple[LearnState, list[Learned]]:
    outcomes = []
    for event in events:
        state, learned = state.hear(event)
        outcomes += [learned] if learned else []
    return state, outcomes


def test_the_first_word_of_a_control_is_its_rest_and_three_steps_are_a_move():
    state, learned = hear_all(ARMED, [control(16, 60), control(16, 61), control(16, 62)])
    assert learned == []
    state, learned = hear_all(state, [control(16, 63), control(17, 0), control(17, 127)])
    assert learned == [Learned("motion.speed", Binding("K", "control", 0, 16))]
    assert state == LearnState()


def test_a_known_rest_counts_so_that_a_button_is_learned_on_its_first_press():
    button = Binding("K", "control", 0, 41)
    _, learned = LearnState().arm("motion.freeze", {button: 0.0}).hear(control(41, 127))
    assert learned == Learned("motion.freeze", button)


def test_a_note_is_learned_when_pressed_not_when_released():
    state, learned = hear_all(ARMED, [note(36, 0)])
    assert (state.parameter, learned) == ("motion.speed", [])
    _, learned = hear_all(state, [note(36, 1)])
    assert learned == [Learned("motion.speed", Binding("K", "note", 9, 36))]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([63, 64, 65]))))
def test_flicker_is_never_learned(moves):
    state, learned = hear_all(ARMED, [control(number, value) for number, value in moves])
    assert learned == []
    assert state.parameter == "motion.speed"


@given(st.integers(0, 127), st.integers(0, 127))
def test_three_of_a_controllers_steps_are_a_move_wherever_it_stands(rest, value):
    _, learned = hear_all(ARMED, [control(5, rest), control(5, value)])
    assert bool(learned) == (abs(value - rest) >= 3)


@given(
    st.lists(
        st.builds(control, st.integers(0, 3), st.integers(0, 127))
        | st.builds(note, st.integers(0, 3), st.integers(0, 127))
    )
)
def test_armed_once_binds_once_at_most_and_idle_never(events):
    state, learned = hear_all(ARMED, events)
    assert len(learned) <= 1
    assert (state == LearnState()) == bool(learned)
    assert hear_all(LearnState(), events) == (LearnState(), [])


def test_cancelled_is_idle():
    assert ARMED.cancel() == LearnState()
