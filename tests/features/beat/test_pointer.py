import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.features.beat.network import TEMPI_BPM
from instrument.features.beat.pointer import SETTLE_EVERY, BeatPointer

STEP_S = 512 / 44100


@pytest.mark.parametrize("period", [29, 41, 60, 88])
def test_even_marks_are_found(period):
    pointer = BeatPointer(STEP_S)
    for hop in range(16 * period + 7):
        pointer.step({0: 0.9, 1: 0.5, period - 1: 0.5}.get(hop % period, 0.02))
    reading = pointer.read()
    assert reading.period == pytest.approx(period, abs=0.3)
    assert reading.phase == pytest.approx(6 / period, abs=0.02)
    assert reading.share > 0.8


@pytest.mark.parametrize("weak", [0.1, 0.17])
def test_weak_beats_between_strong_ones_are_not_left_out(weak):
    # Every other beat speaks against itself; half the tempo, 56 bpm, would explain the marks better.
    marks = {0: 0.6, 1: 0.3, 91: 0.3, 45: 0.5 * weak, 46: weak, 47: 0.5 * weak}
    pointer = BeatPointer(STEP_S)
    for hop in range(2200):
        pointer.step(marks.get(hop % 92, 0.02))
    assert pointer.read().period == pytest.approx(46, abs=0.5)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_odds_stay_odds(marks):
    pointer = BeatPointer(STEP_S)
    for mark in marks:
        for _ in range(SETTLE_EVERY):
            pointer.step(mark)
    assert float(np.sum(pointer.tempi())) == pytest.approx(1.0, abs=1e-6)
    reading = pointer.read()
    assert 0.0 <= reading.phase < 1.0
    assert 0.0 <= reading.share <= 1.0 + 1e-9


@pytest.mark.parametrize("meant", [46, 92])
def test_what_is_said_of_the_tempo_decides_between_two_that_explain_the_marks(meant):
    tempi = -np.abs(np.log(TEMPI_BPM * meant * STEP_S / 60.0)) * 20.0
    pointer = BeatPointer(STEP_S)
    for hop in range(2200):
        pointer.step({0: 0.6, 1: 0.3, 91: 0.3, 46: 0.22}.get(hop % 92, 0.02))
        if hop % SETTLE_EVERY == 0:
            pointer.heed(tempi)
    assert pointer.read().period == pytest.approx(meant, abs=0.5)


@pytest.mark.parametrize(
    ("on_beat", "half_way", "period", "phase"),
    [(0.9, 0.1, 60, 0.0), (0.1, 0.9, 60, 0.5), (0.9, 0.9, 30, 0.0)],
    ids=["right", "beside", "too slow"],
)
def test_checked_beats_move_what_marks_leave_open(on_beat, half_way, period, phase):
    """Marks as likely on the off-beat as on the beat: what is said of the beats that passed decides."""
    pointer = BeatPointer(STEP_S)
    for hop in range(2400):
        pointer.step({0: 0.45, 30: 0.44}.get(hop % 60, 0.02))
        if hop % 60 == 6 and hop > 400:
            pointer.weigh(60.0, 6.0 / 60.0, on_beat, half_way)
    reading = pointer.read()
    assert reading.period == pytest.approx(period, abs=0.5)
    assert (reading.phase - 59.0 / period - phase + 0.5) % 1.0 == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("kept", [True, False], ids=["right", "in threes"])
def test_beats_in_threes_give_way_only_where_those_played_are_none(kept):
    """Two tempi in the ratio of three to two explain the marks: what is said of the beats that passed decides."""
    pointer = BeatPointer(STEP_S)
    for hop in range(2400):
        pointer.step(0.5 if hop % 40 == 0 else 0.45 if hop % 60 == 0 else 0.02)
        if hop % 60 == 6 and hop > 400:
            played = hop // 60 % 2 == 0
            pointer.weigh(60.0, 0.1, 0.95 if kept or played else 0.05, 0.02)
    assert pointer.read().period == pytest.approx(60 if kept else 40, abs=0.5)


def test_tempi_beyond_what_is_followed_are_left_out():
    pointer = BeatPointer(STEP_S)
    for period in (24.0, 94.0):
        pointer.weigh(period, 0.0, 0.9, 0.1)
    assert np.isfinite(pointer.tempi()).all()


def test_of_beats_that_are_played_twice_as_fast_every_other_one_goes():
    pointer = BeatPointer(STEP_S)
    for hop in range(3000):
        pointer.step({0: 0.6, 30: 0.5}.get(hop % 60, 0.02))
        if hop % 30 == 3 and hop > 600:
            # The last beat began 3 hops ago; what is said is of the one before.
            pointer.weigh(30.0, 3.0 / 30.0, 0.9 if hop % 60 == 33 else 0.1, 0.1)
    reading = pointer.read()
    assert reading.period == pytest.approx(60, abs=0.5)
    assert (reading.phase - 59.0 / 60.0 + 0.5) % 1.0 == pytest.approx(0.5, abs=0.06)


def test_a_hand_outweighs_what_was_heard():
    pointer = BeatPointer(STEP_S)
    for hop in range(400):
        pointer.step(0.8 if hop % 40 == 0 else 0.02)
    pointer.favour(50.0, 0.5)
    reading = pointer.read()
    assert reading.period == pytest.approx(50.0, abs=1.0)
    assert reading.phase == pytest.approx(0.5, abs=0.03)
