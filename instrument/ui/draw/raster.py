"""Small pictures painted once or per frame with arrays: corners, dials, traces, the ground of the pad. Pure.

Where no card draws the surface every pixel of every shape costs; a shape painted beforehand costs its area once.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from instrument.ui.draw.theme import Color

Rgba = npt.NDArray[np.float32]
"""``(height, width, 4)`` in ``[0, 1]``."""
Rgb = npt.NDArray[np.uint8]
"""``(height, width, 3)``."""

SHADE = 0.34
"""Opacity under a trace, at its line."""


def corner(size: int, color: Color) -> Rgba:
    """What a round corner at the top left leaves of its square, ``(size, size, 4)``."""
    y, x = np.mgrid[0:size, 0:size] + 0.5
    outside = np.clip(np.hypot(size - x, size - y) - size + 0.5, 0.0, 1.0)
    image = np.empty((size, size, 4), np.float32)
    image[..., :3] = np.array(color[:3]) / 255.0
    image[..., 3] = outside
    return image


def plate(height: int, width: int, radius: float) -> Rgba:
    """A white rectangle with round corners, ``(height, width, 4)``."""
    image = np.ones((height, width, 4), np.float32)
    image[..., 3] = np.clip(0.5 - _outside(height, width, radius), 0.0, 1.0)
    return image


def edge(height: int, width: int, radius: float, thickness: float) -> Rgba:
    """The white edge of such a rectangle, inside it, ``(height, width, 4)``."""
    image = np.ones((height, width, 4), np.float32)
    outside = _outside(height, width, radius)
    image[..., 3] = np.clip(0.5 - outside, 0.0, 1.0) * np.clip(outside + thickness + 0.5, 0.0, 1.0)
    return image


def dial(size: int, ring_px: float, cap: Color, track: Color, from_deg: float, sweep_deg: float) -> Rgba:
    """A knob without its value: a cap in the middle of a ring that is open below, ``(size, size, 4)``."""
    y, x = np.mgrid[0:size, 0:size] + 0.5 - size / 2
    radius = np.hypot(x, y)
    outer = size / 2 - 1.0
    angle = (np.degrees(np.arctan2(y, x)) - from_deg) % 360.0
    ring = np.clip(outer - radius + 0.5, 0, 1) * np.clip(radius - (outer - ring_px) + 0.5, 0, 1) * (angle <= sweep_deg)
    disc = np.clip(outer - 2.0 * ring_px + 1.5 - radius + 0.5, 0, 1)
    image = np.zeros((size, size, 4), np.float32)
    image[..., :3] = np.where(radius[..., None] > outer - 1.6 * ring_px, track[:3], cap[:3]) / np.float32(255.0)
    image[..., 3] = np.maximum(ring, disc)
    return image


def mix(size: int, corners: npt.NDArray[np.float64], colors: Sequence[Color], opacity: float) -> Rgba:
    """A convex polygon, each corner in its colour and mixed between, ``(size, size, 4)``; `corners` ``(n, 2)``."""
    y, x = np.mgrid[0:size, 0:size] + 0.5
    points = np.stack([x, y], axis=-1)
    weights = 1.0 / (np.linalg.norm(points[..., None, :] - corners, axis=-1) + 0.02 * size) ** 2
    weights /= weights.sum(axis=-1, keepdims=True)
    image = np.empty((size, size, 4), np.float32)
    image[..., :3] = weights @ (np.array([color[:3] for color in colors]) / 255.0)
    image[..., 3] = opacity * _inside(points, corners)
    return image


def traces(
    heights: npt.NDArray[np.float64], room: tuple[int, int], ground: Color, color: Color, thickness_px: float = 2.0
) -> Rgb:
    """Traces side by side, ``(height, n * width, 3)`` uint8.

    `heights` ``(n, width)`` in ``[0, 1]`` are those of `n` traces at each pixel column, `room` is
    ``(height, width)`` of one. Below the line it is shaded, paler towards the foot.
    """
    rows, columns = room
    line = ((1.0 - heights) * (rows - 3.0) + 1.5).astype(np.float32)
    before, half = np.concatenate([line[:, :1], line[:, :-1]], axis=1), np.float32(thickness_px / 2.0)
    top, foot = (ends.reshape(1, -1) for ends in (np.minimum(line, before) - half, np.maximum(line, before) + half))
    y = np.arange(rows, dtype=np.float32)[:, None] + np.float32(0.5)
    below = y > foot
    share = np.minimum(y - top, foot - y)
    share += np.float32(0.5)
    np.maximum(share, np.where(below, SHADE * (1.0 - y / rows) + np.float32(0.06), np.float32(0.0)), out=share)
    np.minimum(share, np.float32(1.0), out=share)
    steps = np.arange(256, dtype=np.float32)[:, None] / 255.0
    under, over = np.array(ground[:3], np.float32), np.array(color[:3], np.float32)
    image: Rgb = (under + steps * (over - under)).astype(np.uint8)[(share * 255.0).astype(np.uint8)]
    assert image.shape == (rows, len(heights) * columns, 3)
    return image


def _outside(height: int, width: int, radius: float) -> npt.NDArray[np.float64]:
    """How far each pixel's middle is outside the rectangle with round corners; negative inside."""
    radius = min(radius, height / 2, width / 2)
    y, x = np.mgrid[0:height, 0:width] + 0.5
    across = np.abs(x - width / 2) - (width / 2 - radius)
    down = np.abs(y - height / 2) - (height / 2 - radius)
    beyond = np.hypot(np.maximum(across, 0.0), np.maximum(down, 0.0))
    far: npt.NDArray[np.float64] = beyond + np.minimum(np.maximum(across, down), 0.0) - radius
    return far


def _inside(points: npt.NDArray[np.float64], corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far each point is inside the polygon, as a coverage of its pixel."""
    middle = corners.mean(axis=0)
    covered = np.ones(points.shape[:-1])
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = end - start
        normal = np.array([-along[1], along[0]]) / np.linalg.norm(along)
        if (middle - start) @ normal < 0.0:
            normal = -normal
        covered = np.minimum(covered, np.clip((points - start) @ normal + 0.5, 0.0, 1.0))
    return covered
