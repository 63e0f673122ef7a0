"""Pictures handed to another process through shared memory: the latest wins, and none is ever seen half written.

One writer, one reader, no lock between them. The writer goes round the slots and never waits; the reader looks at the
newest and finds out from the slot's own number (a sequence lock) whether it was overwritten meanwhile.
"""

import math
import threading
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory

import numpy as np
import numpy.typing as npt

from instrument.children import attach_memory, buffer_of
from instrument.errors import OutputError

SLOTS = 3
TRIES = 8
_MAGIC = 0x4C49504943543031
_WORDS = 8
"""Words at the start: magic, bytes a slot, written, shown, when that was shown and when it was finished (float64)."""
_WRITTEN, _SHOWN, _SHOWN_AT, _FINISHED_AT = 2, 3, 4, 5
_SLOT_WORDS = 4
"""Words a slot: its number, height, width, when the picture was finished (float64)."""
_BEING_WRITTEN = -1


@dataclass(frozen=True, slots=True)
class PictureCopy:
    """A whole picture as it stood in a slot: ``(height, width, 3)`` uint8 RGB, rows top-down; finished at `time_s`."""

    image: npt.NDArray[np.uint8]
    number: int
    time_s: float


class SharedPictures:
    """Three pictures in shared memory; made by the parent with `create`, found by the child with `attach`."""

    def __init__(self, memory: SharedMemory, slot_bytes: int, owner: bool) -> None:
        self.name = memory.name
        self.slot_bytes = slot_bytes
        self._memory: SharedMemory | None = memory
        self._owner = owner
        self._fence_lock = threading.Lock()
        buffer, slot_words = buffer_of(memory), SLOTS * _SLOT_WORDS
        self._words = np.frombuffer(buffer, np.int64, _WORDS + slot_words)
        self._times_s = np.frombuffer(buffer, np.float64, _WORDS + slot_words)
        pixels = np.frombuffer(buffer, np.uint8, SLOTS * slot_bytes, 8 * (_WORDS + slot_words))
        self._pixels = pixels.reshape(SLOTS, slot_bytes)

    @classmethod
    def create(cls, slot_bytes: int) -> "SharedPictures":
        """Make room for pictures of up to `slot_bytes`. Whoever creates it removes it with `close`. Raises OSError."""
        size = 8 * (_WORDS + SLOTS * _SLOT_WORDS) + SLOTS * slot_bytes
        pictures = cls(SharedMemory(create=True, size=size), slot_bytes, owner=True)
        pictures._words[1] = slot_bytes
        pictures._words[0] = _MAGIC
        return pictures

    @classmethod
    def attach(cls, name: str) -> "SharedPictures":
        """Open what another process made. Raises OutputError if there is nothing of this name."""
        try:
            memory = attach_memory(name)
        except (OSError, ValueError) as error:
            raise OutputError(f"no shared memory {name!r}: {error}") from error
        magic, slot_bytes = np.frombuffer(buffer_of(memory), np.int64, 2).tolist()
        if magic != _MAGIC:
            raise OutputError(f"shared memory {name!r} holds no pictures")
        return cls(memory, slot_bytes, owner=False)

    @property
    def written(self) -> int:
        """Number of the newest picture; 0 before the first."""
        return int(self._words[_WRITTEN])

    @property
    def shown(self) -> int:
        """Number of the picture that was shown last; 0 before the first."""
        return int(self._words[_SHOWN])

    @property
    def lag_s(self) -> float:
        """How long the picture that was shown last took from being finished to being on the screen; NaN before."""
        if not self.shown:
            return math.nan
        return float(self._times_s[_SHOWN_AT] - self._times_s[_FINISHED_AT])

    def write(self, image: npt.NDArray[np.uint8], time_s: float) -> None:
        """Publish ``(height, width, 3)`` bytes, finished at `time_s`. Never waits; one caller only."""
        number = self.written + 1
        slot, place = number % SLOTS, _place(number)
        self._words[place] = _BEING_WRITTEN
        self._fence()
        self._pixels[slot, : image.size].reshape(image.shape)[:] = image
        self._words[place + 1 : place + 3] = image.shape[:2]
        self._times_s[place + 3] = time_s
        self._fence()
        self._words[place] = number
        self._words[_WRITTEN] = number

    def copy_newest(self) -> PictureCopy | None:
        """The newest picture, or None: before the first, and where the writer was quicker `TRIES` times in a row."""
        for _ in range(TRIES):
            number = self.written
            if number == 0:
                return None
            picture = self._copy(number)
            if picture is not None:
                return picture
        return None

    def note_shown(self, picture: PictureCopy, now_s: float) -> None:
        """Say that `picture` is on the screen. The reader's."""
        self._times_s[_SHOWN_AT], self._times_s[_FINISHED_AT] = now_s, picture.time_s
        self._words[_SHOWN] = picture.number

    def close(self) -> None:
        """Let go of the memory; the maker also removes it. May be called twice."""
        memory, self._memory = self._memory, None
        if memory is None:
            return
        # The views must go first: memory with exported pointers cannot be closed.
        self._words, self._times_s = np.zeros(_WORDS, np.int64), np.zeros(_WORDS)
        self._pixels = np.zeros((SLOTS, 0), np.uint8)
        memory.close()
        if self._owner:
            memory.unlink()

    def _copy(self, number: int) -> PictureCopy | None:
        """Picture `number`, or None if it is not whole: being written, or overwritten meanwhile."""
        place = _place(number)
        if self._words[place] != number:
            return None
        self._fence()
        height, width = self._words[place + 1 : place + 3].tolist()
        # Half one size and half another may not fit the slot: hence no reshape before the check.
        pixels = self._pixels[number % SLOTS, : height * width * 3].copy()
        time_s = float(self._times_s[place + 3])
        self._fence()
        if self._words[place] != number:
            return None
        return PictureCopy(pixels.reshape(height, width, 3), number, time_s)

    def _fence(self) -> None:
        # Taking a lock orders memory on processors that reorder stores (ARM); nobody else ever holds this one.
        with self._fence_lock:
            pass


def _place(number: int) -> int:
    """Where the words of that picture's slot begin."""
    return _WORDS + _SLOT_WORDS * (number % SLOTS)
