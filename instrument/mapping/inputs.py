"""What the mood network is asked with: the moment beside what is usual lately, and the last second beside all music.

Two ways of hearing, because each alone fails. What the running normaliser gives is lively and the same at any level,
but it adapts: a long heavy section becomes the usual, and would drift back to the middle. What is anchored to the
ranges of music at large stays, so that decides the mood. It is averaged by power, since what is loud is what a
listener goes by: between two kicks of a bass drum there is only hiss.
"""

import math

import numpy as np
import numpy.typing as npt

from instrument.features.corpus import CORPUS
from instrument.features.vector import ANCHORED_NAMES, DESCRIPTORS, NormalizedFeatures
from instrument.units import amplitude_to_db, one_pole_step

FloatArray = npt.NDArray[np.float64]

LATELY_NAMES: tuple[str, ...] = tuple(descriptor.name for descriptor in DESCRIPTORS)
INPUT_NAMES: tuple[str, ...] = (*LATELY_NAMES, *(f"anchored.{name}" for name in ANCHORED_NAMES))
"""What goes in, in order."""
LATELY = slice(0, len(LATELY_NAMES))
"""The inputs that follow the moment: they move the picture inside a mood."""
ANCHORED = slice(len(LATELY_NAMES), len(INPUT_NAMES))
"""The inputs that stay where they are: they decide the mood."""

TIMBRE_S = 0.25
"""Time constant of the moment's descriptors, so that the picture does not flicker from hop to hop."""
ONSET_S = 0.08
"""That of the onset strength: an attack that came 0.25 s late would not be seen as one."""
CHARACTER_S = 1.0
"""That of the anchored ones: a bar or so, since a mood is no affair of single notes."""

_TIME_CONSTANTS_S = np.array([ONSET_S if name == "onset_strength" else TIMBRE_S for name in LATELY_NAMES])
_LEVEL = ANCHORED_NAMES.index("level")
_RMS = next(corpus for corpus in CORPUS if corpus.name == "rms")
_LEVEL_NEPERS = (amplitude_to_db(_RMS.high) - amplitude_to_db(_RMS.low)) * math.log(10.0) / 10.0
"""Logarithm of the power that the anchored level's unit stands for."""


class InputMemory:
    """The inputs now, from the features of hop after hop. One owner; the path does not depend on the frame rate."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was heard: as fresh."""
        self._lately: FloatArray | None = None
        self._weighted = np.zeros(len(ANCHORED_NAMES))
        self._weight = 0.0
        self._anchored = np.full(len(ANCHORED_NAMES), 0.5)

    @property
    def inputs(self) -> FloatArray | None:
        """``(len(INPUT_NAMES),)``, or None before anything was heard."""
        if self._lately is None:
            return None
        return np.concatenate([self._lately, self._weighted / self._weight])

    def listen(self, features: NormalizedFeatures, dt_s: float) -> None:
        """Take in features that stood for `dt_s` seconds. What is not finite keeps its last value."""
        moment, anchored = features.descriptors(), np.array(features.anchored)
        fresh = self._lately is None
        past = np.zeros(len(moment)) if self._lately is None else self._lately
        moment = np.where(np.isfinite(moment), moment, past)
        self._anchored = np.where(np.isfinite(anchored), anchored, self._anchored)
        power = math.exp(_LEVEL_NEPERS * self._anchored[_LEVEL])
        step = 1.0 if fresh else one_pole_step(dt_s, CHARACTER_S)
        self._weight += step * (power - self._weight)
        self._weighted += step * (power * self._anchored - self._weighted)
        self._lately = moment if fresh else past - (moment - past) * np.expm1(-dt_s / _TIME_CONSTANTS_S)
