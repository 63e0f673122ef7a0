"""How sure the beat is: whether marks come where it is, and nowhere else."""

import math

NEAR = 0.09
"""Marks up to this from the beat, in periods, are on it."""
MEMORY_S = 5.0
SILENCE_S = 3.0
"""Time constants with which marks are forgotten, and confidence in silence."""
SHARE, STRENGTH, PURITY, BIAS = 5.6, 0.3, 4.1, -5.8
"""Weights of the logistic fit of "this beat is right"."""


class Trust:
    """Gathers what speaks for the beat, and gives the odds that it is right."""

    def __init__(self, step_s: float) -> None:
        self._keep = math.exp(-step_s / MEMORY_S)
        self._fade = math.exp(-step_s / SILENCE_S)
        self.reset()

    def reset(self) -> None:
        """Nothing speaks for it."""
        self._share = self._on = self._all = self._beats = 0.0
        self._peak = 0.0
        self._silence = 1.0

    def weigh(self, share: float) -> None:
        """Take the share of the odds that lies near the beat."""
        self._share += 0.1 * (share - self._share)

    def hear(self, mark: float, phase: float) -> None:
        """Take the mark of a hop at this phase of the beat."""
        self._silence = 1.0
        self._on *= self._keep
        self._all *= self._keep
        self._beats *= self._keep
        self._all += mark
        if phase < NEAR or phase > 1.0 - NEAR:
            self._on += mark
            self._peak = max(self._peak, mark)
        elif self._peak > 0.0:
            self._beats += self._peak
            self._peak = 0.0

    def wait(self) -> None:
        """A hop of silence."""
        self._silence *= self._fade

    @property
    def evidence(self) -> tuple[float, float, float]:
        """Share of the odds, mean height of the marks on the beat, and share of all marks that are on it."""
        heights = self._beats / 12.0
        return self._share, min(heights, 1.0), self._on / (self._all + 0.5)

    @property
    def confidence(self) -> float:
        """In ``[0, 1]``."""
        share, strength, purity = self.evidence
        weighed = SHARE * share + STRENGTH * strength + PURITY * purity + BIAS
        return self._silence / (1.0 + math.exp(-weighed))
