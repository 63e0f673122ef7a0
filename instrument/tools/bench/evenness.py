"""Looking at a show from inside: when its frames were handed over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from instrument.clock import SystemClock
from instrument.show import Show

POLL_S = 0.01
"""Often enough that no frame is missed at up to 60 a second."""


@dataclass(frozen=True, slots=True)
class Evenness:
    """Frames of one stretch: how many, at what rate, and the gaps between two: the longest, and how many are long."""

    frames: int
    rate_hz: float
    longest_ms: float
    long_ms: float
    long: int

    def text(self) -> str:
        """In a few words."""
        return (
            f"{self.frames} frames at {self.rate_hz:.1f} fps, longest gap {self.longest_ms:.0f} ms, "
            f"{self.long} over {self.long_ms:.0f} ms"
        )


def frames_until(show: Show, clock: SystemClock, is_over: Callable[[float], bool]) -> list[float]:
    """Times at which the frames were handed to the sinks, until `is_over` says so of the time."""
    times_s: dict[int, float] = {}
    while not is_over(now_s := clock.now_s()):
        frame = show.snapshot().frame
        if frame is not None:
            times_s[frame.index] = frame.time_s
        clock.sleep_until_s(now_s + POLL_S)
    return [times_s[index] for index in sorted(times_s)]


def evenness(times_s: Sequence[float], long_ms: float) -> Evenness:
    """The figures of two or more frames.

    >>> evenness([0.0, 0.1, 0.2, 0.5], 150.0).text()
    '4 frames at 6.0 fps, longest gap 300 ms, 1 over 150 ms'
    """
    gaps_ms = [1e3 * (late - soon) for soon, late in pairwise(times_s)]
    rate_hz = len(gaps_ms) / (times_s[-1] - times_s[0])
    return Evenness(len(times_s), rate_hz, max(gaps_ms), long_ms, sum(gap > long_ms for gap in gaps_ms))
