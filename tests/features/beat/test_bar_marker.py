import numpy as np

from instrument.features.beat.bar_marker import UNKNOWN, BarMarker
from instrument.features.beat.front_end import INPUTS
from instrument.features.beat.network import load_bars
from instrument.features.beat.passed_beats import PassedBeats


def test_of_a_beat_that_was_not_heard_nothing_is_known():
    passed = PassedBeats()
    marker = BarMarker(passed, load_bars())
    assert marker.first(40.0, 4.0) == UNKNOWN
    for row in np.random.default_rng(0).uniform(0.0, 4.0, (50, INPUTS)).astype(np.float32):
        passed.hear(row)
    assert 0.0 < marker.first(40.0, 4.0) < 1.0
    assert marker.first(40.0, 4.0) != UNKNOWN


def test_reset_forgets():
    passed = PassedBeats()
    marker = BarMarker(passed, load_bars())
    for row in np.random.default_rng(0).uniform(0.0, 4.0, (200, INPUTS)).astype(np.float32):
        passed.hear(row)

    def answers() -> list[float]:
        return [marker.first(100.0 - 40.0 * number, 60.0 - 40.0 * number) for number in range(2)]

    first = answers()
    assert answers() != first
    marker.reset()
    assert answers() == first


def test_the_weights_are_small_and_whole():
    weights = load_bars()
    assert sum(array.nbytes for array in weights.values()) < 150_000
    assert all(np.isfinite(array).all() and array.dtype == np.float32 for array in weights.values())
