"""Material for the ears: music made on the spot, and extractors that are expensive to build."""

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from instrument.features.extractor import FeatureExtractor
from instrument.features.vector import FeatureVector
from instrument.tools.feature_table import practice_music

Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="session")
def music() -> Callable[..., Floats]:
    """``music(sample_rate, seconds)``: ``(n,)`` chords, drums, noise bursts and silence."""
    return cache(practice_music)


@pytest.fixture(scope="session")
def steady() -> Floats:
    """Two seconds at 48 kHz, ``(n,)``: a chord in noise and a pulse train, far above every floor."""
    rng = np.random.default_rng(5)
    time_s = np.arange(96000) / 48000
    chord = sum(np.sin(2.0 * np.pi * tone_hz * time_s) for tone_hz in (220.0, 277.2, 329.6))
    pulse = rng.standard_normal(len(time_s)) * np.exp(-30.0 * (time_s % 0.25))
    return (0.1 * chord + 0.1 * pulse + 0.01 * rng.standard_normal(len(time_s))).astype(np.float32)


@pytest.fixture(scope="session")
def shared_extractor() -> FeatureExtractor:
    """One for 48 kHz, hop 512; whoever takes it resets it first."""
    return FeatureExtractor(48000, 512)


@pytest.fixture(scope="session")
def make_vector() -> Callable[..., FeatureVector]:
    """A vector in the middle of what is usual, with what is named changed."""

    def make(**changes: float) -> FeatureVector:
        usual = {
            "spectral_contrast": 18.8,
            "spectral_flatness": 3.7e-4,
            "onset_strength": 0.9,
            "zero_crossing_rate": 0.032,
            "chroma_variance": 0.053,
            "rms": 0.1,
            "capture_time_s": 0.0,
        }
        return FeatureVector(**{**usual, **changes}, hop_index=0)

    return make
