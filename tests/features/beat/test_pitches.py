import numpy as np
import pytest

from instrument.features.beat.pitches import LOWEST_HZ, PITCHES, RESOLVED_HZ, PitchFrontEnd, pitch_bank
from instrument.tools.beats.hearing import spectra

SAMPLE_RATE = 48_000
BINS = 1025
STEP_S = 512 / SAMPLE_RATE
RESOLVED = [pitch for pitch in range(PITCHES) if LOWEST_HZ * 2.0 ** (pitch / 12.0) > RESOLVED_HZ]


def levels_of(sound: np.ndarray) -> np.ndarray:
    front_end = PitchFrontEnd(SAMPLE_RATE, BINS, STEP_S)
    return np.array([front_end.process(power).copy() for _, power in spectra(sound.astype(np.float32), 512)])


def tone(pitch: float, seconds: float = 0.5) -> np.ndarray:
    return 0.3 * np.sin(
        2.0 * np.pi * LOWEST_HZ * 2.0 ** (pitch / 12.0) * np.arange(seconds * SAMPLE_RATE) / SAMPLE_RATE
    )


@pytest.mark.parametrize("sample_rate", [8_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_each_pitch_hears_as_much_as_any_other(sample_rate):
    bank = pitch_bank(sample_rate, BINS)
    assert bank.shape == (PITCHES, BINS)
    assert (bank >= 0.0).all()
    assert bank.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("pitch", RESOLVED)
def test_a_tone_is_loudest_at_its_own_pitch(pitch):
    assert levels_of(tone(pitch))[-1].argmax() == pitch


def test_a_low_tone_is_about_where_it_lies():
    for pitch in range(12, RESOLVED[0]):
        assert abs(int(levels_of(tone(pitch))[-1].argmax()) - pitch) <= 3


def test_loud_or_quiet_is_the_same():
    chord = tone(40.0) + tone(44.0) + 0.1 * tone(47.0)
    assert levels_of(chord)[8:] == pytest.approx(levels_of(chord / 32.0)[8:], abs=1e-3)


def test_what_was_loud_is_forgotten_and_a_reset_forgets_at_once():
    front_end = PitchFrontEnd(SAMPLE_RATE, BINS, STEP_S)
    soft = np.full(BINS, 1e-4, np.float32)
    first = front_end.process(soft).copy()
    front_end.process(np.full(BINS, 1.0, np.float32))
    after = front_end.process(soft).copy()
    assert (after < 0.2 * first).all()
    for _ in range(round(8.0 / STEP_S)):
        later = front_end.process(soft).copy()
    assert (later > after).all()
    front_end.reset()
    assert front_end.process(soft).tolist() == first.tolist()


def test_silence_is_none():
    assert not PitchFrontEnd(SAMPLE_RATE, BINS, STEP_S).process(np.zeros(BINS, np.float32)).any()
