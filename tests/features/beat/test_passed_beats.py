import numpy as np
import pytest

from instrument.features.beat.front_end import BANDS, INPUTS
from instrument.features.beat.passed_beats import KEPT_HOPS, PassedBeats, slots_of


def heard(hops: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.0, 4.0, (hops, INPUTS)).astype(np.float32)


@pytest.mark.parametrize("slots", [4, 8])
def test_a_part_has_its_mean_levels_and_its_highest_rises(slots):
    rows = heard(10 * slots)
    found = slots_of(rows, slots).reshape(slots, INPUTS)
    for number in range(slots):
        part = rows[10 * number : 10 * (number + 1)]
        assert found[number, :BANDS] == pytest.approx(part[:, :BANDS].mean(axis=0), rel=1e-5)
        assert found[number, BANDS:].tolist() == part[:, BANDS:].max(axis=0).tolist()


@pytest.mark.parametrize("hops", range(1, 10))
def test_a_beat_of_few_hops_still_has_all_its_parts(hops):
    assert np.isfinite(slots_of(heard(hops), 8)).all()


def test_a_beat_is_what_lies_between_the_hops_before_its_mark_and_before_the_next():
    passed, rows = PassedBeats(), heard(KEPT_HOPS + 100)
    for row in rows:
        passed.hear(row)
    found = passed.between(60.0, 20.0)
    assert found is not None
    assert found.tolist() == rows[len(rows) - 62 : len(rows) - 22].tolist()


def test_what_was_not_heard_or_is_forgotten_is_not_given():
    passed = PassedBeats()
    assert passed.between(40.0, 4.0) is None
    for row in heard(30):
        passed.hear(row)
    assert passed.between(40.0, 4.0) is None
    assert passed.between(20.0, 4.0) is not None
    assert passed.between(4.0, 20.0) is None
    for _ in range(KEPT_HOPS):
        passed.rest()
    assert passed.between(float(KEPT_HOPS), 4.0) is None
    rested = passed.between(100.0, 4.0)
    assert rested is not None
    assert not rested.any()
    passed.reset()
    assert passed.between(20.0, 4.0) is None
