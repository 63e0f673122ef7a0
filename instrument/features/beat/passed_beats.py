"""What networks that are asked once a beat hear: all of it, from one beat to the next."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from instrument.features.beat.front_end import BANDS, INPUTS
from instrument.features.beat.recurrent import GatedUnits

Floats = npt.NDArray[np.float32]

KEPT_HOPS = 256
"""Nearly three seconds: two of the slowest beats."""


def slots_of(heard: Floats, slots: int) -> Floats:
    """``(slots * INPUTS,)``: mean levels and highest rises in equal parts of a beat's inputs ``(hops, INPUTS)``.

    >>> slots_of(np.ones((9, INPUTS), np.float32), 4).shape
    (192,)
    """
    edges = np.rint(np.linspace(0, len(heard), slots + 1)).astype(int)
    found = np.empty((slots, INPUTS), np.float32)
    for slot, start, stop in zip(found, edges, edges[1:], strict=False):
        part = heard[min(start, len(heard) - 1) : max(stop, start + 1)]
        np.mean(part[:, :BANDS], axis=0, out=slot[:BANDS])
        np.max(part[:, BANDS:], axis=0, out=slot[BANDS:])
    return found.reshape(-1)


class PassedBeats:
    """Keeps what was heard of late. Owned by one thread."""

    def __init__(self) -> None:
        self._kept = np.zeros((KEPT_HOPS, INPUTS), np.float32)
        self._hops = 0

    def reset(self) -> None:
        """As if nothing had been heard."""
        self._kept.fill(0.0)
        self._hops = 0

    def hear(self, inputs: Floats) -> None:
        """Take the inputs ``(INPUTS,)`` of the next hop."""
        self._kept[self._hops % KEPT_HOPS] = inputs
        self._hops += 1

    def rest(self) -> None:
        """Go on by a hop of silence."""
        self._kept[self._hops % KEPT_HOPS] = 0.0
        self._hops += 1

    def between(self, began: float, ended: float) -> Floats | None:
        """Inputs ``(hops, INPUTS)`` of the beat marked `began` hops ago, until that marked `ended` ago.

        None for a beat that began before all that is kept.
        """
        start, stop = (self._hops - 1 - round(ago) - 1 for ago in (began, ended))
        if start < max(self._hops - KEPT_HOPS, 0) or stop <= start:
            return None
        return np.take(self._kept, range(start, stop), axis=0, mode="wrap")


class BeatwiseNetwork:
    """A recurrent network that takes one beat after the other. Owned by one thread.

    To look at whole beats rather than hops is from Durand, Bello, David and Richard, "Robust downbeat tracking using an
    ensemble of convolutional networks" (2017).
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._weight_in, self._bias_in = weights["weight_in"], weights["bias_in"]
        self._units = GatedUnits(weights)
        self._weight_out, self._bias_out = weights["weight_out"], weights["bias_out"]
        self._slots = self._weight_in.shape[1] // INPUTS

    def reset(self) -> None:
        """As if there had been no beat yet."""
        self._units.reset()

    def process(self, heard: Floats) -> Floats:
        """Logits ``(outputs,)`` of the next beat, of which this was heard ``(hops, INPUTS)``."""
        values = self._weight_in @ slots_of(heard, self._slots)
        values += self._bias_in
        np.maximum(values, 0.0, out=values)
        logits: Floats = self._weight_out @ self._units.process(values)
        logits += self._bias_out
        return logits
