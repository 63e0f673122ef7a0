"""A recurrent network that takes one beat after the other. numpy only.

To look at whole beats rather than hops is from Durand, Bello, David and Richard, "Robust downbeat tracking using an
ensemble of convolutional networks" (2017).
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from instrument.features.beat.recurrent import GatedUnits

Floats = npt.NDArray[np.float32]


class BeatwiseNetwork:
    """A layer, recurrent units, and what they say. Owned by one thread."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._weight_in, self._bias_in = weights["weight_in"], weights["bias_in"]
        self._units = GatedUnits(weights)
        self._weight_out, self._bias_out = weights["weight_out"], weights["bias_out"]

    def reset(self) -> None:
        """As if there had been no beat yet."""
        self._units.reset()

    def process(self, sketch: Floats) -> Floats:
        """Logits ``(outputs,)`` of the next beat, by what `beat_sketch` says of it ``(VALUES,)``."""
        values = self._weight_in @ sketch
        values += self._bias_in
        np.maximum(values, 0.0, out=values)
        logits: Floats = self._weight_out @ self._units.process(values)
        logits += self._bias_out
        return logits
