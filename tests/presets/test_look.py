"""One look in memory and on disk."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.errors import PresetError
from instrument.presets.look import Look, load_look, save_look

NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
LOOKS = st.builds(Look, NAMES, st.none() | st.integers(1, 8), st.dictionaries(NAMES, FLOATS, max_size=6))


@given(LOOKS)
def test_round_trip_is_exact_to_the_bit(tmp_path_factory, look):
    path = tmp_path_factory.mktemp("looks") / "x.json"
    save_look(look, path)
    back = load_look(path)
    assert back == look
    assert all(math.copysign(1, back.values[name]) == math.copysign(1, look.values[name]) for name in look.values)


def test_a_look_does_not_change():
    values = {"a": 1.0}
    look = Look("Ember", 3, values)
    values["a"] = 2.0
    assert look.values["a"] == 1.0
    with pytest.raises(TypeError):
        look.values["a"] = 3.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "pad", "values"),
    [
        ("", 1, {}),
        ("  ", 1, {}),
        ("a\nb", 1, {}),
        ("a", 0, {}),
        ("a", 9, {}),
        ("a", 1, {"x": math.nan}),
        ("a", 1, {"x": math.inf}),
    ],
)
def test_what_is_no_look_is_refused(name, pad, values):
    with pytest.raises(PresetError):
        Look(name, pad, values)


GOOD = {"format": "latent-instrument look", "version": 1, "name": "Ember", "pad": 3, "values": {"picture.zoom": 1}}
BROKEN = {
    "future": GOOD | {"version": 2},
    "foreign": GOOD | {"format": "latent-instrument midi map"},
    "no name": GOOD | {"name": None},
    "two lines": GOOD | {"name": "a\nb"},
    "pad 0": GOOD | {"pad": 0},
    "pad text": GOOD | {"pad": "3"},
    "pad true": GOOD | {"pad": True},
    "pad list": GOOD | {"pad": [1]},
    "no values": GOOD | {"values": None},
    "values list": GOOD | {"values": [1.0]},
    "NaN": GOOD | {"values": {"picture.zoom": math.nan}},
    "infinite": GOOD | {"values": {"picture.zoom": math.inf}},
    "too large": GOOD | {"values": {"picture.zoom": 10**400}},
    "text": GOOD | {"values": {"picture.zoom": "1"}},
    "switch": GOOD | {"values": {"picture.zoom": True}},
    "nothing": GOOD | {"values": {"picture.zoom": None}},
    "parameter of two lines": GOOD | {"values": {"a\nb": 1.0}},
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_looks_are_one_clear_line(tmp_path, case):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(BROKEN[case]))
    with pytest.raises(PresetError, match=r"^x\.json ") as caught:
        load_look(path)
    assert "\n" not in str(caught.value)


def test_a_number_too_large_for_a_float_is_refused(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(GOOD).replace('"picture.zoom": 1', '"picture.zoom": 1e400'))
    with pytest.raises(PresetError, match=r"picture\.zoom"):
        load_look(path)


def test_the_good_one_is_good_and_a_whole_number_is_a_float(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(GOOD))
    look = load_look(path)
    assert look == Look("Ember", 3, {"picture.zoom": 1.0})
    assert isinstance(look.values["picture.zoom"], float)
