"""Which beats begin a bar: asked of a small recurrent network once a beat, of all that was heard until the next."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from instrument.features.beat.front_end import BANDS, INPUTS
from instrument.features.beat.recurrent import GatedUnits
from instrument.features.beat.squash import squash

Floats = npt.NDArray[np.float32]

SLOTS = 4
"""Equal parts that a beat is cut into, so that a fast one looks like a slow one."""
KEPT_HOPS = 256
"""Nearly three seconds: two of the slowest beats."""
UNKNOWN = 0.5


def slots_of(heard: Floats) -> Floats:
    """``(SLOTS * INPUTS,)``: the mean levels and the highest rises in each part of a beat's inputs ``(hops, INPUTS)``.

    >>> slots_of(np.ones((9, INPUTS), np.float32)).shape
    (192,)
    """
    edges = np.rint(np.linspace(0, len(heard), SLOTS + 1)).astype(int)
    slots = np.empty((SLOTS, INPUTS), np.float32)
    for slot, start, stop in zip(slots, edges, edges[1:], strict=False):
        part = heard[min(start, len(heard) - 1) : max(stop, start + 1)]
        np.mean(part[:, :BANDS], axis=0, out=slot[:BANDS])
        np.max(part[:, BANDS:], axis=0, out=slot[BANDS:])
    return slots.reshape(-1)


class BarMarker:
    """Keeps what was heard of late, and says of a beat that has passed how likely it began a bar. Owned by one thread.

    To look at whole beats rather than hops is from Durand, Bello, David and Richard, "Robust downbeat tracking using an
    ensemble of convolutional networks" (2017).
    """

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._kept = np.zeros((KEPT_HOPS, INPUTS), np.float32)
        self._weight_in, self._bias_in = weights["weight_in"], weights["bias_in"]
        self._units = GatedUnits(weights)
        self._weight_out, self._bias_out = weights["weight_out"], weights["bias_out"]
        self._hops = 0

    def reset(self) -> None:
        """As if nothing had been heard."""
        self._kept.fill(0.0)
        self._units.reset()
        self._hops = 0

    def hear(self, inputs: Floats) -> None:
        """Take the inputs ``(INPUTS,)`` of the next hop."""
        self._kept[self._hops % KEPT_HOPS] = inputs
        self._hops += 1

    def rest(self) -> None:
        """Go on by a hop of silence."""
        self._kept[self._hops % KEPT_HOPS] = 0.0
        self._hops += 1

    def first(self, began: float, ended: float) -> float:
        """How likely it is, in ``(0, 1)``, that the beat marked `began` hops ago began a bar; the next was at `ended`.

        To be asked of one beat after the other. 0.5 for a beat that began before all that is kept.
        """
        start, stop = (self._hops - 1 - round(ago) - 1 for ago in (began, ended))
        if start < max(self._hops - KEPT_HOPS, 0) or stop <= start:
            return UNKNOWN
        heard = np.take(self._kept, range(start, stop), axis=0, mode="wrap")
        values = self._weight_in @ slots_of(heard)
        values += self._bias_in
        np.maximum(values, 0.0, out=values)
        logit: Floats = self._weight_out @ self._units.process(values)
        logit += self._bias_out
        return float(squash(logit)[0])
