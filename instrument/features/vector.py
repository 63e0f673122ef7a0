"""The descriptors of one hop, and the one list of what they are."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One of the five: attribute name of `FeatureVector`, label and unit for the surface."""

    name: str
    label: str
    unit: str
    help: str


DESCRIPTORS: tuple[Descriptor, ...] = (
    Descriptor("spectral_contrast", "Contrast", "dB", "Peaks against valleys of the spectrum: tones high, noise low."),
    Descriptor("spectral_flatness", "Flatness", "", "How much like noise the spectrum is."),
    Descriptor("onset_strength", "Onset", "dB", "How much energy has just come in, over all bands."),
    Descriptor("zero_crossing_rate", "Zero cross", "", "Crossings of zero a sample: bright and noisy sounds are high."),
    Descriptor("chroma_variance", "Chroma var", "", "Spread over the twelve pitch classes: clear harmony is high."),
)

ANCHORED_BANDS = 5
"""Octaves of the contrast that are told apart. What is above 6.4 kHz is not: there, the valley is what a codec or an
interface left of the noise, and says nothing of the music."""
ANCHORED_NAMES: tuple[str, ...] = (
    *(descriptor.name for descriptor in DESCRIPTORS),
    "level",
    *(f"contrast_{number}" for number in range(1, ANCHORED_BANDS + 1)),
)


@dataclass(frozen=True, slots=True)
class FeatureVector:
    """What was heard in one hop, in librosa's units; `capture_time_s` is that of its newest sample."""

    spectral_contrast: float
    spectral_flatness: float
    onset_strength: float
    zero_crossing_rate: float
    chroma_variance: float
    rms: float
    capture_time_s: float
    hop_index: int
    contrast_bands: tuple[float, ...] = ()
    """The octaves whose mean is the spectral contrast, dB, lowest first."""

    def descriptors(self) -> npt.NDArray[np.float64]:
        """The five as ``(5,)``, in the order of `DESCRIPTORS`."""
        return np.array([getattr(self, descriptor.name) for descriptor in DESCRIPTORS])


@dataclass(frozen=True, slots=True)
class NormalizedFeatures:
    """The same five and the level, each brought to ``[0, 1]`` by what has been usual lately.

    `gate_open` is False in silence, when the values glide to rest. `anchored` are the same six and the lower octaves
    of the contrast, in the order of `ANCHORED_NAMES`, by what is usual in music at large: 0 and 1 are the ends of
    the corpus range, and a little beyond is allowed.
    """

    spectral_contrast: float
    spectral_flatness: float
    onset_strength: float
    zero_crossing_rate: float
    chroma_variance: float
    level: float
    gate_open: bool
    capture_time_s: float
    anchored: tuple[float, ...] = (0.5,) * len(ANCHORED_NAMES)

    def descriptors(self) -> npt.NDArray[np.float64]:
        """The five as ``(5,)``, in the order of `DESCRIPTORS`."""
        return np.array([getattr(self, descriptor.name) for descriptor in DESCRIPTORS])


SILENT = NormalizedFeatures(
    spectral_contrast=0.0,
    spectral_flatness=0.0,
    onset_strength=0.0,
    zero_crossing_rate=0.0,
    chroma_variance=0.0,
    level=0.0,
    gate_open=False,
    capture_time_s=0.0,
)
"""What is assumed before anything was heard."""
