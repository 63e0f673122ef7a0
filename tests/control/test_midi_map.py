"""Maps in memory and on disk."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.control.map_files import MapFolder, load_map, map_file_name, save_map
from instrument.control.midi_map import KINDS, Binding, MidiMap
from instrument.errors import ControlError

NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
BINDINGS = st.builds(Binding, NAMES, st.sampled_from(sorted(KINDS)), st.integers(0, 15), st.integers(0, 127))
MAPS = st.dictionaries(BINDINGS, NAMES, max_size=8).map(MidiMap)
KNOB = Binding("K", "control", 0, 16)
OTHER = Binding("K", "control", 0, 17)


@given(MAPS, BINDINGS, NAMES, NAMES)
def test_one_control_rides_one_parameter_the_last_it_was_bound_to(midi_map, binding, first, second):
    bound = midi_map.bind(binding, first).bind(binding, second)
    assert bound.lookup(binding) == second
    assert bound == midi_map.bind(binding, second)
    assert bound.unbind(binding).lookup(binding) is None
    assert bound.unbind(binding) == midi_map.unbind(binding)


@given(MAPS)
def test_bindings_of_is_lookup_backwards(midi_map):
    for name in set(midi_map.entries.values()):
        assert all(midi_map.lookup(binding) == name for binding in midi_map.bindings_of(name))
    assert sum(len(midi_map.bindings_of(name)) for name in set(midi_map.entries.values())) == len(midi_map.entries)


def test_a_parameter_may_have_several_controls_and_maps_do_not_change():
    empty = MidiMap()
    both = empty.bind(OTHER, "motion.speed").bind(KNOB, "motion.speed")
    assert both.bindings_of("motion.speed") == (KNOB, OTHER)
    assert empty == MidiMap()
    with pytest.raises(TypeError):
        both.entries[KNOB] = "x"  # type: ignore[index]


@given(MAPS)
def test_round_trip_over_a_folder(tmp_path_factory, midi_map):
    folder = tmp_path_factory.mktemp("maps")
    devices = {binding.device for binding in midi_map.entries}
    out = MapFolder(folder)
    out.load()
    for device in devices:
        out.save(device, midi_map)
    back = MapFolder(folder)
    assert back.load() == midi_map
    assert back.troubles == ()
    assert len(list(folder.iterdir())) == len(devices)


def test_a_device_without_bindings_stays_without(tmp_path):
    save_map(tmp_path / "k.json", "K", MidiMap())
    assert load_map(tmp_path / "k.json") == ("K", MidiMap())


@given(NAMES, NAMES)
def test_devices_have_files_of_their_own_even_where_case_does_not_count(one, other):
    if one != other:
        assert map_file_name(one).lower() != map_file_name(other).lower()


def good() -> dict:
    row = {"kind": "control", "channel": 0, "number": 16, "parameter": "motion.speed"}
    return {"format": "latent-instrument midi map", "version": 1, "device": "K", "bindings": [row]}


def with_row(**changes: object) -> dict:
    document = good()
    document["bindings"][0].update(changes)
    return document


BROKEN = {
    "future": good() | {"version": 2},
    "foreign": good() | {"format": "latent-instrument look"},
    "no device": good() | {"device": ""},
    "no list": good() | {"bindings": {}},
    "row no object": good() | {"bindings": [7]},
    "twice": good() | {"bindings": good()["bindings"] * 2},
    "kind": with_row(kind="pitch"),
    "kind not text": with_row(kind=["control"]),
    "channel": with_row(channel=16),
    "channel true": with_row(channel=True),
    "number": with_row(number=-1),
    "number broken": with_row(number=1.5),
    "parameter": with_row(parameter=None),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_one_line_and_left_as_it_was(tmp_path, case):
    path = tmp_path / map_file_name("K")
    path.write_text(json.dumps(BROKEN[case]))
    before = path.read_bytes()
    with pytest.raises(ControlError) as caught:
        load_map(path)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)
    folder = MapFolder(tmp_path)
    assert folder.load() == MidiMap()
    assert len(folder.troubles) == 1
    folder.save("K", MidiMap().bind(KNOB, "motion.speed"))
    assert path.with_name(path.name + ".kept").read_bytes() == before
    assert MapFolder(tmp_path).load().lookup(KNOB) == "motion.speed"


def test_the_good_row_is_good(tmp_path):
    (tmp_path / "k.json").write_text(json.dumps(good()))
    assert load_map(tmp_path / "k.json") == ("K", MidiMap({KNOB: "motion.speed"}))


def test_a_map_goes_back_to_the_file_it_came_from(tmp_path):
    (tmp_path / "my knobs.json").write_text(json.dumps(good()))
    folder = MapFolder(tmp_path)
    folder.save("K", folder.load().unbind(KNOB))
    assert [path.name for path in tmp_path.iterdir()] == ["my knobs.json"]
    assert MapFolder(tmp_path).load() == MidiMap()


def test_of_two_files_for_one_device_the_first_counts_and_the_other_is_told(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(good()))
    (tmp_path / "b.json").write_text(json.dumps(with_row(parameter="picture.zoom")))
    folder = MapFolder(tmp_path)
    assert folder.load().lookup(KNOB) == "motion.speed"
    assert folder.troubles == ("MIDI map left out: b.json is for K, as is a.json",)


def test_a_folder_that_cannot_be_written_is_a_control_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ControlError, match="cannot be written"):
        MapFolder(tmp_path / "file").save("K", MidiMap())
