import numpy as np
import pytest

from instrument.features.beat.bar_marker import KEPT_HOPS, SLOTS, UNKNOWN, BarMarker, slots_of
from instrument.features.beat.front_end import BANDS, INPUTS
from instrument.features.beat.network import load_bars


def heard(hops: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.0, 4.0, (hops, INPUTS)).astype(np.float32)


def test_a_part_has_its_mean_levels_and_its_highest_rises():
    rows = heard(40)
    slots = slots_of(rows).reshape(SLOTS, INPUTS)
    for number in range(SLOTS):
        part = rows[10 * number : 10 * (number + 1)]
        assert slots[number, :BANDS] == pytest.approx(part[:, :BANDS].mean(axis=0), rel=1e-5)
        assert slots[number, BANDS:].tolist() == part[:, BANDS:].max(axis=0).tolist()


@pytest.mark.parametrize("hops", range(1, 9))
def test_a_beat_of_few_hops_still_has_all_its_parts(hops):
    assert np.isfinite(slots_of(heard(hops))).all()


def test_only_the_hops_of_the_beat_are_looked_at():
    rows, answers = heard(KEPT_HOPS + 100), []
    for changed in (None, KEPT_HOPS + 20, KEPT_HOPS + 60):
        marker = BarMarker(load_bars())
        for number, row in enumerate(rows):
            marker.hear(row if number != changed else 2.0 * row)
        answers.append(marker.first(60.0, 20.0))
    assert 0.0 < answers[0] < 1.0
    # A beat is what lies between the hops before its own mark and before that of the next.
    assert answers[1] == answers[0] != answers[2]


def test_of_a_beat_that_was_not_heard_nothing_is_known():
    marker = BarMarker(load_bars())
    assert marker.first(40.0, 4.0) == UNKNOWN
    for row in heard(30):
        marker.hear(row)
    assert marker.first(40.0, 4.0) == UNKNOWN
    assert marker.first(20.0, 4.0) != UNKNOWN
    for _ in range(KEPT_HOPS):
        marker.rest()
    assert marker.first(float(KEPT_HOPS), 4.0) == UNKNOWN
    assert marker.first(-3.0, 4.0) == UNKNOWN


def test_reset_forgets():
    marker = BarMarker(load_bars())

    def answers() -> list[float]:
        for row in heard(200):
            marker.hear(row)
        return [marker.first(100.0 - 40.0 * number, 60.0 - 40.0 * number) for number in range(2)]

    first = answers()
    assert answers() != first
    marker.reset()
    assert answers() == first


def test_the_weights_are_small_and_whole():
    weights = load_bars()
    assert sum(array.nbytes for array in weights.values()) < 150_000
    assert all(np.isfinite(array).all() and array.dtype == np.float32 for array in weights.values())
