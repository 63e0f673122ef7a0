"""Where the beats of a made piece lie in time: steady, drifting, ramping or jumping tempo. Pure."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

STEADY_SHARE = 0.62
"""Of the pieces; the others change their tempo in one of the ways of `Change`."""


class Change(Enum):
    """How the tempo of a piece moves."""

    STEADY = "steady"
    DRIFT = "drift"
    RAMP = "ramp"
    JUMP = "jump"


@dataclass(frozen=True, slots=True, eq=False)
class TempoMap:
    """Times of the beats, ``(beats,)`` seconds, and how they were made."""

    beats_s: Floats
    change: Change

    def time_s(self, beat: float) -> float:
        """When a position in beats, whole or not, is played; within the map."""
        return float(np.interp(beat, np.arange(len(self.beats_s)), self.beats_s))


def draw_tempo_map(
    rng: np.random.Generator, tempo_bpm: float, duration_s: float, change: Change | None = None
) -> TempoMap:
    """The beats of `duration_s` seconds from about `tempo_bpm`; the first comes after a short lead-in."""
    if change is None:
        change = Change.STEADY if rng.random() < STEADY_SHARE else list(Change)[int(rng.integers(1, len(Change)))]
    count = int(duration_s * 3.7) + 8
    tempi = np.full(count, tempo_bpm)
    if change is Change.DRIFT:
        wander = np.cumsum(rng.standard_normal(count)) * rng.uniform(0.002, 0.006)
        tempi *= np.exp(wander - wander[0])
    elif change is Change.RAMP:
        tempi *= np.exp(np.linspace(0.0, np.log(rng.uniform(0.78, 1.28)), count) * 1.6)
    elif change is Change.JUMP:
        starts = np.arange(0, count, int(rng.integers(5, 9)) * 4)
        for start in starts[1:]:
            tempi[start:] = tempo_bpm * rng.uniform(0.82, 1.22)
    tempi = np.clip(tempi, 58.0, 190.0)
    times_s = float(rng.uniform(0.05, 0.9)) + np.concatenate([[0.0], np.cumsum(60.0 / tempi)])
    return TempoMap(times_s[times_s < duration_s + 1.5], change)
