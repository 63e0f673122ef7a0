"""What becomes of a window: by numpy from the first hop on, and by the compiled kernel once that is there."""

import functools
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

from instrument.features import descriptors
from instrument.features.banks import Banks
from instrument.features.spectrum import Spectrum
from instrument.features.vector import FeatureVector
from instrument.kernels import KernelLoader

Floats = npt.NDArray[np.float32]


@functools.cache
def listening_kernel() -> KernelLoader:
    """The loader of the kernel in this process, started by the first call."""
    return KernelLoader("listening kernel", "instrument.features.kernel")


class Hop(Protocol):
    """Measures one window after the other. One owner."""

    def measure(self, window: Floats, capture_time_s: float, hop_index: int) -> FeatureVector:
        """The vector of the next ``(window_size,)`` window."""
        ...


class PlainHop:
    """`Hop` in numpy: the reference, and what plays where there is no compiler."""

    def __init__(self, banks: Banks) -> None:
        self.banks = banks
        self.spectrum = Spectrum(banks.hann)
        self.onset = descriptors.OnsetStrength(banks.mel)
        self._contrast = descriptors.SpectralContrast(banks.contrast)

    def measure(self, window: Floats, capture_time_s: float, hop_index: int) -> FeatureVector:
        """See `Hop`."""
        self.spectrum.measure(window)
        power = self.spectrum.power
        contrast_db = self._contrast.process(self.spectrum.magnitude)
        return FeatureVector(
            spectral_contrast=sum(contrast_db) / len(contrast_db),
            spectral_flatness=descriptors.spectral_flatness(power),
            onset_strength=self.onset.process(power),
            zero_crossing_rate=descriptors.zero_crossing_rate(window),
            chroma_variance=descriptors.chroma_variance(power, self.banks.chroma),
            rms=descriptors.rms(window),
            capture_time_s=capture_time_s,
            hop_index=hop_index,
            contrast_bands=tuple(contrast_db),
        )


class CompiledHop:
    """`Hop` by the kernel, which must have been loaded. Goes on where a `PlainHop` is, in that one's memory.

    The spectrum and flatness are made by the very same calls and equal to the last bit; the rest differs by the
    rounding of sums.
    """

    def __init__(self, plain: PlainHop) -> None:
        from instrument.features import kernel

        banks = plain.banks
        self._kernel = kernel.measure
        self._spectrum = plain.spectrum
        self._floored = plain.spectrum.rows[2]
        self._levels = plain.onset.levels
        self._weights = np.concatenate([banks.chroma.ravel(), banks.mel.weights])
        self._places = np.array([*_octaves(banks), *_mel_runs(banks)], np.int32)
        self._result = np.zeros(kernel.SINGLES + len(banks.contrast.counts))

    def measure(self, window: Floats, capture_time_s: float, hop_index: int) -> FeatureVector:
        """See `Hop`."""
        self._spectrum.transform(window)
        self._kernel(window, self._spectrum.rows, self._levels, self._weights, self._places, self._result)
        contrast, onset, crossings, chroma, rms, *contrast_db = self._result.tolist()
        flatness = descriptors.flatness_of_floored(self._floored)
        return FeatureVector(
            contrast, flatness, onset, crossings, chroma, rms, capture_time_s, hop_index, tuple(contrast_db)
        )


def _octaves(banks: Banks) -> list[int]:
    """First bin, end, and size of the valley of each octave in turn."""
    bands = banks.contrast
    return [
        int(place)
        for part, count in zip(bands.slices, bands.counts, strict=True)
        for place in (bands.bins[part.start], bands.bins[part.stop - 1] + 1, count)
    ]


def _mel_runs(banks: Banks) -> list[int]:
    """First bin and number of weights of each mel band in turn: the bins of a band are neighbours."""
    mel = banks.mel
    return [
        int(place)
        for start, stop in pairwise([*mel.starts, len(mel.columns)])
        for place in (mel.columns[start], stop - start)
    ]
