"""Tapped beats: when, how fast. Pure."""

from collections import deque

FORGET_S = 2.2
"""A tap later than this after the one before begins anew."""
MOST_TAPS = 8
FASTEST_S = 0.2
"""Taps nearer than this are one tap that bounced."""


class Taps:
    """The taps of one hand in a row, and the beat they lie on."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque(maxlen=MOST_TAPS)
        self.count = 0

    def reset(self) -> None:
        """No tap yet."""
        self._times_s.clear()
        self.count = 0

    def take(self, time_s: float) -> tuple[float, float] | None:
        """The period and the time of the beat now tapped, seconds, by least squares; None for a first tap.

        >>> taps = Taps()
        >>> [taps.take(time_s) for time_s in (1.0, 1.5, 2.0)]
        [None, (0.5, 1.5), (0.5, 2.0)]
        """
        if self._times_s and not 0.0 < time_s - self._times_s[-1] <= FORGET_S:
            self.reset()
        if not self._times_s or time_s - self._times_s[-1] >= FASTEST_S:
            self._times_s.append(time_s)
            self.count += 1
        number = len(self._times_s)
        if number < 2:
            return None
        middle = 0.5 * (number - 1)
        mean_s = sum(self._times_s) / number
        along = sum((index - middle) * (tap_s - mean_s) for index, tap_s in enumerate(self._times_s))
        period_s = along / sum((index - middle) ** 2 for index in range(number))
        return period_s, mean_s + middle * period_s
