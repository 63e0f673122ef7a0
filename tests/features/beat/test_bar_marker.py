import numpy as np

from instrument.features.beat.bar_marker import UNKNOWN, BarMarker
from instrument.features.beat.beat_sketch import VALUES
from instrument.features.beat.network import load_bars

SKETCHES = np.random.default_rng(0).uniform(0.0, 2.0, (2, VALUES)).astype(np.float32)


def test_of_a_beat_that_was_not_heard_nothing_is_known():
    marker = BarMarker(load_bars())
    assert marker.first(None) == UNKNOWN
    said = marker.first(SKETCHES[0])
    assert 0.0 < said < 1.0
    assert said != UNKNOWN


def test_reset_forgets():
    marker = BarMarker(load_bars())
    first = [marker.first(sketch) for sketch in SKETCHES]
    assert [marker.first(sketch) for sketch in SKETCHES] != first
    marker.reset()
    assert [marker.first(sketch) for sketch in SKETCHES] == first


def test_the_weights_are_small_and_whole():
    weights = load_bars()
    assert sum(array.nbytes for array in weights.values()) < 200_000
    assert all(np.isfinite(array).all() and array.dtype == np.float32 for array in weights.values())
