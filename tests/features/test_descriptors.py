"""What each descriptor says of sounds whose answer is known."""

import numpy as np
import numpy.typing as npt
import pytest

from instrument.features import descriptors
from instrument.features.banks import Banks, make_banks
from instrument.features.spectrum import SlidingWindow, Spectrum

RATE = 48000
Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def banks() -> Banks:
    return make_banks(RATE, 2048)


def tone(tone_hz: float) -> Floats:
    return (0.5 * np.sin(2.0 * np.pi * tone_hz * np.arange(2048) / RATE)).astype(np.float32)


def noise() -> Floats:
    return np.random.default_rng(0).uniform(-0.5, 0.5, 2048).astype(np.float32)


def spectrum_of(window: Floats, banks: Banks) -> Spectrum:
    spectrum = Spectrum(banks.hann)
    spectrum.measure(window)
    return spectrum


def test_level_of_a_tone() -> None:
    assert descriptors.rms(tone(RATE / 64)) == pytest.approx(0.5 / np.sqrt(2.0), rel=1e-6)


def test_a_tone_crosses_zero_twice_a_period() -> None:
    assert descriptors.zero_crossing_rate(tone(RATE / 64)) == pytest.approx(2.0 / 64, abs=2.0 / 2048)


def test_samples_next_to_zero_have_no_sign() -> None:
    window = np.array([1e-11, -1e-11] * 1024, np.float32)
    assert descriptors.zero_crossing_rate(window) == 0.0


def test_noise_is_flat_and_a_tone_is_not(banks: Banks) -> None:
    assert descriptors.spectral_flatness(spectrum_of(noise(), banks).power) > 0.3
    assert descriptors.spectral_flatness(spectrum_of(tone(1000.0), banks).power) < 1e-4


def test_a_tone_has_contrast_in_its_own_octave(banks: Banks) -> None:
    contrast_db = np.array(
        descriptors.SpectralContrast(banks.contrast).process(spectrum_of(tone(1200.0), banks).magnitude)
    )
    assert contrast_db.shape == (6,)
    assert int(np.argmax(contrast_db)) == 2, "800 to 1600 Hz"


def test_one_pitch_spreads_the_chroma_and_noise_fills_it(banks: Banks) -> None:
    pitched = descriptors.chroma_variance(spectrum_of(tone(880.0), banks).power, banks.chroma)
    unpitched = descriptors.chroma_variance(spectrum_of(noise(), banks).power, banks.chroma)
    assert pitched > 0.05 > unpitched


def test_onset_is_heard_once(banks: Banks) -> None:
    onset = descriptors.OnsetStrength(banks.mel)
    quiet = spectrum_of(np.float32(1e-3) * noise(), banks).power
    loud = spectrum_of(noise(), banks).power
    heard = [onset.process(power) for power in (quiet, loud, loud, quiet)]
    assert heard == pytest.approx([0.0, 60.0, 0.0, 0.0], abs=1e-3)


def test_onset_reset_equals_fresh(banks: Banks) -> None:
    onset = descriptors.OnsetStrength(banks.mel)
    onset.process(spectrum_of(np.zeros(2048, np.float32), banks).power)
    onset.reset()
    assert onset.process(spectrum_of(noise(), banks).power) == 0.0


def test_window_holds_the_newest_samples() -> None:
    window = SlidingWindow(4, 2)
    sound = np.arange(1, 6, dtype=np.float32)
    assert window.fill(sound) == 2
    assert window.full
    assert window.samples.tolist() == [0.0, 0.0, 1.0, 2.0]
    window.slide()
    assert not window.full
    assert window.fill(sound[2:]) == 2
    assert window.samples.tolist() == [1.0, 2.0, 3.0, 4.0]
    window.reset()
    assert window.fill(sound[4:]) == 1
    assert window.samples[:3].tolist() == [0.0, 0.0, 5.0]
