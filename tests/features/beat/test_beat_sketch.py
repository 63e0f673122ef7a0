import numpy as np
import pytest

from instrument.features.beat.beat_sketch import HALVES, SLOTS, VALUES, BeatSketcher, slots_of
from instrument.features.beat.front_end import BANDS, INPUTS
from instrument.features.beat.pitches import PITCHES

HOPS = 40
HARMONY = slice(SLOTS * INPUTS, SLOTS * INPUTS + 2 * HALVES)
TIMBRE = slice(HARMONY.stop, HARMONY.stop + 2 * HALVES)


def heard(hops: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.0, 4.0, (hops, INPUTS)).astype(np.float32)


def chord(*pitches: int) -> np.ndarray:
    row = np.zeros(PITCHES, np.float32)
    row[list(pitches)] = 3.0
    return row


def likeness(halves: list[np.ndarray]) -> np.ndarray:
    """``(beats, 2, HALVES)``: how like the half before, the one before that... each half of a beat is."""
    sketcher = BeatSketcher()
    found = []
    for first, second in zip(halves[::2], halves[1::2], strict=True):
        pitches = np.repeat(np.stack([first, second]), HOPS // 2, axis=0)
        found.append(sketcher.sketch(heard(HOPS), pitches)[HARMONY].reshape(2, HALVES))
    return np.array(found)


def test_a_part_has_its_mean_levels_and_its_highest_rises():
    rows = heard(10 * SLOTS)
    found = slots_of(rows).reshape(SLOTS, INPUTS)
    for number in range(SLOTS):
        part = rows[10 * number : 10 * (number + 1)]
        assert found[number, :BANDS] == pytest.approx(part[:, :BANDS].mean(axis=0), rel=1e-5)
        assert found[number, BANDS:].tolist() == part[:, BANDS:].max(axis=0).tolist()


@pytest.mark.parametrize("hops", range(1, 10))
def test_a_beat_of_few_hops_is_sketched_all_the_same(hops):
    sketch = BeatSketcher().sketch(heard(hops), np.ones((hops, PITCHES), np.float32))
    assert sketch.shape == (VALUES,)
    assert sketch.dtype == np.float32
    assert np.isfinite(sketch).all()


def test_a_chord_that_stays_is_like_itself_and_another_is_not():
    here, there = chord(20, 24, 27), chord(22, 25, 29)
    found = likeness([here, here, here, there, there, there])
    assert found[1, 0, :2] == pytest.approx(1.0, abs=0.01)
    assert (found[1, 1, :3] < 0.3).all()
    assert found[2, :, 0] == pytest.approx(1.0, abs=0.01)
    assert (found[2, 0, 1:4] < 0.3).all()


def test_what_comes_again_every_two_beats_shows_it():
    changes = [chord(10 + 3 * number, 14 + 3 * number, 35 - 2 * number) for number in range(4)]
    found = likeness(changes * 6)[-1]
    every = found[:, 3::4]
    assert every == pytest.approx(1.0, abs=0.01)
    assert np.delete(found, [3, 7, 11, 15], axis=1).max() < 0.8


def test_the_key_does_not_matter():
    rng = np.random.default_rng(3)
    chords = [chord(*rng.integers(14, 40, 4)) for _ in range(12)]
    higher = [np.roll(row, 5) for row in chords]
    assert likeness(higher) == pytest.approx(likeness(chords), abs=0.02)


def test_what_was_before_all_is_like_nothing():
    found = likeness([chord(20)] * 4)
    assert found[0, 0] == pytest.approx(0.0)
    assert found[0, 1, 1:] == pytest.approx(0.0)
    assert found[1, 1, :4] == pytest.approx([1.0, 1.0, 1.0, 0.0], abs=0.01)


def test_timbre_that_alternates_is_heard_as_such():
    sketcher = BeatSketcher()
    low, high = np.zeros((HOPS, INPUTS), np.float32), np.zeros((HOPS, INPUTS), np.float32)
    low[:, : BANDS // 2] = high[:, BANDS // 2 : BANDS] = 3.0
    still = np.zeros((HOPS, PITCHES), np.float32)
    for rows in (low, high, low, high):
        found = sketcher.sketch(rows, still)[TIMBRE].reshape(2, HALVES)
    assert found[1, :4] == pytest.approx([1.0, -1.0, -1.0, 1.0], abs=0.01)
    assert not sketcher.sketch(low, still)[HARMONY].any()


def test_a_longer_beat_says_so_and_a_reset_forgets():
    sketcher = BeatSketcher()
    pitches = np.ones((2 * HOPS, PITCHES), np.float32) * chord(20)
    first = sketcher.sketch(heard(HOPS), pitches[:HOPS])
    longer = sketcher.sketch(np.repeat(heard(HOPS), 2, axis=0), pitches)
    assert longer[-1] - first[-1] == pytest.approx(np.log(2.0))
    assert longer[HARMONY].any()
    sketcher.reset()
    assert sketcher.sketch(heard(HOPS), pitches[:HOPS]).tolist() == first.tolist()
