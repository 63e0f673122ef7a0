"""The sums behind scopes and meters: ranges that follow what is seen, and peaks that stay a while. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.units import SILENCE_DB, clamp, one_pole_step

LEAST_SPAN = 0.2
"""A scope never magnifies more than five times: noise in silence stays small."""
RANGE_GLIDE_S = 0.4
METER_FLOOR_DB = -60.0
PEAK_HOLD_S = 1.5
PEAK_FALL_DB_S = 24.0


@dataclass(frozen=True, slots=True)
class Span:
    """The lowest and highest value a scope shows."""

    low: float = 0.0
    high: float = 1.0

    def position(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Heights in ``[0, 1]`` of ``(n,)`` values."""
        return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)


def span_of(values: Sequence[float] | npt.NDArray[np.float64]) -> Span:
    """The part of ``[0, 1]`` that holds all `values`, at least `LEAST_SPAN` wide.

    >>> span_of([0.5, 0.5])
    Span(low=0.4, high=0.6)
    >>> span_of([])
    Span(low=0.0, high=1.0)
    """
    if len(values) == 0:
        return Span()
    low, high = float(np.min(values)), float(np.max(values))
    width = max(high - low, LEAST_SPAN)
    middle = clamp(0.5 * (low + high), 0.5 * width, 1.0 - 0.5 * width) if width < 1.0 else 0.5
    return Span(middle - 0.5 * width, middle + 0.5 * width)


class AutoRange:
    """Glides the range of a scope after what it has to show."""

    def __init__(self) -> None:
        self._span = Span()

    def process(self, values: npt.NDArray[np.float64], dt_s: float) -> Span:
        """The range for ``(n,)`` values, `dt_s` seconds after the last call."""
        goal = span_of(values)
        step = one_pole_step(dt_s, RANGE_GLIDE_S)
        low = self._span.low + step * (goal.low - self._span.low)
        high = self._span.high + step * (goal.high - self._span.high)
        self._span = Span(low, high)
        return self._span


class PeakHold:
    """The highest level of late: held, then falling."""

    def __init__(self) -> None:
        self._peak_db = SILENCE_DB
        self._age_s = 0.0

    def process(self, level_db: float, dt_s: float) -> float:
        """The peak to show, in dB, `dt_s` seconds after the last call."""
        self._age_s += dt_s
        if level_db >= self._peak_db:
            self._peak_db, self._age_s = level_db, 0.0
        elif self._age_s > PEAK_HOLD_S:
            self._peak_db = max(level_db, self._peak_db - PEAK_FALL_DB_S * dt_s)
        return self._peak_db


def meter_position(level_db: float) -> float:
    """Height of a level on the meter, in ``[0, 1]``: `METER_FLOOR_DB` at the foot, full scale at the top.

    >>> meter_position(-30.0)
    0.5
    """
    return clamp(1.0 - level_db / METER_FLOOR_DB, 0.0, 1.0)


def level_text(level_db: float) -> str:
    """A level as read on the meter.

    >>> level_text(-8.44), level_text(-120.0)
    ('-8.4', '-inf')
    """
    return f"{level_db:.1f}" if level_db > METER_FLOOR_DB else "-inf"


def time_text(seconds: float) -> str:
    """A position in a file.

    >>> time_text(83.4), time_text(3661.0)
    ('1:23', '1:01:01')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
