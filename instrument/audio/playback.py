"""What the output callback plays from the ring: an even stream, though its two ends run on different clocks."""

import numpy as np
import numpy.typing as npt

from instrument.audio.ring import RingReader, SharedRing

CUSHION_S = 0.04
"""Sound kept waiting, against the unevenness of the process that sends it."""
WATCH_S = 2.0
"""How long the cushion is watched before it is corrected."""
FLOOD_BLOCKS = 4
"""So many blocks above the cushion are a burst after a stall, and dropped at once."""


class CushionKeeper:
    """Tells when to leave out or repeat a block. Pure.

    The clock that paces a file and the one of the sound card drift apart by some 50 ppm, a block in seven
    minutes. The smallest fill over `window` blocks shows the drift through the unevenness.
    """

    def __init__(self, cushion: int, window: int) -> None:
        self._cushion = cushion
        self._window = window
        self.reset()

    def reset(self) -> None:
        """Start watching anew."""
        self._seen = 0
        self._lowest: int | None = None

    def process(self, fill: int) -> int:
        """-1: leave one block out, +1: repeat one, 0: neither; for the number of blocks waiting now."""
        self._lowest = fill if self._lowest is None else min(self._lowest, fill)
        self._seen += 1
        if self._seen < self._window:
            return 0
        lowest = self._lowest
        self.reset()
        if lowest > self._cushion:
            return -1
        return 1 if lowest < self._cushion and self._cushion > 1 else 0


class Playback:
    """Fills output blocks from a ring of stereo blocks. Belongs to the callback; never waits."""

    def __init__(self, ring: SharedRing) -> None:
        block_s = ring.shape.block_size / ring.shape.sample_rate
        self._reader = RingReader(ring)
        self._cushion = max(2, round(CUSHION_S / block_s))
        self._keeper = CushionKeeper(self._cushion, max(1, round(WATCH_S / block_s)))
        self._ramp = np.linspace(0.0, 1.0, ring.shape.block_size, dtype=np.float32)[:, None]
        self._waiting = True
        self._repeat: npt.NDArray[np.float32] | None = None

    def fill(self, out: npt.NDArray[np.float32]) -> None:
        """Write the next ``(block_size, channels)`` into `out`; the first two channels sound, the others are silent."""
        samples = self._next()
        if samples is None:
            out[:] = 0.0
            return
        out[:, :2] = samples
        out[:, 2:] = 0.0

    def _next(self) -> npt.NDArray[np.float32] | None:
        waiting = self._reader.fill
        if waiting > self._cushion + FLOOD_BLOCKS:
            self._reader.skip(waiting - self._cushion)
        if self._waiting and waiting < self._cushion:
            return None
        block = self._reader.peek()
        self._waiting = block is None
        if block is None:
            self._keeper.reset()
            self._repeat = None
            return None
        return self._corrected(block.samples, self._keeper.process(waiting))

    def _corrected(self, samples: npt.NDArray[np.float32], correction: int) -> npt.NDArray[np.float32]:
        repeat, self._repeat = self._repeat, None
        if repeat is not None:
            # Begins as what follows the last block and ends as that block ended, so both seams fit.
            return self._crossfade(samples, repeat)
        self._reader.skip(1)
        if correction > 0:
            self._repeat = samples
        elif correction < 0 and (after := self._reader.peek()) is not None:
            self._reader.skip(1)
            return self._crossfade(samples, after.samples)
        return samples

    def _crossfade(self, first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return first + (second - first) * self._ramp
