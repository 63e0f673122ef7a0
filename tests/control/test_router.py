"""Events become parameter changes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.control.events import ControlEvent
from instrument.control.map_files import MapFolder, map_file_name, save_map
from instrument.control.midi_map import Binding, MidiMap
from instrument.control.router import Router
from instrument.errors import ParameterError
from instrument.params.store import ParamStore
from instrument.params.table import INPUT_GAIN, MOTION_DRIFT, MOTION_FREEZE, PAN_X, TRUNCATION, build_table

CONTROLS = {PAN_X: 16, TRUNCATION: 17, MOTION_FREEZE: 18, "mood.of_another_checkpoint.bias": 19}
PAD = Binding("K", "note", 9, 36)


def control(number: int, value: int, device: str = "K") -> ControlEvent:
    return ControlEvent(device, "control", 0, number, value / 127, 0.0)


def note(number: int, velocity: int) -> ControlEvent:
    return ControlEvent("K", "note", 9, number, velocity / 127, 0.0)


def bound() -> MidiMap:
    return MidiMap({Binding("K", "control", 0, number): name for name, number in CONTROLS.items()})


@pytest.fixture
def store():
    return ParamStore(build_table(["Calm"]))


@pytest.fixture
def router(store, tmp_path):
    save_map(tmp_path / map_file_name("K"), "K", bound().bind(PAD, MOTION_FREEZE))
    return Router(store, tmp_path)


def test_a_control_sets_its_parameter_over_the_whole_range(router, store):
    for value, expected in ((0, -0.5), (127, 0.5), (63, 63 / 127 - 0.5)):
        router.process([control(16, value)])
        assert store.get(PAN_X) == pytest.approx(expected)
    assert [change.sender for change in store.changes_since(0)] == ["midi"]


def test_the_last_word_of_a_batch_counts_and_comes_as_one_change(router, store):
    router.process([control(16, 1), control(17, 0), control(16, 127)])
    assert (store.get(PAN_X), store.get(TRUNCATION)) == (0.5, 0.0)
    assert store.version == 2


def test_what_is_not_bound_or_not_known_here_moves_nothing(router, store):
    router.process([control(16, 9, device="L"), control(99, 9), note(99, 9), control(19, 127)])
    assert store.version == 0
    assert router.bindings_of("mood.of_another_checkpoint.bias") == (Binding("K", "control", 0, 19),)


def test_a_switch_follows_a_control_past_the_middle(router, store):
    for value, expected in ((63, 0.0), (64, 1.0), (127, 1.0), (0, 0.0)):
        router.process([control(18, value)])
        assert store.get(MOTION_FREEZE) == expected


@given(st.lists(st.lists(st.integers(0, 127))))
def test_a_note_turns_a_switch_over_at_every_press_however_they_are_batched(tmp_path_factory, batches):
    folder = tmp_path_factory.mktemp("maps")
    save_map(folder / map_file_name("K"), "K", MidiMap({PAD: MOTION_FREEZE}))
    store = ParamStore(build_table([]))
    router = Router(store, folder)
    for velocities in batches:
        router.process([note(36, velocity) for velocity in velocities])
    presses = sum(velocity > 0 for velocities in batches for velocity in velocities)
    assert store.get(MOTION_FREEZE) == presses % 2


def test_a_note_on_a_range_is_its_velocity_and_stays_when_released(router, store, tmp_path):
    router.learn(MOTION_DRIFT)
    router.process([note(40, 100)])
    router.process([note(40, 0)])
    assert store.get(MOTION_DRIFT) == pytest.approx(100 / 127)


def test_learning_binds_saves_and_lasts(router, store, tmp_path):
    router.learn(INPUT_GAIN)
    assert router.learning == INPUT_GAIN
    router.process([control(21, 10), control(16, 127)])
    assert store.version == 0, "nothing else moves while a control is chosen"
    router.process([control(21, 20), control(16, 127)])
    assert router.learning is None
    assert store.get(INPUT_GAIN) == pytest.approx(-24 + 48 * 20 / 127)
    assert store.get(PAN_X) == 0.5
    assert Router(store, tmp_path).bindings_of(INPUT_GAIN) == (Binding("K", "control", 0, 21),)


def test_a_control_learned_for_another_parameter_leaves_the_first(router, store, tmp_path):
    router.process([control(16, 0)])
    router.learn(MOTION_DRIFT)
    router.process([control(16, 127)])
    assert (store.get(PAN_X), store.get(MOTION_DRIFT)) == (-0.5, 1.0)
    again = Router(store, tmp_path)
    assert again.bindings_of(PAN_X) == ()
    assert again.bindings_of(MOTION_DRIFT) == (Binding("K", "control", 0, 16),)


def test_cancelled_learning_binds_nothing(router, store):
    router.learn(INPUT_GAIN)
    router.cancel()
    router.process([control(21, 0), control(21, 127)])
    assert (router.learning, router.bindings_of(INPUT_GAIN)) == (None, ())


def test_an_unknown_parameter_cannot_be_learned(router):
    with pytest.raises(ParameterError):
        router.learn("motion.sped")
    assert router.learning is None


def test_forgetting_takes_every_control_off_and_lasts(router, store, tmp_path):
    assert len(router.bindings_of(MOTION_FREEZE)) == 2
    router.forget(MOTION_FREEZE)
    assert router.bindings_of(MOTION_FREEZE) == ()
    again = Router(store, tmp_path)
    assert again.bindings_of(MOTION_FREEZE) == ()
    assert again.bindings_of("mood.of_another_checkpoint.bias"), "unknown parameters are kept"


def test_a_map_that_cannot_be_saved_still_plays_and_is_told(store, tmp_path):
    (tmp_path / "midi").write_text("a file where the folder should be")
    router = Router(store, tmp_path / "midi")
    router.learn(PAN_X)
    router.process([note(1, 127)])
    assert store.get(PAN_X) == 0.5
    (trouble,) = router.troubles
    assert trouble.startswith("MIDI map not saved: ")


def test_a_broken_map_is_told_and_the_others_play(store, tmp_path):
    save_map(tmp_path / map_file_name("K"), "K", bound())
    (tmp_path / "broken.json").write_text("{")
    router = Router(store, tmp_path)
    router.process([control(16, 127)])
    assert store.get(PAN_X) == 0.5
    assert router.troubles == ("MIDI map left out: broken.json is not JSON",)


def test_the_file_is_plain_json(router, tmp_path):
    router.forget(PAN_X)
    document = json.loads((tmp_path / map_file_name("K")).read_text())
    assert document["format"] == "latent-instrument midi map"
    assert {row["parameter"] for row in document["bindings"]} == {*CONTROLS, MOTION_FREEZE} - {PAN_X}
    assert MapFolder(tmp_path).load().lookup(PAD) == MOTION_FREEZE
