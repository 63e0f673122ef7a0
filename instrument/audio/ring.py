"""Blocks of sound handed from one process to another through shared memory, without a lock between them.

One writer, one reader. The writer never waits: when the reader is too slow the oldest block is overwritten, and
the reader finds out from the block's own number (a sequence lock), skips to the newest and counts what it lost.
"""

import threading
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory

import numpy as np
import numpy.typing as npt

from instrument.audio.source import AudioBlock
from instrument.children import attach_memory, buffer_of
from instrument.errors import AudioError

_MAGIC = 0x4C4952494E473031
_HEADER = 8
"""Words at the start: magic, slots, block_size, channels, sample_rate, written, beat, spare."""
_WRITTEN, _BEAT = 5, 6
_BEING_WRITTEN = -1


@dataclass(frozen=True, slots=True)
class RingShape:
    """Geometry of a ring: `slots` blocks of ``(block_size, channels)`` float32 at `sample_rate` Hz."""

    slots: int
    block_size: int
    channels: int
    sample_rate: int

    @property
    def size_bytes(self) -> int:
        """Bytes of memory it takes."""
        words = _HEADER + 3 * self.slots
        return 8 * words + 4 * self.slots * self.block_size * self.channels


class SharedRing:
    """A ring in shared memory; made by the parent with `create`, found by the child with `attach`.

    `write` belongs to one thread of one process. `beat` is stamped by whoever runs the device, so that the other
    side can see that it still does.
    """

    def __init__(self, memory: SharedMemory, shape: RingShape, owner: bool) -> None:
        self.shape = shape
        self.name = memory.name
        self._memory: SharedMemory | None = memory
        self._owner = owner
        self._fence_lock = threading.Lock()
        buffer, slots = buffer_of(memory), shape.slots
        self._header = np.frombuffer(buffer, np.int64, _HEADER)
        self._index = np.frombuffer(buffer, np.int64, slots, 8 * _HEADER)
        self._times_s = np.frombuffer(buffer, np.float64, slots, 8 * (_HEADER + slots))
        self._lost = np.frombuffer(buffer, np.int64, slots, 8 * (_HEADER + 2 * slots))
        count = slots * shape.block_size * shape.channels
        flat = np.frombuffer(buffer, np.float32, count, 8 * (_HEADER + 3 * slots))
        self._samples = flat.reshape(slots, shape.block_size, shape.channels)

    @classmethod
    def create(cls, shape: RingShape) -> "SharedRing":
        """Make an empty ring under a new name. Whoever creates it removes it with `close`."""
        ring = cls(SharedMemory(create=True, size=shape.size_bytes), shape, owner=True)
        ring._index[:] = _BEING_WRITTEN
        ring._header[1:5] = shape.slots, shape.block_size, shape.channels, shape.sample_rate
        ring._header[0] = _MAGIC
        return ring

    @classmethod
    def attach(cls, name: str) -> "SharedRing":
        """Open the ring another process made. Raises AudioError if there is none of this name."""
        try:
            memory = attach_memory(name)
        except (OSError, ValueError) as error:
            raise AudioError(f"no shared memory {name!r}: {error}") from error
        header = np.frombuffer(buffer_of(memory), np.int64, _HEADER).tolist()
        if header[0] != _MAGIC:
            raise AudioError(f"shared memory {name!r} holds no sound")
        return cls(memory, RingShape(*header[1:5]), owner=False)

    @property
    def written(self) -> int:
        """Blocks written since the ring was made; also the number of the next one."""
        return int(self._header[_WRITTEN])

    @property
    def last_time_s(self) -> float | None:
        """Stamp of the newest block, or None before the first."""
        written = self.written
        return float(self._times_s[(written - 1) % self.shape.slots]) if written else None

    @property
    def beat_s(self) -> float:
        """Clock time of the device's last sign of life; 0.0 before the first."""
        return float(self._header[_BEAT]) * 1e-9

    def beat(self, now_s: float) -> None:
        """Say that the device is alive."""
        self._header[_BEAT] = int(now_s * 1e9)

    def write(self, samples: npt.NDArray[np.float32], capture_time_s: float, lost: int = 0) -> None:
        """Add one block ``(block_size, channels)``. Never waits; one caller only."""
        index = int(self._header[_WRITTEN])
        slot = index % self.shape.slots
        self._index[slot] = _BEING_WRITTEN
        self._fence()
        self._samples[slot] = samples
        self._times_s[slot] = capture_time_s
        self._lost[slot] = lost
        self._fence()
        self._index[slot] = index
        self._header[_WRITTEN] = index + 1

    def copy(self, index: int) -> AudioBlock | None:
        """Block number `index` as a copy, or None if it is not whole: not yet there, or overwritten meanwhile."""
        slot = index % self.shape.slots
        if self._index[slot] != index:
            return None
        self._fence()
        block = AudioBlock(self._samples[slot].copy(), float(self._times_s[slot]), int(self._lost[slot]))
        self._fence()
        return block if self._index[slot] == index else None

    def close(self) -> None:
        """Let go of the memory; the maker also removes it. May be called twice."""
        memory, self._memory = self._memory, None
        if memory is None:
            return
        # The views must go first: memory with exported pointers cannot be closed.
        empty = np.zeros(_HEADER, np.int64)
        self._header, self._index, self._lost = empty, empty, empty
        self._times_s = np.zeros(1)
        self._samples = np.zeros((1, 1, 1), np.float32)
        memory.close()
        if self._owner:
            memory.unlink()

    def _fence(self) -> None:
        # Taking a lock orders memory on processors that reorder stores (ARM); nobody else ever holds this one.
        with self._fence_lock:
            pass


class RingReader:
    """Reads a ring in order, from the next block to be written onwards. One thread."""

    def __init__(self, ring: SharedRing) -> None:
        self._ring = ring
        self._next = ring.written

    @property
    def fill(self) -> int:
        """Blocks waiting to be read."""
        return self._ring.written - self._next

    def skip(self, count: int) -> None:
        """Leave out the next `count` blocks without counting them as lost."""
        self._next += count

    def peek(self) -> AudioBlock | None:
        """The block `read` would return, without moving on; its `lost` is the writer's only."""
        return self._ring.copy(self._next) if self.fill > 0 else None

    def read(self) -> AudioBlock | None:
        """The next block, or None if there is none. Falling a whole ring behind skips to the newest."""
        skipped = 0
        while (waiting := self.fill) > 0:
            if waiting < self._ring.shape.slots and (block := self._ring.copy(self._next)) is not None:
                self._next += 1
                lost = block.lost + skipped * self._ring.shape.block_size
                return AudioBlock(block.samples, block.capture_time_s, lost)
            newest = max(self._ring.written - 1, self._next + 1)
            skipped += newest - self._next
            self._next = newest
        return None
