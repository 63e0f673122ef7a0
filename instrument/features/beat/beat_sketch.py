"""What networks that are asked once a beat are given of it: its parts, its length, and which beats before it is like.

Where chords change is often where a beat or a bar begins, and what comes again comes again after whole beats and bars:
Goto, "An audio-based real-time beat tracking system for music with or without drum-sounds" (2001), and Foote and
Uchihashi, "The beat spectrum" (2001). Likeness says that in any key.
"""

import numpy as np
import numpy.typing as npt

from instrument.features.beat.front_end import BANDS, INPUTS
from instrument.features.beat.pitches import PITCHES

Floats = npt.NDArray[np.float32]

SLOTS = 8
"""Equal parts that a beat is cut into, so that a fast one looks like a slow one."""
HALVES = 16
"""Halves of beats back that each half is compared with: two bars of four."""
VALUES = SLOTS * INPUTS + 2 * 2 * HALVES + 1
USUAL_HOPS = 50.0
"""Length of a beat whose logarithm is 0."""
NEIGHBOURHOOD = 4.0
"""Spread of the pitches about one that it must stand out from, in semitones."""
LEAST = 1e-3
"""Length of a vector that is like nothing."""


def slots_of(heard: Floats) -> Floats:
    """``(SLOTS * INPUTS,)``: mean levels and highest rises in equal parts of a beat's inputs ``(hops, INPUTS)``.

    >>> slots_of(np.ones((9, INPUTS), np.float32)).shape
    (384,)
    """
    edges = np.rint(np.linspace(0, len(heard), SLOTS + 1)).astype(int)
    found = np.empty((SLOTS, INPUTS), np.float32)
    for slot, start, stop in zip(found, edges, edges[1:], strict=False):
        part = heard[min(start, len(heard) - 1) : max(stop, start + 1)]
        np.mean(part[:, :BANDS], axis=0, out=slot[:BANDS])
        np.max(part[:, BANDS:], axis=0, out=slot[BANDS:])
    return found.reshape(-1)


class BeatSketcher:
    """Sketches one beat after the other, and remembers the last ones. Owned by one thread."""

    def __init__(self) -> None:
        apart = np.arange(PITCHES)[:, None] - np.arange(PITCHES)[None, :]
        around = np.exp(-0.5 * (apart / NEIGHBOURHOOD) ** 2)
        self._standing_out = (np.eye(PITCHES) - around / around.sum(axis=1, keepdims=True)).T.astype(np.float32)
        self._harmony = _Likeness(PITCHES)
        self._timbre = _Likeness(BANDS)

    def reset(self) -> None:
        """As if there had been no beat yet."""
        self._harmony.reset()
        self._timbre.reset()

    def sketch(self, heard: Floats, pitches: Floats) -> Floats:
        """``(VALUES,)`` of the next beat's inputs ``(hops, INPUTS)`` and pitches ``(hops, PITCHES)``."""
        levels = _halves(heard[:, :BANDS])
        return np.concatenate(
            (
                slots_of(heard),
                self._harmony.take(_halves(pitches) @ self._standing_out),
                self._timbre.take(levels - levels.mean(axis=1, keepdims=True)),
                [np.float32(np.log(len(heard) / USUAL_HOPS))],
            )
        )


class _Likeness:
    """Cosines between the halves of the newest beat and those before them."""

    def __init__(self, length: int) -> None:
        self._kept = np.zeros((HALVES + 2, length), np.float32)

    def reset(self) -> None:
        self._kept.fill(0.0)

    def take(self, halves: Floats) -> Floats:
        """``(2 * HALVES,)`` of the next two ``(2, length)``: of the first, then of the second, its nearest first."""
        self._kept[2:] = self._kept[:-2].copy()
        self._kept[:2] = halves[::-1]
        self._kept[:2] /= np.linalg.norm(halves[::-1], axis=1, keepdims=True) + np.float32(LEAST)
        second, first = self._kept[:2] @ self._kept.T
        return np.concatenate((first[2:], second[1:-1]))


def _halves(rows: Floats) -> Floats:
    """The means ``(2, columns)`` of the two halves of a beat; one of a single hop is twice the same."""
    middle = len(rows) // 2
    return np.stack((rows[: max(middle, 1)].mean(axis=0), rows[middle:].mean(axis=0)))
