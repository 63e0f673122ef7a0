"""What was heard of late, kept until the beats in it have passed and are sketched."""

import numpy as np
import numpy.typing as npt

from instrument.features.beat.beat_sketch import BeatSketcher
from instrument.features.beat.front_end import INPUTS
from instrument.features.beat.pitches import PITCHES

Floats = npt.NDArray[np.float32]

KEPT_HOPS = 256
"""Nearly three seconds: two of the slowest beats."""


class PassedBeats:
    """Keeps the last hops and sketches the beats that end in them. Owned by one thread."""

    def __init__(self) -> None:
        self._kept = np.zeros((KEPT_HOPS, INPUTS + PITCHES), np.float32)
        self._sketcher = BeatSketcher()
        self._hops = 0

    def reset(self) -> None:
        """As if nothing had been heard."""
        self._kept.fill(0.0)
        self._hops = 0
        self._sketcher.reset()

    def forget(self) -> None:
        """Other beats are played from now on: those that were sketched have nothing to do with them."""
        self._sketcher.reset()

    def hear(self, inputs: Floats, pitches: Floats) -> None:
        """Take the inputs ``(INPUTS,)`` and the pitches ``(PITCHES,)`` of the next hop."""
        row = self._kept[self._hops % KEPT_HOPS]
        row[:INPUTS] = inputs
        row[INPUTS:] = pitches
        self._hops += 1

    def rest(self) -> None:
        """Go on by a hop of silence."""
        self._kept[self._hops % KEPT_HOPS] = 0.0
        self._hops += 1

    def sketch(self, began: float, ended: float) -> Floats | None:
        """Of the beat marked `began` hops ago, until that marked `ended` ago; to be asked of one beat after the other.

        None for a beat that began before all that is kept.
        """
        heard = self.between(began, ended)
        return None if heard is None else self._sketcher.sketch(heard[:, :INPUTS], heard[:, INPUTS:])

    def between(self, began: float, ended: float) -> Floats | None:
        """Inputs and pitches ``(hops, INPUTS + PITCHES)`` of that beat, or None likewise."""
        start, stop = (self._hops - 1 - round(ago) - 1 for ago in (began, ended))
        if start < max(self._hops - KEPT_HOPS, 0) or stop <= start:
            return None
        return np.take(self._kept, range(start, stop), axis=0, mode="wrap")
