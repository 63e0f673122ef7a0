import numpy as np
import pytest

from instrument.features.beat.beat_checker import HEARD_FROM, BeatChecker
from instrument.features.beat.beat_sketch import VALUES
from instrument.features.beat.network import load_checks
from instrument.features.beat.passed_beats import PassedBeats
from instrument.tools.beats.hearing import hear
from tests.features.beat.conftest import SAMPLE_RATE, drums, steady_beats

HOP = 512
STEP_S = HOP / SAMPLE_RATE


def checks(every: float, late: float, tempo_bpm: float = 112.0) -> list[tuple[float, float] | None]:
    """What is said of drums if one in `every` beats is played, `late` periods after it."""
    rows = zip(*hear(drums(steady_beats(tempo_bpm, 20.0), 20.0), SAMPLE_RATE, HOP), strict=True)
    played = (np.arange(1.0 + late, 34.0, every) * 60.0 / tempo_bpm + 0.3 + 0.035) / STEP_S - 1.0
    passed = PassedBeats()
    checker = BeatChecker(load_checks())
    said, number = [], 0
    for hop, (inputs, pitches) in enumerate(rows):
        passed.hear(inputs, pitches)
        if number + 1 < len(played) and hop >= played[number + 1] + 6.0:
            check = checker.check(passed.sketch(hop - played[number], hop - played[number + 1]))
            said.append(check and (check.on_beat, check.half_way))
            number += 1
    return said


@pytest.mark.parametrize(
    ("every", "late", "on_beat", "half_way"), [(1.0, 0.0, 1, 0), (1.0, 0.5, 0, 1), (2.0, 0.0, 1, 1)]
)
def test_it_knows_drums_on_the_beat_beside_it_and_at_half_the_tempo(every, late, on_beat, half_way):
    said = checks(every, late)
    assert said[: HEARD_FROM - 1] == [None] * (HEARD_FROM - 1)
    later = np.array(said[8:])
    assert np.round(np.mean(later, axis=0)).tolist() == [on_beat, half_way]


def test_at_twice_the_tempo_every_other_one_is_none():
    said = np.array(checks(0.5, 0.0)[8:])[:, 0]
    found = np.sort([np.mean(said[0::2]), np.mean(said[1::2])])
    assert found[0] < 0.5 < found[1]


def test_after_a_reset_it_waits_again():
    checker = BeatChecker(load_checks())
    sketches = np.random.default_rng(0).uniform(0.0, 2.0, (HEARD_FROM + 1, VALUES)).astype(np.float32)
    first = [checker.check(sketch) for sketch in sketches]
    assert [check is None for check in first] == [True] * (HEARD_FROM - 1) + [False] * 2
    checker.reset()
    assert [checker.check(sketch) for sketch in sketches] == first
    assert checker.check(None) is None


def test_the_weights_are_small_and_whole():
    weights = load_checks()
    assert sum(array.nbytes for array in weights.values()) < 400_000
    assert all(np.isfinite(array).all() and array.dtype == np.float32 for array in weights.values())
