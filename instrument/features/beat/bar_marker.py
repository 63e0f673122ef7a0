"""Which beats begin a bar: asked of a small recurrent network once a beat."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from instrument.features.beat.beatwise_network import BeatwiseNetwork
from instrument.features.beat.squash import squash

Floats = npt.NDArray[np.float32]

UNKNOWN = 0.5


class BarMarker:
    """Says of a beat that has passed how likely it began a bar. Owned by one thread."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._network = BeatwiseNetwork(weights)

    def reset(self) -> None:
        """As if nothing had been heard."""
        self._network.reset()

    def first(self, sketch: Floats | None) -> float:
        """How likely it is, in ``(0, 1)``, that the beat sketched ``(VALUES,)`` began a bar; 0.5 without a sketch.

        To be asked of one beat after the other.
        """
        return UNKNOWN if sketch is None else float(squash(self._network.process(sketch))[0])
