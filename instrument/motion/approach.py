"""Spherical approach without kinks: a follower after a leader after a target. Pure.

A latent that goes straight for its target changes its step as abruptly as the target does. Here the leader does that,
and what is shown goes for the leader: together they are a critically damped spring, which neither jerks nor overshoots.

Both are written as directions and distances seen from the target (the logarithmic map of the sphere of directions,
beside the difference in length), where the spring is linear and so has a closed form: half the way twice is the way.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_POLES = 2.0
"""Leader and follower; each is so much faster that together they are as late as one alone."""
_ALIKE = 1e-9
"""Sine below which a direction counts as that of the target, or as opposite to it."""
_SHORTEST = 1e-150


def approach(
    center: FloatArray, leader: FloatArray, follower: FloatArray, target: FloatArray, way: float
) -> tuple[FloatArray, FloatArray]:
    """Leader and follower `way` on (elapsed time times rate, 0 and up), seen from `center`. All ``(n,)``.

    Of a way that both still had to go, the follower has left ``(1 + 2 way) exp(-2 way)``. Opposite the target they go
    round by a fixed perpendicular. To a target at the center, and in one dimension, the way is straight.

    >>> here, there = np.array([1.0, 0.0]), np.array([0.0, 2.0])
    >>> approach(np.zeros(2), here, here, there, 50.0)[1].round(4).tolist()
    [0.0, 2.0]
    """
    goal = target - center
    length = _length(goal)
    view = _Straight(goal) if length == 0.0 or goal.size == 1 else _Round(goal / length, length)
    step = _POLES * way
    left = math.exp(-step)
    led, followed = view.seen(leader - center), view.seen(follower - center)
    return center + view.place(left * led), center + view.place(left * (followed + step * led))


@dataclass(frozen=True, slots=True, eq=False)
class _Straight:
    """Points as they lie about `goal`."""

    goal: FloatArray

    def seen(self, point: FloatArray) -> FloatArray:
        """``(n,)``."""
        return point - self.goal

    def place(self, seen: FloatArray) -> FloatArray:
        """The point that is `seen` so."""
        return self.goal + seen


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """Points by the arc from the direction `unit`, and by how much longer than `length` they are."""

    unit: FloatArray
    length: float

    def seen(self, point: FloatArray) -> FloatArray:
        """``(n + 1,)``: the arc, tangent to the sphere at `unit` and as long as the angle, and the length beyond."""
        length = _length(point)
        # What is at the center has no direction: it goes straight out.
        own = point / length if length > 0.0 else self.unit
        across, along = own - self.unit, own + self.unit
        angle = 2.0 * math.atan2(_length(across), _length(along))
        side = own - float(own @ self.unit) * self.unit
        width = _length(side)
        if width < _ALIKE:
            side, width = _perpendicular(self.unit), 1.0
        return np.append(angle / width * side, length - self.length)

    def place(self, seen: FloatArray) -> FloatArray:
        """The point that is `seen` so."""
        arc = seen[:-1]
        angle = _length(arc)
        sideways = math.sin(angle) / angle if angle > 0.0 else 1.0
        place: FloatArray = (self.length + seen[-1]) * (math.cos(angle) * self.unit + sideways * arc)
        return place


def _perpendicular(unit: FloatArray) -> FloatArray:
    axis = np.zeros_like(unit)
    axis[int(np.argmin(np.abs(unit)))] = 1.0
    axis -= float(axis @ unit) * unit
    return axis / _length(axis)


def _length(vector: FloatArray) -> float:
    """Euclidean length; 0 for one so short that its square would be lost."""
    length = math.sqrt(float(vector @ vector))
    return length if length > _SHORTEST else 0.0
