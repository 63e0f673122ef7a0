import numpy as np

from instrument.features.beat.beat_sketch import BeatSketcher
from instrument.features.beat.front_end import INPUTS
from instrument.features.beat.passed_beats import KEPT_HOPS, PassedBeats
from instrument.features.beat.pitches import PITCHES


def rows_of(hops: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.0, 4.0, (hops, INPUTS + PITCHES)).astype(np.float32)


def fill(passed: PassedBeats, rows: np.ndarray) -> None:
    for row in rows:
        passed.hear(row[:INPUTS], row[INPUTS:])


def test_a_beat_is_what_lies_between_the_hops_before_its_mark_and_before_the_next():
    passed, rows = PassedBeats(), rows_of(KEPT_HOPS + 100)
    fill(passed, rows)
    found = passed.between(60.0, 20.0)
    assert found is not None
    expected = rows[len(rows) - 62 : len(rows) - 22]
    assert found.tolist() == expected.tolist()
    sketch = passed.sketch(60.0, 20.0)
    assert sketch is not None
    assert sketch.tolist() == BeatSketcher().sketch(expected[:, :INPUTS], expected[:, INPUTS:]).tolist()


def test_what_was_not_heard_or_is_forgotten_is_not_given():
    passed = PassedBeats()
    assert passed.sketch(40.0, 4.0) is None
    fill(passed, rows_of(30))
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


def test_other_beats_are_not_compared_with_those_before():
    passed, rows = PassedBeats(), rows_of(KEPT_HOPS)
    fill(passed, rows)
    first, second = passed.sketch(60.0, 20.0), passed.sketch(60.0, 20.0)
    assert first is not None
    assert second is not None
    assert first.tolist() != second.tolist()
    passed.forget()
    again = passed.sketch(60.0, 20.0)
    assert again is not None
    assert again.tolist() == first.tolist()
