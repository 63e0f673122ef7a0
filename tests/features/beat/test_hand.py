import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.features.beat.hand import Taps
from instrument.features.beat.tracker import BeatTracker
from tests.features.beat.conftest import SAMPLE_RATE, follow


@given(st.floats(0.25, 2.0), st.floats(-1e4, 1e4), st.integers(2, 12))
def test_even_taps_give_their_period(period_s, start_s, count):
    taps = Taps()
    for number in range(count):
        found = taps.take(start_s + number * period_s)
    assert found is not None
    assert found[0] == pytest.approx(period_s, abs=1e-6)
    assert found[1] == pytest.approx(start_s + (count - 1) * period_s, abs=1e-6)


def test_a_late_tap_begins_anew():
    taps = Taps()
    assert [taps.take(time_s) for time_s in (0.0, 0.5, 9.0)][2] is None
    assert taps.take(9.4) == pytest.approx((0.4, 9.4))


def test_a_bouncing_pad_taps_once():
    taps = Taps()
    taps.take(0.0)
    taps.take(0.5)
    assert taps.take(0.55) == pytest.approx((0.5, 0.5))


def test_two_taps_set_tempo_and_phase_in_silence():
    tracker = BeatTracker(SAMPLE_RATE, 1024)
    tracker.tap(10.0)
    state = tracker.tap(10.5)
    assert state.by_hand
    assert state.tempo_bpm == pytest.approx(120.0)
    assert state.next_beats_s == pytest.approx((11.0, 11.5, 12.0, 12.5))
    assert state.anchor_bar == 1
    assert state.confidence >= 0.5


def test_taps_move_a_wrong_beat_and_the_sound_pulls_back_slowly(rock):
    tracker = BeatTracker(SAMPLE_RATE, 1024)
    end_s = follow(tracker, rock[: 4 * SAMPLE_RATE], 1024)[-1].anchor_s
    period_s = 60.0 / 118.0
    for number in range(4):
        tapped = tracker.tap(end_s + 0.04 + number * period_s)
    assert tapped.anchor_s == pytest.approx(end_s + 0.04 + 3 * period_s, abs=1e-3)
    assert tapped.by_hand


@pytest.mark.parametrize(("act", "factor"), [("halve", 0.5), ("double", 2.0)])
def test_half_and_double_keep_the_beats(steady, rock, act, factor):
    tracker = BeatTracker(SAMPLE_RATE, 512)
    before = follow(tracker, rock)[-1]
    after = getattr(tracker, act)()
    assert after.tempo_bpm == pytest.approx(factor * before.tempo_bpm)
    assert after.by_hand
    beats_s = np.array(before.next_beats_s if factor > 1.0 else after.next_beats_s[:2])
    among_s = np.array(after.next_beats_s if factor > 1.0 else before.next_beats_s)
    assert all(np.min(np.abs(among_s - beat_s)) < 1e-6 for beat_s in beats_s[:2])
    undone = tracker.halve() if factor > 1.0 else tracker.double()
    assert undone == before


def test_the_level_stays_while_the_sound_goes_on(rock):
    tracker = BeatTracker(SAMPLE_RATE, 512)
    before = follow(tracker, rock[: 4 * SAMPLE_RATE])[-1]
    tracker.halve()
    after = follow(tracker, rock[4 * SAMPLE_RATE :], start_s=4.0)[-1]
    assert after.tempo_bpm == pytest.approx(0.5 * before.tempo_bpm, rel=0.03)
    assert np.allclose(np.diff(after.next_beats_s), after.period_s)
