"""The sink that goes nowhere: for playing without a destination, for benchmarks and for tests."""

import threading
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from instrument.outputs.sink import Frame, StreamFormat

KEPT_INTERVALS = 4096
"""Newest frame intervals that the statistics are made of: about a minute at 60 frames a second."""


@dataclass(frozen=True, slots=True)
class NullStatistics:
    """What came in since `open`. Intervals are between the times at which frames were finished.

    The interval figures cover the newest `KEPT_INTERVALS`, and are 0.0 before the second frame.
    """

    frames: int
    audio_samples: int
    interval_p50_ms: float
    interval_p99_ms: float
    longest_interval_ms: float


class NullSink:
    """Counts what it gets and keeps the newest frame. `statistics` and `last_frame` may be read from any thread."""

    label = "null"
    queue_frames = 1
    wants_audio = True

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._intervals_ms = np.zeros(KEPT_INTERVALS)
        self._last: Frame | None = None
        self._forget()

    @classmethod
    def from_argument(cls, argument: str) -> Self:  # noqa: ARG003 - the registry has made sure that it is empty
        """The sink behind the text ``null``."""
        return cls()

    @property
    def last_frame(self) -> Frame | None:
        """The newest frame, or None before the first."""
        with self._lock:
            return self._last

    @property
    def is_open(self) -> bool:
        """Whether it is between `open` and `close`."""
        return self._open

    def open(self, stream: StreamFormat) -> None:  # noqa: ARG002 - any format will do
        """Begin to count from zero."""
        with self._lock:
            self._forget()
            self._open = True

    def send(self, frame: Frame) -> None:
        """Count one frame. Never blocks."""
        with self._lock:
            if self._last is not None:
                slot = (self._frames - 1) % KEPT_INTERVALS
                self._intervals_ms[slot] = 1000.0 * (frame.time_s - self._last.time_s)
            self._last = frame
            self._frames += 1

    def send_audio(self, samples: npt.NDArray[np.float32], capture_time_s: float) -> None:  # noqa: ARG002 - see sink.py
        """Count ``(n, channels)`` samples as n."""
        with self._lock:
            self._audio_samples += len(samples)

    def close(self) -> None:
        """Stop; the figures stay readable."""
        self._open = False

    def statistics(self) -> NullStatistics:
        """The figures so far."""
        with self._lock:
            frames, audio_samples = self._frames, self._audio_samples
            intervals_ms = self._intervals_ms[: max(frames - 1, 0)].copy()
        if not intervals_ms.size:
            return NullStatistics(frames, audio_samples, 0.0, 0.0, 0.0)
        p50_ms, p99_ms = np.percentile(intervals_ms, (50, 99))
        return NullStatistics(frames, audio_samples, float(p50_ms), float(p99_ms), float(intervals_ms.max()))

    def _forget(self) -> None:
        self._frames = 0
        self._audio_samples = 0
        self._last = None
        self._open = False
