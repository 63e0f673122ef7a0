"""A slow seeded wandering in W, as a pure function of time."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

SLOWEST_HZ, FASTEST_HZ = 1.0 / 47.0, 1.0 / 9.0
WAVES = 3
"""Sines an axis: their random frequencies have no common period, so the wandering does not repeat in a night."""
AXES = 8


class Drift:
    """Sums of slow sines along given axes. Zero at time 0, of zero mean, and smooth.

    `axes` ``(m, w_dim)``: each is walked with standard deviation 1, so its length says how far the walk goes there.
    """

    def __init__(self, axes: npt.NDArray[np.floating], seed: int) -> None:
        rng = np.random.default_rng(seed)
        spread = rng.uniform(np.log(SLOWEST_HZ), np.log(FASTEST_HZ), (WAVES, len(axes)))
        self._angular_rates = 2.0 * np.pi * np.exp(spread)
        signs = rng.choice([-1.0, 1.0], len(axes))
        self._axes = np.asarray(axes, dtype=np.float64) * (signs * np.sqrt(2.0 / WAVES))[:, None]

    def at(self, time_s: float) -> FloatArray:
        """Offset ``(w_dim,)`` at `time_s`."""
        walked: FloatArray = np.sin(self._angular_rates * time_s).sum(axis=0) @ self._axes
        return walked


def random_axes(w_dim: int, seed: int) -> FloatArray:
    """`AXES` random directions ``(m, w_dim)``; a walk along them has a root-mean-square length of 1."""
    axes = np.random.default_rng(seed).standard_normal((AXES, w_dim))
    unit: FloatArray = axes / (np.linalg.norm(axes, axis=1, keepdims=True) * np.sqrt(AXES))
    return unit


def principal_axes(samples: npt.NDArray[np.floating]) -> FloatArray:
    """The directions in which `samples` ``(n, w_dim)`` of W vary most, each as long as its standard deviation.

    W is far from round: a walk along random directions moves much in numbers and little in the picture.
    At most `AXES` of them, ``(m, w_dim)``; `samples` are draws mapped from z, two or more.
    """
    centred = np.asarray(samples, dtype=np.float64) - np.mean(samples, axis=0)
    _, deviations, directions = np.linalg.svd(centred / np.sqrt(len(centred)), full_matrices=False)
    axes: FloatArray = deviations[:AXES, None] * directions[:AXES]
    return axes
