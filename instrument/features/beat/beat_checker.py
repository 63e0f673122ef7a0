"""Whether the beats that are played are beats: asked of a small recurrent network once a beat.

What marks beats hop by hop is sometimes misled for long, by riffs that lean on the off-beat for one. Cut into the beats
that are played, music on the beat looks different from music beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.features.beat.beatwise_network import BeatwiseNetwork
from instrument.features.beat.squash import squash

Floats = npt.NDArray[np.float32]

HEARD_FROM = 3
"""Beats in a row before which nothing is said."""
SUREST = 0.99
"""Nothing is likelier than this: no single beat shall decide."""


@dataclass(frozen=True, slots=True)
class Check:
    """How likely what was played as a beat is one, and how likely there is one half way to the next, ``(0, 1)``."""

    on_beat: float
    half_way: float


class BeatChecker:
    """Says of a beat that has passed whether it was one. Owned by one thread."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        self._network = BeatwiseNetwork(weights)
        self._beats = 0

    def reset(self) -> None:
        """Other beats are played from now on."""
        self._network.reset()
        self._beats = 0

    def check(self, sketch: Floats | None) -> Check | None:
        """Of the beat sketched ``(VALUES,)``; to be asked of one beat after the other.

        None for the first beats, and without a sketch.
        """
        if sketch is None:
            return None
        likely = np.clip(squash(self._network.process(sketch)), 1.0 - SUREST, SUREST)
        self._beats += 1
        return Check(float(likely[0]), float(likely[1])) if self._beats >= HEARD_FROM else None
