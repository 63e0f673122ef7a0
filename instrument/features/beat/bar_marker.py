"""Which beats begin a bar: asked of a small recurrent network once a beat."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from instrument.features.beat.passed_beats import BeatwiseNetwork, PassedBeats
from instrument.features.beat.squash import squash

SLOTS = 4
"""Equal parts that a beat is cut into, so that a fast one looks like a slow one."""
UNKNOWN = 0.5


class BarMarker:
    """Says of a beat that has passed how likely it began a bar. Owned by one thread."""

    def __init__(self, passed: PassedBeats, weights: Mapping[str, npt.NDArray[np.float32]]) -> None:
        self._passed = passed
        self._network = BeatwiseNetwork(weights)

    def reset(self) -> None:
        """As if nothing had been heard."""
        self._network.reset()

    def first(self, began: float, ended: float) -> float:
        """How likely it is, in ``(0, 1)``, that the beat marked `began` hops ago began a bar; the next was at `ended`.

        To be asked of one beat after the other. 0.5 for a beat that began before all that is kept.
        """
        heard = self._passed.between(began, ended)
        return UNKNOWN if heard is None else float(squash(self._network.process(heard))[0])
