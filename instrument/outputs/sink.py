"""What every sink is to the rest of the house."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture on its way out.

    `image` is ``(height, width, 3)`` uint8 RGB, rows top-down, contiguous, and nobody writes to it any more;
    `time_s` is the clock's time at which it was finished; `capture_time_s` that of the newest sample that
    shaped it (NaN before any sound came).
    """

    image: npt.NDArray[np.uint8]
    index: int
    time_s: float
    capture_time_s: float


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """What a sink is about to receive: picture size in pixels, nominal rate, and the sound beside it."""

    width_px: int
    height_px: int
    frame_rate_hz: float
    sample_rate: int
    channels: int


class Sink(Protocol):
    """A destination of frames. Made anywhere; `open`, `send`, `send_audio` and `close` come from one thread."""

    @property
    def label(self) -> str:
        """What the surface calls it, e.g. ``spout``."""
        ...

    @property
    def queue_frames(self) -> int:
        """Frames that may wait: 1 = latest wins (live sinks), more = in order (recorders)."""
        ...

    @property
    def wants_audio(self) -> bool:
        """Whether `send_audio` does anything."""
        ...

    def open(self, stream: StreamFormat) -> None:
        """Acquire what is needed, in the thread that will send. Raises OutputError in one clear line."""
        ...

    def send(self, frame: Frame) -> None:
        """Deliver one frame; may block for as long as the destination takes.

        Raises OutputError if it broke, OutputLeftError if somebody closed it at its far end.
        """
        ...

    def send_audio(self, samples: npt.NDArray[np.float32], capture_time_s: float) -> None:
        """Deliver ``(n, channels)`` samples; `capture_time_s` is that of the newest. Never dropped before a sink."""
        ...

    def close(self) -> None:
        """Finish what was begun (a file is playable afterwards). May be called twice."""
        ...


@runtime_checkable
class Remote(Protocol):
    """What a sink also is whose far end is a process of its own: it may be amiss for a while and come back."""

    @property
    def notice(self) -> str:
        """What is amiss, in one line; empty while all is well. Any thread."""
        ...

    @property
    def lag_s(self) -> float:
        """How long the newest frame at the far end took to get there since it was finished; NaN before the first."""
        ...
