"""Which pitches sound, for the beat tracker: five octaves of semitones, the same for loud and quiet sound."""

import numpy as np
import numpy.typing as npt

from instrument.features.beat.spectral_bands import SpectralBands

Floats = npt.NDArray[np.float32]

PITCHES = 60
"""Semitones from `LOWEST_HZ` on."""
LOWEST_HZ = 55.0
RESOLVED_HZ = 400.0
"""Below it a window of 2048 samples does not tell semitones apart, and the spectrum is read between its bins."""
HALF_WIDTH = 0.75
"""Of the triangle about a semitone above, in semitones."""
COMPRESSION = 1000.0
FALL_S = 8.0
"""Time constant with which the loudest is forgotten."""
LEAST = 1e-9


def pitch_bank(sample_rate: int, bins: int) -> Floats:
    """What of each bin of a power spectrum counts for each semitone, ``(PITCHES, bins)``, each row with sum 1."""
    step_hz = 0.5 * sample_rate / (bins - 1)
    centres_hz = LOWEST_HZ * 2.0 ** (np.arange(PITCHES) / 12.0)
    frequencies_hz = np.maximum(np.arange(bins) * step_hz, 1e-9)
    apart = np.abs(12.0 * np.log2(frequencies_hz[None, :] / centres_hz[:, None]))
    bank = np.maximum(1.0 - apart / HALF_WIDTH, 0.0)
    at = centres_hz / step_hz
    between = np.maximum(1.0 - np.abs(np.arange(bins)[None, :] - at[:, None]), 0.0)
    unresolved = (centres_hz < RESOLVED_HZ) | ~bank.any(axis=1)
    bank[unresolved] = between[unresolved]
    return np.asarray(bank / bank.sum(axis=1, keepdims=True), np.float32)


class PitchFrontEnd:
    """Logarithmic levels of semitones, relative to all that sounded in the loudest moment of the last seconds."""

    def __init__(self, sample_rate: int, bins: int, step_s: float) -> None:
        self._semitones = SpectralBands(pitch_bank(sample_rate, bins))
        self._keep = np.float32(np.exp(-step_s / FALL_S))
        self._levels = np.zeros(PITCHES, np.float32)
        self.reset()

    def reset(self) -> None:
        """As if silence had come before."""
        self._loudest = np.float32(0.0)

    def process(self, power: Floats) -> Floats:
        """``(PITCHES,)`` of a power spectrum ``(bins,)``; the same array every time."""
        levels = self._levels
        self._semitones.measure(power, levels)
        self._loudest = max(self._loudest * self._keep, np.add.reduce(levels))
        levels *= np.float32(COMPRESSION) / max(self._loudest, np.float32(LEAST))
        np.log1p(levels, out=levels)
        return levels
