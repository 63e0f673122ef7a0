import numpy as np
import pytest

from instrument.features.beat.front_end import band_bank
from instrument.features.beat.pitches import pitch_bank
from instrument.features.beat.spectral_bands import SpectralBands


@pytest.mark.parametrize("bank_of", [band_bank, pitch_bank])
@pytest.mark.parametrize("sample_rate", [8_000, 44_100, 192_000])
def test_it_is_the_whole_bank(bank_of, sample_rate):
    bank = bank_of(sample_rate, 1025)
    bands, magnitudes = SpectralBands(bank), np.empty(len(bank), np.float32)
    for seed in range(3):
        power = np.random.default_rng(seed).uniform(0.0, 5.0, 1025).astype(np.float32)
        bands.measure(power, magnitudes)
        assert magnitudes == pytest.approx(np.sqrt(bank @ power), rel=1e-5)
