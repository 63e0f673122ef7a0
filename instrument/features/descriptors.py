"""The five descriptors and the level of one analysis window, by librosa's definitions.

What differs from a bare librosa call, because a stream cannot know its future: decibels have no floor relative to
the loudest moment of the whole clip (``top_db=None``) and chroma assumes concert pitch (``tuning=0``).
"""

import math
import operator

import numpy as np
import numpy.typing as npt

from instrument.features.banks import ContrastBands, MelBank

Floats = npt.NDArray[np.float32]

POWER_FLOOR = 1e-10
"""Least power that decibels and flatness tell from none (librosa's ``amin``)."""
TINY = float(np.finfo(np.float32).tiny)
ZERO_BAND = np.float32(1e-10)
"""Samples this close to zero count as zero, which has no sign."""


def rms(window: Floats) -> float:
    """Root mean square of a ``(window_size,)`` window."""
    return float(np.sqrt(np.dot(window, window) / len(window)))


def zero_crossing_rate(window: Floats) -> float:
    """Changes of sign a sample, in ``[0, 1)``.

    >>> zero_crossing_rate(np.array([1.0, -1.0, 1.0, 1.0], np.float32))
    0.5
    """
    negative = window < -ZERO_BAND
    return int(np.count_nonzero(negative[1:] != negative[:-1])) / len(window)


def spectral_flatness(power: Floats) -> float:
    """Geometric over arithmetic mean of a power spectrum; near 0 for tones, towards 1 for noise, 1 for silence too.

    >>> round(spectral_flatness(np.zeros(5, np.float32)), 5)
    1.0
    """
    return flatness_of_floored(np.maximum(power, POWER_FLOOR))


def flatness_of_floored(power: Floats) -> float:
    """`spectral_flatness` of powers of `POWER_FLOOR` and up; they are overwritten."""
    arithmetic = np.add.reduce(power) / len(power)
    np.log(power, out=power)
    return float(np.exp(np.add.reduce(power) / len(power)) / arithmetic)


class SpectralContrast:
    """Peak over valley of each octave (Jiang et al. 2002), by librosa's definition.

    librosa takes the decibels of magnitudes as if they were powers, so these are half of true decibels; kept.
    """

    def __init__(self, bands: ContrastBands) -> None:
        self._bands = bands
        self._entries = np.empty(len(bands.bins), np.float32)
        self._parts = tuple(self._entries[part] for part in bands.slices)
        """Each octave's part of the entries."""

    def process(self, magnitude: Floats) -> list[float]:
        """Contrast of each octave of a ``(bins,)`` spectrum in dB, 0 and up, lowest octave first."""
        magnitude.take(self._bands.bins, out=self._entries, mode="clip")
        for part in self._parts:
            part.sort()
        # Sums of the valley, the middle and the peak of each octave in turn.
        sums: list[float] = np.add.reduceat(self._entries, self._bands.cuts).tolist()
        return [
            10.0 * math.log10(max(peak / count, POWER_FLOOR) / max(valley / count, POWER_FLOOR))
            for valley, peak, count in zip(sums[0::3], sums[2::3], self._bands.counts, strict=True)
        ]


def chroma_variance(power: Floats, chroma_bank: Floats) -> float:
    """Variance over the twelve pitch classes of the chroma, whose largest is 1; 0 in silence."""
    # Twelve numbers are sooner gone through here than by array calls.
    chroma: list[float] = np.vecdot(chroma_bank, power).tolist()
    largest = max(chroma)
    if largest < TINY:
        return 0.0
    mean = sum(chroma) / len(chroma)
    squares: float = sum(map(operator.mul, chroma, chroma))
    return max(squares / len(chroma) - mean * mean, 0.0) / (largest * largest)


class OnsetStrength:
    """Spectral flux: the rise in dB since the hop before, mean over mel bands (Böck and Widmer 2013, lag 1)."""

    def __init__(self, bank: MelBank) -> None:
        self._bank = bank
        self._products = np.empty(len(bank.columns), np.float32)
        self._newest, self._rise = np.empty((2, len(bank.starts)), np.float32)
        self.levels: Floats = np.full(len(bank.starts), np.inf, np.float32)
        """Power in each mel band in the hop before; nothing rises above infinity, which was before the first. The same
        array every time, so that another can go on from it."""

    def process(self, power: Floats) -> float:
        """Onset strength of the next ``(bins,)`` power spectrum, dB, 0 and up; 0 for the first one."""
        newest, rise = self._newest, self._rise
        # mode="clip" lets take write straight into `out`; the columns are always inside.
        power.take(self._bank.columns, out=self._products, mode="clip")
        np.multiply(self._products, self._bank.weights, out=self._products)
        np.add.reduceat(self._products, self._bank.starts, out=newest)
        np.maximum(newest, POWER_FLOOR, out=newest)
        np.divide(newest, self.levels, out=rise)
        np.maximum(rise, 1.0, out=rise)
        np.log10(rise, out=rise)
        self.levels[:] = newest
        return 10.0 * float(np.add.reduce(rise)) / len(rise)

    def reset(self) -> None:
        """Forget the hop before."""
        self.levels.fill(np.inf)
