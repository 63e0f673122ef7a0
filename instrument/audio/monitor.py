"""Hearing a file or the demo on an output device, when there is one."""

import logging
from enum import Enum

import numpy as np
import numpy.typing as npt

from instrument.audio.devices import Direction
from instrument.audio.keeper import ChildKeeper, KeeperState
from instrument.audio.wire import StreamRequest
from instrument.clock import SystemClock

_log = logging.getLogger(__name__)


class MonitorState(Enum):
    """Whether it is heard."""

    OFF = "off"
    STARTING = "starting"
    PLAYING = "playing"
    QUIET = "quiet"
    """No device, or one that went away; the show goes on without."""


class Monitor:
    """Plays blocks on the device whose name has `device` in it, the default for an empty one.

    Never waits and never raises: without a device it is quiet. `open`, `play` and `close` belong to one thread.
    """

    def __init__(self, device: str = "") -> None:
        self._device = device
        self._keeper: ChildKeeper | None = None
        self._clock = SystemClock()
        self._told = False

    @property
    def state(self) -> MonitorState:
        """May be read from any thread."""
        keeper = self._keeper
        if keeper is None:
            return MonitorState.OFF
        if keeper.state is KeeperState.PLAYING:
            return MonitorState.PLAYING
        return MonitorState.STARTING if keeper.state is KeeperState.STARTING else MonitorState.QUIET

    @property
    def reason(self) -> str:
        """Why it is quiet, in one line."""
        keeper = self._keeper
        return keeper.reason if keeper is not None else ""

    def open(self, sample_rate: int, block_size: int) -> None:
        """Begin to look for the device; blocks that come before it is found are not heard."""
        self.close()
        self._told = False
        self._keeper = ChildKeeper(StreamRequest(Direction.OUTPUT, self._device, block_size, sample_rate=sample_rate))
        self._keeper.start()

    def play(self, samples: npt.NDArray[np.float32]) -> None:
        """Let one block ``(block_size, channels)`` be heard: one channel on both sides, else the first two."""
        keeper = self._keeper
        if keeper is None:
            return
        if keeper.state is KeeperState.FAILED and not self._told:
            self._told = True
            _log.info("not heard on an output device: %s", keeper.reason)
        if keeper.state is KeeperState.PLAYING and keeper.ring is not None:
            keeper.ring.write(samples[:, :2], self._clock.now_s())

    def close(self) -> None:
        """End the sound. May be called twice; takes a few seconds at the very worst."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.close()
