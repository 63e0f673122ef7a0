import numpy as np
import pytest

from instrument.features.beat.bars import BarCounter
from instrument.features.rhythm import BEATS_IN_BAR


def count(bars: BarCounter, firsts: list[float], beats: int, start: int = 0) -> list[int]:
    """Places counted while it is said, again and again, how likely each beat began a bar, from the beat `start`."""
    places = []
    for number in range(start, start + beats):
        places.append(bars.place)
        bars.beat(firsts[number % len(firsts)])
    return places


@pytest.mark.parametrize("start", range(4))
def test_the_first_beat_is_found_among_some_that_differ_little(start):
    places = count(BarCounter(), [0.7, 0.35, 0.5, 0.4], 48, start)
    assert places[-4:] == [(start + number) % 4 for number in range(44, 48)]


def test_beats_alike_move_nothing():
    rng = np.random.default_rng(0)
    bars = BarCounter()
    places = [count(bars, [float(rng.normal(0.5, 0.05))], 1)[0] for _ in range(200)]
    assert places == [number % BEATS_IN_BAR for number in range(200)]


def test_what_a_hand_said_outlasts_a_few_beats():
    bars = BarCounter()
    bars.begin(0)
    assert count(bars, [0.5, 0.5, 0.8, 0.5], 8) == [0, 1, 2, 3, 0, 1, 2, 3]
