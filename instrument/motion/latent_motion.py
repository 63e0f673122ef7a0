"""How the current latent travels to its target: at a pace set by the hand and the loudness, never by the frame rate."""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from instrument.motion.approach import approach
from instrument.motion.drift import Drift, random_axes
from instrument.params.table import MOTION_DRIFT, MOTION_FREEZE, MOTION_RMS_DRIVE, MOTION_SPEED
from instrument.units import clamp, one_pole_step

LEVEL_S = 0.1
"""Time constant of the loudness: a kick still hurries the travel within a tenth of a second, but the hops of one note,
which are never equally loud, do not shake it. Slower than that takes no more jitter; a rise that is faster than the
fall brings it back."""
DRIFT_SHARE = 0.5
"""At full drift, the wandering's size as a share of its axes' own spread."""
DRIFT_GLIDE_S = 0.2

FloatArray = npt.NDArray[np.float64]


class LatentMotion:
    """The travelling latent. One owner, one thread.

    Direction and distance from `w_avg` approach those of the target as a critically damped spring does, whose mean
    delay is ``1 / rate``, rate = speed * (1 + drive * level): loudness hurries what moves already at once, and a new
    target bends the path without a kink. Drift is added to the travelling latent, not to its target, so a held target
    gives the same path however the time is cut up.

    Parameters
    ----------
    w_avg
        Centre of W, ``(w_dim,)``.
    seed
        Of the drift: the same seed wanders the same way.
    axes
        Where the drift goes, ``(m, w_dim)`` in units of W: see `drift.principal_axes`. Without them it goes in
        random directions, in proportion to the latent's distance from `w_avg`.
    """

    def __init__(
        self, w_avg: npt.NDArray[np.floating], seed: int, axes: npt.NDArray[np.floating] | None = None
    ) -> None:
        self._w_avg = np.asarray(w_avg, dtype=np.float64)
        self._relative = axes is None
        self._drift = Drift(random_axes(self._w_avg.size, seed) if axes is None else axes, seed)
        self.reset()

    def reset(self, w: npt.NDArray[np.floating] | None = None) -> None:
        """Start again, as fresh: at `w` ``(w_dim,)``, or at the target of the next call."""
        start = None if w is None else np.array(w, dtype=np.float64)
        self._pair: tuple[FloatArray, FloatArray] | None = None if start is None else (start, start)
        self._level = 0.0
        self._drift_time_s = 0.0
        self._drift_amount: float | None = None

    def process(
        self, target_w: npt.NDArray[np.floating], level: float, params: Mapping[str, float], dt_s: float
    ) -> npt.NDArray[np.float32]:
        """The latent ``(w_dim,)`` to show `dt_s` seconds after the last call; not truncated.

        `target_w` ``(w_dim,)``; `level` is the loudness in ``[0, 1]``. While frozen the picture holds, drift
        included, and goes on from there. A target that is not finite is not followed, such a level counts as silence.
        """
        loudness = clamp(level, 0.0, 1.0) if math.isfinite(level) else 0.0
        hurry_s = self._follow_level(loudness, dt_s)
        frozen = params[MOTION_FREEZE] >= 0.5
        if self._pair is None:
            start = self._start(target_w)
            self._pair = start, start
        elif not frozen:
            way = params[MOTION_SPEED] * (dt_s + params[MOTION_RMS_DRIVE] * hurry_s)
            self._pair = self._travel(*self._pair, target_w, way)
            self._drift_time_s += dt_s
        self._follow_drift(params[MOTION_DRIFT], 0.0 if frozen else dt_s)
        return self._shown(self._pair[1])

    def _follow_level(self, goal: float, dt_s: float) -> float:
        """Glide the level to `goal`; its integral over the step, s. Integrated, so that half steps add up exactly."""
        step = one_pole_step(dt_s, LEVEL_S)
        integral = goal * dt_s + (self._level - goal) * LEVEL_S * step
        self._level += (goal - self._level) * step
        return integral

    def _travel(
        self, leader: FloatArray, current: FloatArray, target_w: npt.NDArray[np.floating], way: float
    ) -> tuple[FloatArray, FloatArray]:
        target = np.asarray(target_w, dtype=np.float64)
        return approach(self._w_avg, leader, current, target, way) if np.isfinite(target).all() else (leader, current)

    def _start(self, target_w: npt.NDArray[np.floating]) -> FloatArray:
        target = np.array(target_w, dtype=np.float64)
        return target if np.isfinite(target).all() else self._w_avg.copy()

    def _follow_drift(self, goal: float, dt_s: float) -> None:
        """Glide the amount here as well: one changed while frozen must not jump on release."""
        amount = goal if self._drift_amount is None else self._drift_amount
        self._drift_amount = amount + (goal - amount) * one_pole_step(dt_s, DRIFT_GLIDE_S)

    def _shown(self, current: FloatArray) -> npt.NDArray[np.float32]:
        reach = DRIFT_SHARE * (self._drift_amount or 0.0)
        if self._relative:
            offset = current - self._w_avg
            reach *= math.sqrt(float(offset @ offset))
        return (current + reach * self._drift.at(self._drift_time_s)).astype(np.float32)
