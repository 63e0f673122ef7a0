"""Attacks as they happen: a flux of its own, a threshold that follows the music, and where in the hop it began.

Logarithmic flux with lag after S. Böck, F. Krebs and M. Schedl, "Evaluating the online capabilities of onset detection
methods" (ISMIR 2012); the descriptor's flux in dB weighs quiet bands too much to count attacks by.
"""

import math
from collections import deque

import numpy as np
import numpy.typing as npt

from instrument.features.rhythm import Onset

Floats = npt.NDArray[np.float32]

LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0
BANDS_AN_OCTAVE = 4
COMPRESSION = 20.0
"""Magnitudes far below its inverse do not count: noise under the music."""
LAG_S = 0.021
"""How far back the rise is measured: a hop of 1024, so that shorter hops see rises of the same height."""
USUAL_S = 1.2
"""How long the flux is averaged over for the threshold."""
ABOVE_USUAL = 1.9
LEAST_FLUX = 0.055
"""Threshold in silence and in steady sound, in decades a band."""
APART_S = 0.07
"""Two attacks nearer than this are one."""
GROWING_S = 0.045
"""How long an attack may still be found stronger than at first: at first the window holds only its beginning."""
STRONGEST_S = 8.0
"""Time constant in which the strongest attack is forgotten that the others are compared with."""
LEAST_STRONGEST = 0.25
DECADE = math.log(10.0)
PIECE = 64
"""Samples whose energy is one step of the search for the beginning."""


class BandFlux:
    """Mean rise of the compressed band magnitudes of a power spectrum over `LAG_S`. One owner."""

    def __init__(self, sample_rate: int, hop_size: int, bins: int) -> None:
        self._starts = band_starts(sample_rate, bins)
        self._counts = np.diff(np.append(self._starts, self._end(sample_rate, bins))).astype(np.float32)
        self._stop = self._end(sample_rate, bins)
        self._before: deque[Floats] = deque(maxlen=max(1, round(LAG_S * sample_rate / hop_size)))

    def process(self, power: Floats) -> float:
        """The rise with the next ``(bins,)`` power spectrum, decades a band, 0 and up; 0 for the first."""
        bands = np.add.reduceat(power[: self._stop], self._starts)
        np.divide(bands, self._counts, out=bands)
        np.sqrt(bands, out=bands)
        np.multiply(bands, np.float32(COMPRESSION), out=bands)
        np.log1p(bands, out=bands)
        before = self._before[0] if self._before else bands
        rise = np.maximum(bands - before, 0.0)
        self._before.append(bands)
        return float(np.add.reduce(rise)) / (len(rise) * DECADE)

    def reset(self) -> None:
        """Forget what was before."""
        self._before.clear()

    @staticmethod
    def _end(sample_rate: int, bins: int) -> int:
        return min(bins, round(HIGHEST_HZ / (0.5 * sample_rate) * (bins - 1)) + 1)


def band_starts(sample_rate: int, bins: int) -> npt.NDArray[np.intp]:
    """First bin of each band, evenly spaced on a logarithmic scale, none empty.

    >>> band_starts(48000, 1025)[:6].tolist()
    [1, 2, 3, 4, 5, 6]
    """
    highest_hz = min(HIGHEST_HZ, 0.5 * sample_rate)
    count = int(np.log2(highest_hz / LOWEST_HZ) * BANDS_AN_OCTAVE)
    edges_hz = LOWEST_HZ * 2.0 ** (np.arange(count) / BANDS_AN_OCTAVE)
    return np.unique(np.rint(edges_hz / (0.5 * sample_rate) * (bins - 1)).astype(np.intp).clip(1))


class OnsetPicker:
    """Announces an attack with the first hop that shows it. One owner.

    An attack is a flux above the threshold, `APART_S` or more after the last one, that rises. It is announced once,
    and again with the same time while it is found to be stronger. Its strength is that of its flux and of its loudness,
    each against the strongest of late.
    """

    def __init__(self, sample_rate: int, hop_size: int, bins: int) -> None:
        self._sample_rate = sample_rate
        self._hop_s = hop_size / sample_rate
        self._reach = min(hop_size + round(LAG_S * sample_rate), 2 * (bins - 1))
        self._flux = BandFlux(sample_rate, hop_size, bins)
        self._usual: deque[float] = deque(maxlen=max(4, round(USUAL_S * sample_rate / hop_size)))
        self.reset()

    def reset(self) -> None:
        """As new."""
        self._flux.reset()
        self._usual.clear()
        self._strongest = LEAST_STRONGEST
        self._loudest = 1e-9
        self._last_flux = 0.0
        self._onset: Onset | None = None
        self._seen_s = -math.inf

    def process(self, power: Floats, window: Floats, newest_s: float) -> Onset | None:
        """The attack that the hop shows, if any.

        `power` ``(bins,)`` is the spectrum of `window` ``(window_size,)``, whose newest sample was captured at
        `newest_s`.
        """
        flux = self._flux.process(power)
        usual = sum(self._usual) / len(self._usual) if self._usual else 0.0
        threshold = LEAST_FLUX + ABOVE_USUAL * usual
        self._usual.append(flux)
        keep = 1.0 - self._hop_s / STRONGEST_S
        self._strongest = max(LEAST_STRONGEST, flux, self._strongest * keep)
        loudness = math.sqrt(float(np.add.reduce(power)))
        self._loudest = max(loudness, self._loudest * keep, 1e-9)
        strength = math.sqrt(flux / self._strongest * loudness / self._loudest)
        rises, self._last_flux = flux > self._last_flux, flux
        onset = self._onset
        if onset is not None and newest_s - self._seen_s <= GROWING_S:
            if strength <= onset.strength:
                return None
            self._onset = Onset(onset.time_s, strength)
            return self._onset
        if flux < threshold or not rises or newest_s - self._seen_s < APART_S:
            return None
        self._seen_s = newest_s
        began_s = newest_s - attack_age(window[-self._reach :]) / self._sample_rate
        self._onset = Onset(began_s, strength)
        return self._onset


def attack_age(samples: Floats) -> int:
    """How many samples before the end of ``(n,)`` the steepest rise in loudness began; 0 if there is none.

    The slope of the sound counts more than the sound, so that a kick's click is found under a bass.

    >>> attack_age(np.repeat(np.array([0.0, 1.0, -1.0] * 2, np.float32), [256, 64, 64, 0, 0, 0]))
    128
    """
    slope = np.diff(samples, prepend=samples[:1])
    pieces = len(slope) // PIECE
    if pieces < 3:
        return 0
    steps = (slope[-pieces * PIECE :] ** 2).reshape(pieces, PIECE).sum(axis=1)
    loudness = np.log(steps + 1e-3 * float(steps.max()) + 1e-12)
    rise = loudness[1:] - loudness[:-1]
    return int((pieces - 1 - int(np.argmax(rise))) * PIECE)
