"""Which beat of the bar it is: evidence for each of the four places, beat by beat."""

import math

import numpy as np

from instrument.features.rhythm import BEATS_IN_BAR
from instrument.units import clamp

MEMORY = 0.96
"""Share of the evidence that lasts to the next beat: about six bars."""
ADVANTAGE = 2.0
"""How much more evidence, in natural log-odds, another place needs before the count is moved."""
LEAST_MARK = 0.03
"""Nothing is less likely, or more, than this."""
SAID = 4.0
"""Evidence that a hand's first beat is worth."""


class BarCounter:
    """Counts to four and looks which of the four collects the marks of a first beat."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nothing known; the next beat is counted as the first."""
        self._evidence = np.zeros(BEATS_IN_BAR)
        self.place = 0

    def begin(self, place: int) -> None:
        """Count the beat now played as `place`, whatever was heard before."""
        self.reset()
        self.place = place
        self._evidence[0] = SAID

    def beat(self, first: float) -> None:
        """Count the next beat; `first` is how likely the one before it began a bar, ``[0, 1]``."""
        self._evidence *= MEMORY
        mark = clamp(first, LEAST_MARK, 1.0 - LEAST_MARK)
        self._evidence[self.place] += math.log(mark / (1.0 - mark))
        self.place = (self.place + 1) % BEATS_IN_BAR
        best = int(np.argmax(self._evidence))
        if self._evidence[best] > self._evidence[0] + ADVANTAGE:
            self._evidence = np.roll(self._evidence, -best)
            self.place = (self.place - best) % BEATS_IN_BAR
