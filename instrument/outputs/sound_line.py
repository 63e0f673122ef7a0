"""Lays blocks of sound on a time line, so that a recording keeps picture and sound together. Pure.

A file holds samples end to end, while blocks come with capture times that jitter, skip what was lost, and run by
a crystal that is not the computer's clock. Jitter is ignored, a gap becomes silence, an overlap is cut, and
drift is taken up by stretching blocks by a thousandth, which nobody hears (1.7 cents).
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from instrument.units import one_pole_step

JUMP_S = 0.03
"""From this deviation on, time stamps mean a gap or an overlap; below it, jitter or drift. Under one frame at 30 Hz."""
DRIFT_TIME_S = 5.0
"""Time constant of the mean that tells drift from jitter."""
DRIFT_LIMIT_S = 0.002
"""Mean deviation from which on it is corrected."""
_STRETCH = 0.001
_SILENCE_SAMPLES = 4096

Samples = npt.NDArray[np.float32]


class SoundLine:
    """One track: where the next sample goes, and how far the time stamps have drifted from it."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._sample_rate = sample_rate
        self._channels = channels
        self._position = 0
        self._drift = 0.0

    @property
    def position_s(self) -> float:
        """How long the line is, in seconds."""
        return self._position / self._sample_rate

    def lay(self, samples: Samples, start_s: float) -> Iterator[Samples]:
        """Pieces to append for ``(n, channels)`` samples whose first belongs at `start_s` on the line.

        The line is exact to a sample at its beginning and behind a gap, and stays within `JUMP_S` elsewhere.
        """
        deviation = round(start_s * self._sample_rate) - self._position
        jump = JUMP_S * self._sample_rate if self._position else 0.0
        if abs(deviation) > jump:
            self._drift = 0.0
            yield from self._silence(deviation)
            samples = samples[max(-deviation, 0) :]
        else:
            samples = self._follow_drift(samples, deviation)
        if len(samples):
            self._position += len(samples)
            yield samples

    def fill_to(self, end_s: float) -> Iterator[Samples]:
        """Silence up to `end_s`; nothing if the line is that long already."""
        yield from self._silence(round(end_s * self._sample_rate) - self._position)

    def _silence(self, count: int) -> Iterator[Samples]:
        while count > 0:
            piece = np.zeros((min(count, _SILENCE_SAMPLES), self._channels), np.float32)
            self._position += len(piece)
            count -= len(piece)
            yield piece

    def _follow_drift(self, samples: Samples, deviation: float) -> Samples:
        block_s = len(samples) / self._sample_rate
        self._drift += (deviation - self._drift) * one_pole_step(block_s, DRIFT_TIME_S)
        if abs(self._drift) < DRIFT_LIMIT_S * self._sample_rate or len(samples) < 2:
            return samples
        slip = max(round(len(samples) * _STRETCH), 1)
        slip = slip if self._drift > 0.0 else -slip
        self._drift -= slip
        return stretched(samples, len(samples) + slip)


def stretched(samples: Samples, count: int) -> Samples:
    """``(n, channels)`` samples read off at `count` points, the ends kept: linear interpolation.

    >>> stretched(np.array([[0.0], [1.0]], np.float32), 3).ravel().tolist()
    [0.0, 0.5, 1.0]
    """
    points = np.linspace(0.0, len(samples) - 1.0, count)
    positions = np.arange(len(samples))
    columns = [np.interp(points, positions, column) for column in samples.T]
    return np.stack(columns, axis=1).astype(np.float32)
