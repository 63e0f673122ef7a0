import numpy as np
import pytest

from instrument.features.beat.front_end import BANDS, INPUTS, BeatFrontEnd, band_bank


@pytest.mark.parametrize("sample_rate", [8000, 44100, 48000, 192000])
def test_bands_below_nyquist_have_a_bin(sample_rate):
    bank = band_bank(sample_rate, 1025)
    assert bank.shape == (BANDS, 1025)
    sums = bank.sum(axis=1)
    assert np.all((np.abs(sums - 1.0) < 1e-5) | (sums == 0.0))
    assert np.count_nonzero(sums) >= (BANDS if sample_rate > 40000 else 15)


def test_gain_is_not_heard():
    rng = np.random.default_rng(0)
    spectra = rng.random((30, 1025), np.float32)
    loud, quiet = BeatFrontEnd(44100, 1025, 0.0116), BeatFrontEnd(44100, 1025, 0.0116)
    for power in spectra:
        one = loud.process(power).copy()
        assert quiet.process(power * np.float32(2.0**-8)) == pytest.approx(one, abs=1e-5)


def test_a_rise_is_seen_and_a_fall_is_not():
    front_end = BeatFrontEnd(44100, 1025, 0.0116)
    for gain in (0.1, 0.1, 0.1, 1.0, 1.0, 1.0, 0.1):
        inputs = front_end.process(np.full(1025, gain, np.float32)).copy()
        assert inputs.shape == (INPUTS,)
        if gain == 1.0:
            assert inputs[:BANDS].min() > 2.0
    assert inputs[BANDS:].max() == 0.0


def test_below_the_gate_nothing_is_heard():
    front_end = BeatFrontEnd(44100, 1025, 0.0116)
    assert not front_end.process(np.full(1025, 1e-9, np.float32)).any()
    assert not front_end.hears
