"""Clipping is told where it is, and the automatic gain leaves usual music alone."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.features.input_level import (
    CLIP_SHOWN_S,
    CLIP_SPAN_S,
    HIGHEST_USUAL_DB,
    LARGEST_GAIN_DB,
    LOWEST_USUAL_DB,
    AutoGain,
    ClipDetector,
)
from instrument.units import amplitude_to_db, db_to_amplitude

Floats = npt.NDArray[np.float32]
RATE = 8_000
SPAN = round(CLIP_SPAN_S * RATE)


def music(level_db: float, seconds: float, seed: int = 0) -> Floats:
    """Noise whose loudness wanders by a few dB, ``(n, 2)``."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE)
    wander = np.repeat(10.0 ** (rng.uniform(-4.0, 4.0, count // 800 + 1) / 20.0), 800)[:count]
    sound = rng.standard_normal((count, 2)) * wander[:, None] * db_to_amplitude(level_db)
    return sound.astype(np.float32)


@pytest.mark.parametrize(("at_full_scale", "clips"), [(0, False), (1, True), (40, True)])
def test_a_thousandth_at_full_scale_clips(at_full_scale: int, clips: bool) -> None:
    sound = np.full((SPAN, 2), 0.5, np.float32)
    sound[:at_full_scale, 1] = -1.0
    assert ClipDetector(RATE).process(sound) is clips


def test_below_a_thousandth_does_not() -> None:
    detector = ClipDetector(48_000)
    sound = np.zeros((round(CLIP_SPAN_S * 48_000), 1), np.float32)
    sound[:4] = 1.0
    assert not detector.process(sound)
    sound[4] = 1.0
    assert detector.process(sound)


def test_16_bits_at_their_largest_clip_and_one_below_not_far() -> None:
    for value, clips in ((32767 / 32768, True), (-1.0, True), (0.999, False)):
        assert ClipDetector(RATE).process(np.full((SPAN, 1), value, np.float32)) is clips


def test_it_is_shown_for_a_second_and_then_over() -> None:
    detector = ClipDetector(RATE)
    detector.process(np.ones((SPAN, 1), np.float32))
    quiet = np.zeros((SPAN, 1), np.float32)
    shown = [detector.process(quiet) for _ in range(20)]
    assert shown.count(True) == round(CLIP_SHOWN_S / CLIP_SPAN_S)
    assert not shown[-1]
    detector.process(np.ones((SPAN, 1), np.float32))
    detector.reset()
    assert not detector.clipped


def rode(gain: AutoGain, sound: Floats, *, rides: bool = True) -> float:
    gain.process(sound, -60.0, rides=rides)
    return gain.gain_db


@pytest.mark.parametrize("level_db", [LOWEST_USUAL_DB + 3.0, -20.0, HIGHEST_USUAL_DB - 3.0])
def test_usual_music_is_left_as_it_is(level_db: float) -> None:
    gain = AutoGain(RATE)
    sound = music(level_db, 30.0)
    np.testing.assert_array_equal(gain.process(sound, -60.0), sound)


@pytest.mark.parametrize(("level_db", "wanted_db"), [(-45.0, 15.0), (-3.0, -9.0), (-58.0, LARGEST_GAIN_DB)])
def test_what_is_far_off_is_brought_to_the_usual(level_db: float, wanted_db: float) -> None:
    gain = AutoGain(RATE)
    assert rode(gain, music(level_db, 40.0)) == pytest.approx(wanted_db, abs=1.5)


def test_it_is_slow_up_and_silence_does_not_move_it() -> None:
    gain = AutoGain(RATE)
    assert rode(gain, music(-50.0, 4.0)) < 5.0
    reached_db = rode(gain, music(-50.0, 30.0))
    assert rode(gain, np.zeros((20 * RATE, 2), np.float32)) == pytest.approx(reached_db, abs=0.05)


def test_switched_off_it_glides_back() -> None:
    gain = AutoGain(RATE)
    assert rode(gain, music(-45.0, 40.0)) > 10.0
    sound = music(-45.0, 10.0)
    gained = gain.process(sound, -60.0, rides=False)
    assert gain.gain_db == 0.0
    steps_db = np.diff([amplitude_to_db(float(ratio)) for ratio in gained[::80, 0] / sound[::80, 0]])
    assert np.abs(steps_db).max() < 0.1


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(0, 5000), min_size=1, max_size=12))
def test_neither_minds_the_blocks(sizes: list[int]) -> None:
    sound = music(-48.0, sum(sizes) / RATE + 1.0)[: sum(sizes)]
    sound[len(sound) // 2 :][:30] = 1.0
    gain, whole_gain = AutoGain(RATE), AutoGain(RATE)
    clips, whole_clips = ClipDetector(RATE), ClipDetector(RATE)
    ends = np.cumsum(sizes)
    cut = [gain.process(sound[end - size : end], -60.0) for size, end in zip(sizes, ends, strict=True)]
    for size, end in zip(sizes, ends, strict=True):
        clips.process(sound[end - size : end])
    np.testing.assert_allclose(np.concatenate(cut), whole_gain.process(sound, -60.0), rtol=1e-5, atol=1e-8)
    assert clips.clipped == whole_clips.process(sound)
