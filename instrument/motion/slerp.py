"""Spherical interpolation. Pure.

After K. Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985, written about the middle of the two
directions: their sum and difference are orthogonal, so the arc needs no division by a small sine, and going from
`a` to `b` is the mirror image of going from `b` to `a`.
"""

import math

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.floating]

_ALIKE = 1e-9
"""Distance of two unit vectors below which they count as one direction (or, for their sum, as opposite)."""
_SHORTEST = 1e-150


def slerp(a: Vector, b: Vector, t: float) -> Vector:
    """From `a` (t = 0) to `b` (t = 1): along the arc in direction, evenly in length.

    Vectors ``(n,)`` of one float type, which is that of the result; `t` is held in ``[0, 1]``. A zero vector has
    no direction, so the way from or to it is straight. Opposite vectors go round by a fixed perpendicular; in one
    dimension there is none, and the way is straight.

    >>> slerp(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 0.5).round(4).tolist()
    [0.7071, 0.7071]
    """
    if t <= 0.0:
        return a.copy()
    if t >= 1.0:
        return b.copy()
    return _between(a.astype(np.float64), b.astype(np.float64), t).astype(np.result_type(a, b), copy=False)


def slerp_about(center: Vector, a: Vector, b: Vector, t: float) -> Vector:
    """`slerp` as seen from `center`: for points of W, whose middle is `w_avg` and not zero. All ``(n,)``."""
    if t <= 0.0:
        return a.copy()
    if t >= 1.0:
        return b.copy()
    return (center + slerp(a - center, b - center, t)).astype(np.result_type(a, b), copy=False)


def angle_between(a: Vector, b: Vector) -> float:
    """Angle in radians, accurate for small and near-straight ones too (Kahan); 0 if a vector is zero.

    >>> angle_between(np.array([1.0, 0.0]), np.array([0.0, 3.0])) == math.pi / 2
    True
    """
    length_a, length_b = _length(a.astype(np.float64)), _length(b.astype(np.float64))
    if length_a == 0.0 or length_b == 0.0:
        return 0.0
    unit_a, unit_b = a / length_a, b / length_b
    return 2.0 * math.atan2(_length(unit_a - unit_b), _length(unit_a + unit_b))


def _between(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], t: float) -> npt.NDArray[np.float64]:
    length_a, length_b = _length(a), _length(b)
    if length_a == 0.0 or length_b == 0.0:
        return (1.0 - t) * a + t * b
    unit_a, unit_b = a / length_a, b / length_b
    across, along = unit_a - unit_b, unit_a + unit_b
    width, reach = _length(across), _length(along)
    if width < _ALIKE or (reach < _ALIKE and a.size == 1):
        return (1.0 - t) * a + t * b
    angle = 2.0 * math.atan2(width, reach)
    across /= width
    along = along / reach if reach >= _ALIKE else _perpendicular(across)
    turn = angle * (0.5 - t)
    length = (1.0 - t) * length_a + t * length_b
    return (length * math.cos(turn)) * along + (length * math.sin(turn)) * across


def _perpendicular(unit: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A unit vector at right angles to `unit`, and the same one to ``-unit``."""
    axis = np.zeros_like(unit)
    axis[int(np.argmin(np.abs(unit)))] = 1.0
    axis -= float(axis @ unit) * unit
    return axis / _length(axis)


def _length(vector: Vector) -> float:
    """Euclidean length; 0 for one so short that its square would be lost."""
    length = math.sqrt(float(vector @ vector))
    return length if length > _SHORTEST else 0.0
