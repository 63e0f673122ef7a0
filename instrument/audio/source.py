"""What every sound source is to the rest of the house."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """One delivery of sound.

    `samples` is ``(block_size, channels)`` float32 in nominal ``[-1, 1]``; `capture_time_s` is the clock's time at
    which the newest of them existed (for a file or the demo: at which it is due); `lost` counts samples per
    channel that were dropped just before this block.
    """

    samples: npt.NDArray[np.float32]
    capture_time_s: float
    lost: int = 0


class SourceState(Enum):
    """How a source is doing."""

    CLOSED = "closed"
    PLAYING = "playing"
    PAUSED = "paused"
    ENDED = "ended"
    """There is nothing more to come."""
    LOST = "lost"
    """The interface went away; the source tries to get it back by itself."""


class AudioSource(Protocol):
    """A stream of blocks. Opened, read and closed by one thread; `set_paused` may be called from any."""

    @property
    def label(self) -> str:
        """What the surface calls it, e.g. ``song.flac``."""
        ...

    @property
    def sample_rate(self) -> int:
        """Hz; known once open."""
        ...

    @property
    def channels(self) -> int:
        """Channels of every block; known once open."""
        ...

    @property
    def state(self) -> SourceState:
        """May be read from any thread."""
        ...

    @property
    def duration_s(self) -> float | None:
        """Length of one pass, or None where there is none (an interface)."""
        ...

    def open(self) -> None:
        """Acquire what is needed. Raises AudioError in one clear line, candidates listed."""
        ...

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next block in order, or None if there is none within `timeout_s`. Blocks at most that long.

        Never raises once open: a lost interface shows in `state`.
        """
        ...

    def set_paused(self, paused: bool) -> None:
        """Hold a file or the demo where it is; an interface goes on but delivers nothing."""
        ...

    def close(self) -> None:
        """Give everything back. May be called twice; never hangs."""
        ...
