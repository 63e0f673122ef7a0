"""What the beat tracker hears: band levels and their rises, the same for loud and quiet sound."""

import numpy as np
import numpy.typing as npt

from instrument.features.beat.spectral_bands import SpectralBands

Floats = npt.NDArray[np.float32]

BANDS = 24
INPUTS = 2 * BANDS
LOWEST_HZ = 20.0
HIGHEST_HZ = 16_000.0
BEND_HZ = 300.0
"""Bands are evenly wide below it and in proportion above."""
LAG = 2
"""Hops back that a rise is measured against."""
COMPRESSION = 300.0
"""Band levels from 50 dB below the loudest are told apart."""
FALL_S = 8.0
"""Time constant with which the loudest is forgotten."""
GATE = 3e-2
"""Loudest sum of magnitudes of a 2048-sample window below which there is no music: about -80 dB re full scale."""
QUIET = 1e-3
"""Share of the loudest below which a hop is quiet; after a pause of that, nothing is heard."""
PAUSE_S = 1.0


def band_bank(sample_rate: int, bins: int) -> Floats:
    """Triangular bands ``(BANDS, bins)`` that overlap by half, each with sum 1; one above Nyquist stays empty."""
    frequencies_hz = np.linspace(0.0, 0.5 * sample_rate, bins)
    warped = np.linspace(np.log1p(LOWEST_HZ / BEND_HZ), np.log1p(HIGHEST_HZ / BEND_HZ), BANDS + 2)
    edges_hz = BEND_HZ * np.expm1(warped)
    low, middle, high = edges_hz[:-2, None], edges_hz[1:-1, None], edges_hz[2:, None]
    rising, falling = (frequencies_hz - low) / (middle - low), (high - frequencies_hz) / (high - middle)
    bank = np.maximum(np.minimum(rising, falling), 0.0)
    narrow = (bank.sum(axis=1) == 0.0) & (edges_hz[1:-1] < 0.5 * sample_rate)
    nearest = np.argmin(np.abs(frequencies_hz - middle), axis=1)
    bank[narrow, nearest[narrow]] = 1.0
    return np.asarray(bank / np.maximum(bank.sum(axis=1, keepdims=True), 1e-12), np.float32)


class BeatFrontEnd:
    """Logarithmic band levels and their rises over `LAG` hops, against the neighbourhood of each band then.

    The rise against a maximum over bands is that of Böck and Widmer, "Maximum filter vibrato suppression for onset
    detection" (2013). Levels are relative to the loudest of the last seconds, so gain does not matter.
    """

    def __init__(self, sample_rate: int, bins: int, step_s: float) -> None:
        self._bands = SpectralBands(band_bank(sample_rate, bins))
        self._pause = round(PAUSE_S / step_s)
        self._keep = np.float32(np.exp(-step_s / FALL_S))
        self._magnitudes = np.zeros((LAG + 1, BANDS), np.float32)
        self._logarithms = np.zeros((LAG + 1, BANDS), np.float32)
        self._widened = np.zeros(BANDS + 2, np.float32)
        self._inputs = np.zeros(INPUTS, np.float32)
        self.reset()

    def reset(self) -> None:
        """As if silence had come before."""
        self._magnitudes.fill(0.0)
        self._loudest = np.float32(0.0)
        self._quiet = 0

    @property
    def hears(self) -> bool:
        """Whether there was sound in the last moments."""
        return bool(self._loudest > GATE) and self._quiet < self._pause

    def process(self, power: Floats) -> Floats:
        """``(INPUTS,)``, levels then rises, of a power spectrum ``(bins,)``; the same array every time."""
        self._magnitudes[1:] = self._magnitudes[:-1].copy()
        self._bands.measure(power, self._magnitudes[0])
        level = np.add.reduce(self._magnitudes[0])
        self._loudest = max(self._loudest * self._keep, level)
        self._quiet = self._quiet + 1 if level < QUIET * self._loudest else 0
        if self._loudest <= GATE:
            self._inputs.fill(0.0)
            return self._inputs
        np.multiply(self._magnitudes, np.float32(COMPRESSION) / self._loudest, out=self._logarithms)
        np.log1p(self._logarithms, out=self._logarithms)
        levels, rises = self._inputs[:BANDS], self._inputs[BANDS:]
        widened = self._widened
        widened[1:-1] = self._logarithms[LAG]
        np.maximum(widened[:-2], widened[2:], out=rises)
        np.maximum(rises, widened[1:-1], out=rises)
        levels[:] = self._logarithms[0]
        np.subtract(levels, rises, out=rises)
        np.maximum(rises, 0.0, out=rises)
        return self._inputs
