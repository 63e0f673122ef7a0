import math
from itertools import pairwise

import numpy as np
import pytest

from instrument.features.beat.tracker import BeatTracker
from instrument.features.rhythm import BeatState
from tests.features.beat.conftest import SAMPLE_RATE, drums, follow, steady_beats

HOP_S = 512 / SAMPLE_RATE


def nearest_error_s(beats_s, announced_s):
    return float(np.min(np.abs(beats_s - announced_s)))


@pytest.mark.parametrize("tempo_bpm", [84.0, 100.0, 120.0, 138.0, 154.0])
def test_a_steady_beat_is_known_after_four_seconds(steady, tempo_bpm):
    beats_s, states = steady(tempo_bpm)
    for state in states[math.ceil(4.0 / HOP_S) :]:
        assert state.tempo_bpm == pytest.approx(tempo_bpm, rel=0.02)
        assert all(nearest_error_s(beats_s, beat_s) < 0.025 for beat_s in state.next_beats_s[:1] if beat_s < 10.0)


def test_beats_are_announced_periods_ahead(steady):
    _, states = steady(120.0)
    for number, state in enumerate(states[400:], 401):
        assert len(state.next_beats_s) == 4
        assert number * HOP_S < state.next_beats_s[0] <= number * HOP_S + state.period_s
        assert np.allclose(np.diff(state.next_beats_s), state.period_s)


def test_no_beat_moves_silently(steady):
    _, states = steady(100.0)
    for before, after in pairwise(states):
        if before.tempo_bpm and before.jumps == after.jumps:
            drift_s = math.remainder(after.anchor_s - before.anchor_s, before.period_s)
            assert abs(drift_s) < 0.06 * before.period_s


def test_loud_hats_off_the_beat_do_not_win():
    beats_s = steady_beats(126.0, 10.0)
    states = follow(BeatTracker(SAMPLE_RATE, 512), drums(beats_s, 10.0, hat_gain=1.2))
    for state in states[math.ceil(5.0 / HOP_S) :]:
        assert nearest_error_s(beats_s, state.anchor_s) < 0.04


def test_a_jump_of_tempo_is_followed():
    slow_s = steady_beats(112.0, 8.0)
    fast_s = np.arange(slow_s[-1], 17.0, 60.0 / 128.0)
    beats_s = np.concatenate([slow_s[:-1], fast_s])
    states = follow(BeatTracker(SAMPLE_RATE, 512), drums(beats_s, 16.0))
    at_8_s, at_end = states[math.floor(7.9 / HOP_S)], states[math.ceil(14.0 / HOP_S) :]
    assert at_8_s.tempo_bpm == pytest.approx(112.0, rel=0.02)
    for state in at_end:
        assert state.tempo_bpm == pytest.approx(128.0, rel=0.02)
        assert nearest_error_s(beats_s, state.anchor_s) < 0.035


def test_silence_says_nothing():
    states = follow(BeatTracker(SAMPLE_RATE, 1024), np.zeros(3 * SAMPLE_RATE, np.float32), 1024)
    assert set(states) == {BeatState()}


def test_the_beat_goes_on_through_silence_less_and_less_sure(rock):
    silent = np.concatenate([rock, np.zeros(40 * SAMPLE_RATE, np.float32)])
    states = follow(BeatTracker(SAMPLE_RATE, 1024), silent, 1024)
    heard = states[round(5.8 * SAMPLE_RATE / 1024)]
    assert states[-1].tempo_bpm == pytest.approx(heard.tempo_bpm, rel=0.02)
    assert states[-1].jumps == heard.jumps
    assert states[-1].confidence < 0.1 < heard.confidence


def test_confidence_means_something(steady):
    _, drummed = steady(120.0)
    hiss = np.random.default_rng(3).uniform(-0.3, 0.3, 10 * SAMPLE_RATE).astype(np.float32)
    hissed = follow(BeatTracker(SAMPLE_RATE, 1024), hiss, 1024)
    assert min(state.confidence for state in drummed[-300:]) > 0.8
    assert max(state.confidence for state in hissed) < 0.4


def test_a_long_hop_with_its_samples_equals_two_short_ones(rock):
    long = follow(BeatTracker(SAMPLE_RATE, 1024), rock, 1024)
    short = follow(BeatTracker(SAMPLE_RATE, 512), rock, 512)
    for one, other in zip(long, short[1::2], strict=False):
        assert one.next_beats_s == pytest.approx(other.next_beats_s, abs=1e-9)
        assert (one.jumps, one.anchor_bar) == (other.jumps, other.anchor_bar)


def test_half_a_hop_hears_the_same(rock):
    quarter = follow(BeatTracker(SAMPLE_RATE, 256), rock, 256)
    half = follow(BeatTracker(SAMPLE_RATE, 512), rock, 512)
    for one, other in zip(quarter[1::2], half, strict=False):
        assert one == other


def test_a_long_hop_without_its_samples_still_finds_the_beat():
    beats_s = steady_beats(118.0, 12.0)
    states = follow(BeatTracker(SAMPLE_RATE, 1024), drums(beats_s, 12.0), 1024, windows=False)
    assert states[-1].tempo_bpm == pytest.approx(118.0, rel=0.02)
    assert nearest_error_s(beats_s, states[-1].anchor_s) < 0.05


def test_reset_equals_fresh(rock):
    tracker = BeatTracker(SAMPLE_RATE, 1024)
    first = follow(tracker, rock, 1024)
    tracker.tap(1.0)
    tracker.tap(1.4)
    tracker.double()
    tracker.reset()
    assert follow(tracker, rock, 1024) == first


def test_time_is_an_argument(rock):
    early = follow(BeatTracker(SAMPLE_RATE, 1024), rock, 1024)
    late = follow(BeatTracker(SAMPLE_RATE, 1024), rock, 1024, start_s=5000.0)
    for one, other in zip(early, late, strict=True):
        assert other.tempo_bpm == pytest.approx(one.tempo_bpm)
        assert other.next_beats_s == pytest.approx([beat_s + 5000.0 for beat_s in one.next_beats_s], abs=1e-6)


def test_gain_does_not_matter(rock):
    loud = follow(BeatTracker(SAMPLE_RATE, 1024), rock, 1024)
    quiet = follow(BeatTracker(SAMPLE_RATE, 1024), np.float32(0.03125) * rock, 1024)
    assert quiet[-1].tempo_bpm == pytest.approx(loud[-1].tempo_bpm, rel=1e-3)
    assert quiet[-1].anchor_s == pytest.approx(loud[-1].anchor_s, abs=3e-3)


@pytest.mark.parametrize(("sample_rate", "hop_size"), [(8000, 1024), (16000, 256), (96000, 512), (192000, 1024)])
def test_every_rate_gives_sane_states(sample_rate, hop_size):
    tracker = BeatTracker(sample_rate, hop_size)
    rng = np.random.default_rng(1)
    window = np.zeros(2048, np.float32)
    for hop in range(200):
        power = rng.random(1025, np.float32) * (1.0 if hop % 20 == 0 else 0.01)
        state = tracker.process(power.astype(np.float32), (hop + 1) * hop_size / sample_rate, window)
        numbers = (state.tempo_bpm, state.confidence, state.anchor_s, *state.next_beats_s)
        assert all(map(math.isfinite, numbers))
        assert 0.0 <= state.confidence <= 1.0


def test_the_first_beat_of_a_bar_is_found():
    beats_s = steady_beats(116.0, 24.0)
    states = follow(BeatTracker(SAMPLE_RATE, 1024), drums(beats_s, 24.0, bass_gain=0.7), 1024)
    state = states[-1]
    number = int(np.argmin(np.abs(beats_s - state.anchor_s)))
    assert state.anchor_bar % 2 == number % 2
