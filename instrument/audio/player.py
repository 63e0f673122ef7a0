"""A recording played as if it were live: the part that files and the demo share."""

import logging
import threading
from typing import Protocol

import numpy as np
import numpy.typing as npt

from instrument.audio.source import AudioBlock, SourceState
from instrument.clock import Clock
from instrument.errors import AudioError

LATE_MAX_S = 0.5
"""Read later than this, a recording waits for its listener rather than hurrying after the time."""
PAUSE_POLL_S = 0.02

_log = logging.getLogger(__name__)


class Recording(Protocol):
    """Sound of known length that can be read from its beginning, again and again. One thread."""

    @property
    def label(self) -> str:
        """What it is called."""
        ...

    @property
    def sample_rate(self) -> int:
        """Hz, once open."""
        ...

    @property
    def channels(self) -> int:
        """Columns of what `read` returns, once open."""
        ...

    @property
    def length(self) -> int:
        """Samples per channel of one pass, once open."""
        ...

    def open(self) -> None:
        """Make ready to read from the beginning. Raises AudioError."""
        ...

    def read(self, count: int) -> npt.NDArray[np.float32]:
        """The next samples, ``(count, channels)``; fewer only at the end. Raises AudioError."""
        ...

    def rewind(self) -> None:
        """Go back to the beginning. Raises AudioError."""
        ...

    def close(self) -> None:
        """Give everything back. May be called twice."""
        ...


class Listener(Protocol):
    """Somewhere a recording is also heard. None of these waits."""

    def open(self, sample_rate: int, block_size: int) -> None:
        """Prepare for blocks of this rate and size."""
        ...

    def play(self, samples: npt.NDArray[np.float32]) -> None:
        """Play one block ``(block_size, channels)`` from now on."""
        ...

    def close(self) -> None:
        """End."""
        ...


class PlayedSource:
    """An `AudioSource` that plays a `recording` at the pace of `clock`.

    A block is delivered when its newest sample is due, and handed to `monitor` when its oldest is. Neither depends on
    how fast it is read, except that a reader more than `LATE_MAX_S` late finds the recording waiting. On a
    `ManualClock` it plays as fast as it is read.
    """

    def __init__(
        self,
        recording: Recording,
        clock: Clock,
        block_size: int,
        loop: bool = False,
        monitor: Listener | None = None,
    ) -> None:
        self._recording = recording
        self._clock = clock
        self._block_size = block_size
        self._loop = loop
        self._monitor = monitor
        self._state = SourceState.CLOSED
        self._paused = threading.Event()
        self._restart()

    @property
    def label(self) -> str:
        """What the surface calls it."""
        return self._recording.label

    @property
    def sample_rate(self) -> int:
        """Hz; known once open."""
        return self._recording.sample_rate

    @property
    def channels(self) -> int:
        """Channels of every block; known once open."""
        return self._recording.channels

    @property
    def duration_s(self) -> float | None:
        """Length of one pass in seconds; None before `open`."""
        rate = self._recording.sample_rate
        return self._recording.length / rate if rate else None

    @property
    def position_s(self) -> float:
        """Where in the recording the sound is that was delivered last. Any thread."""
        rate = self._recording.sample_rate
        return self._position / rate if rate else 0.0

    @property
    def state(self) -> SourceState:
        """May be read from any thread."""
        if self._state is SourceState.PLAYING and self._paused.is_set():
            return SourceState.PAUSED
        return self._state

    def open(self) -> None:
        """Make ready to play from the beginning; the time runs from the first `read`. Raises AudioError."""
        self.close()
        self._recording.open()
        self._restart()
        if self._monitor is not None:
            self._monitor.open(self._recording.sample_rate, self._block_size)
        self._state = SourceState.PLAYING

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next block, at the time it is due, or None after `timeout_s`. The last one is filled up with silence."""
        deadline_s = self._clock.now_s() + timeout_s
        if not self._wait_while_paused(deadline_s) or not self._fetch():
            self._clock.sleep_until_s(deadline_s)
            return None
        due_s = self._due_s()
        self._clock.sleep_until_s(min(due_s, deadline_s))
        if due_s > deadline_s or self._paused.is_set():
            return None
        return self._deliver(due_s)

    def set_paused(self, paused: bool) -> None:
        """Hold the recording where it is, or go on. Any thread."""
        if paused:
            self._paused.set()
        else:
            self._paused.clear()

    def close(self) -> None:
        """Give everything back. May be called twice."""
        self._state = SourceState.CLOSED
        if self._monitor is not None:
            self._monitor.close()
        self._recording.close()

    def _restart(self) -> None:
        self._next: npt.NDArray[np.float32] | None = None
        self._next_position = 0
        self._position = 0
        self._delivered = 0
        self._origin_s: float | None = None
        """When the first sample would have been due had nothing ever held the recording up."""

    def _wait_while_paused(self, deadline_s: float) -> bool:
        """True once it is not paused; False if it still is at the deadline."""
        while self._paused.is_set():
            self._origin_s = None
            now_s = self._clock.now_s()
            if now_s >= deadline_s:
                return False
            self._clock.sleep_until_s(min(deadline_s, now_s + PAUSE_POLL_S))
        return True

    def _due_s(self) -> float:
        now_s = self._clock.now_s()
        rate = self._recording.sample_rate
        if self._origin_s is None:
            self._origin_s = now_s - self._delivered / rate
        due_s = self._origin_s + (self._delivered + self._block_size) / rate
        if now_s - due_s > LATE_MAX_S:
            self._origin_s += now_s - due_s
            due_s = now_s
        return due_s

    def _deliver(self, due_s: float) -> AudioBlock | None:
        samples, self._next = self._next, None
        if samples is None:
            return None
        self._delivered += self._block_size
        self._position = self._next_position
        return AudioBlock(samples, due_s)

    def _fetch(self) -> bool:
        """Have the next block at hand. False if there is none any more."""
        if self._next is not None:
            return True
        if self._state is not SourceState.PLAYING:
            return False
        try:
            self._next = self._collect()
        except AudioError as error:
            _log.warning("%s", error)
            self._next = None
        if self._next is None:
            self._state = SourceState.ENDED
            return False
        if self._monitor is not None:
            self._monitor.play(self._next)
        return True

    def _collect(self) -> npt.NDArray[np.float32] | None:
        """One block from where the recording stands, across the seam of a loop; None at its end."""
        block = np.zeros((self._block_size, self._recording.channels), np.float32)
        filled = 0
        rewound = False
        while filled < self._block_size:
            part = self._recording.read(self._block_size - filled)
            block[filled : filled + len(part)] = part
            filled += len(part)
            self._next_position += len(part)
            if len(part) > 0:
                rewound = False
            elif not self._loop or rewound:
                break
            else:
                self._recording.rewind()
                self._next_position, rewound = 0, True
        return block if filled else None
