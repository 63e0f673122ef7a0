"""The five descriptors and the level of one analysis window, by librosa's definitions.

What differs from a bare librosa call, because a stream cannot know its future: decibels have no floor relative to
the loudest moment of the whole clip (``top_db=None``) and chroma assumes concert pitch (``tuning=0``).
"""

import numpy as np
import numpy.typing as npt

from instrument.features.banks import ContrastBands, MelBank

Floats = npt.NDArray[np.float32]

POWER_FLOOR = 1e-10
"""Least power that decibels and flatness tell from none (librosa's ``amin``)."""
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
    floored = np.maximum(power, POWER_FLOOR)
    arithmetic = np.add.reduce(floored) / len(power)
    np.log(floored, out=floored)
    return float(np.exp(np.add.reduce(floored) / len(power)) / arithmetic)


def spectral_contrast(magnitude: Floats, bands: ContrastBands) -> npt.NDArray[np.float64]:
    """Peak over valley of each octave, ``(bands,)`` dB, 0 and up.

    librosa takes the decibels of magnitudes as if they were powers, so these are half of true decibels; kept.
    """
    entries = magnitude[bands.bins]
    for band in bands.slices:
        entries[band].sort()
    sums = np.add.reduceat(entries, bands.cuts)
    valley = np.maximum(sums[0::3] / bands.counts, POWER_FLOOR)
    peak = np.maximum(sums[2::3] / bands.counts, POWER_FLOOR)
    contrast_db: npt.NDArray[np.float64] = 10.0 * np.log10(peak / valley)
    return contrast_db


def chroma_variance(power: Floats, chroma_bank: Floats) -> float:
    """Variance over the twelve pitch classes of the chroma, whose largest is 1; 0 in silence."""
    chroma = np.vecdot(chroma_bank, power).astype(np.float64)
    largest = float(np.maximum.reduce(chroma))
    if largest < np.finfo(np.float32).tiny:
        return 0.0
    chroma /= largest
    chroma -= np.add.reduce(chroma) / len(chroma)
    return float(np.dot(chroma, chroma)) / len(chroma)


class OnsetStrength:
    """Spectral flux: the rise in dB since the hop before, mean over mel bands (Böck and Widmer 2013, lag 1)."""

    def __init__(self, bank: MelBank) -> None:
        self._bank = bank
        self._products = np.empty(len(bank.columns), np.float32)
        self._levels_db = np.empty(len(bank.starts), np.float32)
        self._before_db = np.empty(len(bank.starts), np.float32)
        self._first = True

    def process(self, power: Floats) -> float:
        """Onset strength of the next ``(bins,)`` power spectrum, dB, 0 and up; 0 for the first one."""
        self._before_db, self._levels_db = self._levels_db, self._before_db
        # mode="clip" lets take write straight into `out`; the columns are always inside.
        np.take(power, self._bank.columns, out=self._products, mode="clip")
        np.multiply(self._products, self._bank.weights, out=self._products)
        np.add.reduceat(self._products, self._bank.starts, out=self._levels_db)
        np.maximum(self._levels_db, POWER_FLOOR, out=self._levels_db)
        np.log10(self._levels_db, out=self._levels_db)
        np.multiply(self._levels_db, 10.0, out=self._levels_db)
        if self._first:
            self._first = False
            return 0.0
        rise_db = self._levels_db - self._before_db
        np.maximum(rise_db, 0.0, out=rise_db)
        return float(np.add.reduce(rise_db)) / len(rise_db)

    def reset(self) -> None:
        """Forget the hop before."""
        self._first = True
