"""The sums of the pad: where a mix of moods stands in the polygon of the moods, and which mix a place is. Pure.

Barycentric coordinates: exact for two and three moods; for more those of Wachspress (1975), "A Rational Finite Element
Basis", smooth inside a convex polygon and true to place (Meyer, Lee, Barr and Desbrun 2002, eq. 6).
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from instrument.ui.layout.rect import Rect

Points = npt.NDArray[np.float64]

LEAST = 1e-3
"""No mood gets a smaller share: its logarithm is the hand's bias."""
EDGE = 0.995
"""A place outside is taken to this share of the way from the middle to the edge."""


def corners(room: Rect, moods: int) -> Points:
    """The corners ``(moods, 2)`` as large as `room` allows, the first one on top; a level line for two."""
    if moods == 2:
        y = room.centre[1]
        return np.array([[room.x, y], [room.right, y]])
    angles = -0.5 * np.pi + 2.0 * np.pi * np.arange(moods) / moods
    unit = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    low, high = unit.min(axis=0), unit.max(axis=0)
    size = min(room.width / (high[0] - low[0]), room.height / (high[1] - low[1]))
    placed: Points = np.array(room.centre) + size * (unit - 0.5 * (low + high))
    return placed


def place_of(points: Points, weights: Sequence[float]) -> tuple[float, float]:
    """Where a mix stands; `points` are the corners ``(n, 2)``, `weights` sum to 1.

    >>> place_of(np.array([[0.0, 0.0], [10.0, 0.0]]), [0.25, 0.75])
    (7.5, 0.0)
    """
    x, y = np.asarray(weights) @ points
    return float(x), float(y)


def mix_at(points: Points, x: float, y: float) -> tuple[float, ...]:
    """The mix that stands nearest to a place: shares that sum to 1, none below `LEAST`."""
    if len(points) == 2:
        along = (x - points[0, 0]) / (points[1, 0] - points[0, 0])
        shares = np.array([1.0 - along, along])
    else:
        shares = _wachspress(points, _inside(points, np.array([x, y])))
    shares = np.maximum(shares, LEAST)
    return tuple(float(share) for share in shares / shares.sum())


def biases_of(mix: Sequence[float], limit: float) -> tuple[float, ...]:
    """Biases, in logits around 0 and within `limit`, whose softmax is `mix`.

    >>> biases_of([0.5, 0.5], 6.0)
    (0.0, 0.0)
    """
    logs = [math.log(share) for share in mix]
    middle = math.fsum(logs) / len(logs)
    return tuple(max(-limit, min(limit, value - middle)) for value in logs)


def mix_of(biases: Sequence[float]) -> tuple[float, ...]:
    """The mix that biases alone would play: their softmax."""
    highest = max(biases)
    parts = [math.exp(bias - highest) for bias in biases]
    return tuple(part / math.fsum(parts) for part in parts)


def _inside(points: Points, place: Points) -> Points:
    """`place`, or where the way to it from the middle leaves the polygon."""
    middle = points.mean(axis=0)
    reach = 1.0
    for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
        normal = np.array([end[1] - start[1], start[0] - end[0]])
        out = (place - middle) @ normal
        edge = (start - middle) @ normal
        if edge < 0.0:
            out, edge = -out, -edge
        if out > EDGE * edge:
            reach = min(reach, EDGE * edge / out)
    inside: Points = middle + reach * (place - middle)
    return inside


def _wachspress(points: Points, place: Points) -> Points:
    before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
    own = _area(before, points, after)
    weights = own / (_area(before, points, place) * _area(points, after, place))
    shares: Points = weights / weights.sum()
    return shares


def _area(first: Points, second: Points, third: Points) -> Points:
    """Twice the area of triangles, row by row."""
    one, two = second - first, third - first
    area: Points = np.abs(one[..., 0] * two[..., 1] - one[..., 1] * two[..., 0])
    return area
