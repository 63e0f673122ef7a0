"""How restlessly a chain of the ablation moves, and how often it shows the mood that the rule hears. Pure."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from instrument.mapping.moods import MoodSet
from instrument.tools.fit.material import SETTLING_S

Latents = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

FRAME_RATE_HZ = 30.0
SETTLED = round(SETTLING_S * FRAME_RATE_HZ)
"""Frames of each track that are not counted: the beginning."""
LAGS = range(0, 46, 3)
"""Frames by which what is shown may follow the sound: up to 1.5 s."""
SEARCHES = 2
"""Speeds tried until a chain travels as far as another."""


def unrest(shown: Sequence[Latents], usual: float) -> tuple[float, float]:
    """Jitter and travel of what is shown of each track, ``(n, w_dim)``, in percent of the distance `usual`, a frame.

    Travel is the mean step, jitter the mean change of the step from one frame to the next; means of the tracks.
    """
    steps = [np.diff(path[SETTLED:] / usual, axis=0) for path in shown]
    jitter = np.mean([np.linalg.norm(np.diff(step, axis=0), axis=1).mean() for step in steps])
    return 100.0 * float(jitter), 100.0 * float(np.mean([np.linalg.norm(step, axis=1).mean() for step in steps]))


def jitter_as_far(at: Callable[[float], tuple[float, float]], first: tuple[float, float], travel: float) -> float:
    """The jitter at the speed at which `at`, which gives jitter and travel of a speed, travels so far.

    `first` is what it gives of speed 1. Both are close to powers of the speed, so a straight line through the
    logarithms is followed, a few times.

    >>> round(jitter_as_far(lambda speed: (speed**2, speed), (1.0, 1.0), 3.0), 3)
    9.0
    """
    before, speed, jitter = np.log([1.0, *first]), travel / first[1], first[0]
    for _ in range(SEARCHES):
        now = np.log([speed, *at(speed)])
        slope = (now - before) / (now[2] - before[2] or math.inf)
        jitter = math.exp(now[1] + slope[1] * (math.log(travel) - now[2]))
        speed = math.exp(now[0] + slope[0] * (math.log(travel) - now[2]))
        before = now
    return jitter


def nearest_mood(latents: Latents, moods: MoodSet) -> Labels:
    """The mood whose centroid is nearest to each of ``(n, w_dim)``: ``(n,)``."""
    away = np.linalg.norm(latents[:, None] - moods.centroids[None], axis=2)
    return np.asarray(away.argmin(axis=1), dtype=np.int64)


def agreement(own: Sequence[Labels], true: Sequence[Labels], lag: int) -> float:
    """The share of frames whose mood is what the rule said `lag` frames before: the mean of the tracks.

    Frames for which the rule said nothing (-1) do not count.

    >>> agreement([np.zeros(SETTLED + 4, int)], [np.array([2] * SETTLED + [0, 0, 0, 1])], 0)
    0.75
    """
    shares = []
    for mine, said in zip(own, true, strict=True):
        counted = said[SETTLED : len(said) - lag]
        known = counted >= 0
        if known.any():
            shares.append((mine[SETTLED + lag :] == counted)[known].mean())
    return float(np.mean(shares)) if shares else 0.0


def best_lag(own: Sequence[Labels], true: Sequence[Labels]) -> tuple[int, float]:
    """Of `LAGS`, that with the best agreement, and this."""
    return max(((lag, agreement(own, true, lag)) for lag in LAGS), key=lambda found: found[1])
