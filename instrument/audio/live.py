"""Sound from an interface. A child process owns it; see `child.py` for the reason."""

import threading

from instrument.audio.devices import Direction
from instrument.audio.keeper import ChildKeeper, KeeperState
from instrument.audio.ring import RingReader
from instrument.audio.source import AudioBlock, SourceState
from instrument.audio.wire import StreamRequest
from instrument.clock import Clock

POLL_S = 0.0005
"""How closely a block that is due is looked for."""
EARLY_S = 0.001
"""How long before it is due the looking begins."""
IDLE_POLL_S = 0.005
"""The same when none comes."""


class LiveSource:
    """Blocks of one interface, as they come.

    `name` is part of the device's name, empty for the default; `picked_channels` count from 1, empty takes the first
    two. `clock` must be a `SystemClock`: the stamps come from another process.
    """

    def __init__(self, name: str, clock: Clock, block_size: int, picked_channels: tuple[int, ...] = ()) -> None:
        self._name = name
        self._clock = clock
        self._request = StreamRequest(Direction.INPUT, name, block_size, picked_channels)
        self._keeper: ChildKeeper | None = None
        self._reader: RingReader | None = None
        self._label = name or "live"
        self._sample_rate = 0
        self._channels = 0
        self._block_s = 0.0
        self._last_read_s = 0.0
        self._paused = threading.Event()

    @property
    def label(self) -> str:
        """The device's name; once open, with its host API."""
        return self._label

    @property
    def sample_rate(self) -> int:
        """Hz, the device's own; 0 before `open`."""
        return self._sample_rate

    @property
    def channels(self) -> int:
        """Channels of every block; 0 before `open`."""
        return self._channels

    @property
    def duration_s(self) -> float | None:
        """An interface has no length."""
        return None

    @property
    def state(self) -> SourceState:
        """May be read from any thread."""
        keeper = self._keeper
        if keeper is None or keeper.state in (KeeperState.CLOSED, KeeperState.FAILED):
            return SourceState.CLOSED
        if keeper.state is KeeperState.LOST:
            return SourceState.LOST
        return SourceState.PAUSED if self._paused.is_set() else SourceState.PLAYING

    def open(self) -> None:
        """Find the device and start it; about half a second. Raises AudioError, candidates listed."""
        self.close()
        keeper = ChildKeeper(self._request)
        keeper.open()
        ring = keeper.ring
        assert ring is not None  # an opened keeper has one until it is closed
        self._reader = RingReader(ring)
        self._label = keeper.device
        self._sample_rate, self._channels = ring.shape.sample_rate, ring.shape.channels
        self._block_s = ring.shape.block_size / ring.shape.sample_rate
        self._keeper = keeper

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next block in order, or None if there is none within `timeout_s`. Blocks at most that long."""
        deadline_s = self._clock.now_s() + timeout_s
        while True:
            block = self._reader.read() if self._reader is not None else None
            now_s = self._clock.now_s()
            if block is not None:
                self._last_read_s = now_s
                if not self._paused.is_set():
                    return block
            if now_s >= deadline_s:
                return None
            self._clock.sleep_until_s(min(deadline_s, self._next_look_s(now_s)))

    def set_paused(self, paused: bool) -> None:
        """Deliver nothing while paused; what was played meanwhile is gone. Any thread."""
        if paused:
            self._paused.set()
        else:
            self._paused.clear()

    def close(self) -> None:
        """Give the device back. May be called twice; takes a few seconds at the very worst."""
        self._reader = None
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.close()

    def _next_look_s(self, now_s: float) -> float:
        due_s = self._last_read_s + self._block_s
        if now_s < due_s - EARLY_S:
            return due_s - EARLY_S
        late = now_s > due_s + self._block_s
        return now_s + (IDLE_POLL_S if late else POLL_S)
