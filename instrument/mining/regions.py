"""From many good latents to a mood: which of them belong together, their middle, and how they vary. Pure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]
FloatArray = npt.NDArray[np.float64]

MOST_CLUSTERS = 3
MOST_REGIONS = 6
"""Of one, two and three clusters."""
FEWEST_MEMBERS = 6
"""A smaller cluster is no region."""
_ROUNDS = 30
_WIDTH = 1.5
"""Length of a direction in standard deviations of the members along it: coordinates are spread evenly from -1 to 1, and
so spread 0.87 of what the members do."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A part of W: `centroid` ``(w_dim,)`` and `basis` ``(w_dim, d)`` as in a MoodSet; `members` latents made it."""

    centroid: Float32Array
    basis: Float32Array
    members: int

    def at(self, coords: npt.NDArray[np.floating], scale: float = 1.0) -> Float32Array:
        """Latents ``(n, w_dim)`` at coordinates ``(n, d)``, each from -1 to 1."""
        return np.asarray(self.centroid + scale * (coords @ self.basis.T), dtype=np.float32)

    def scaled(self, scale: float) -> "Region":
        """The same region, so much as wide."""
        return Region(self.centroid, (scale * self.basis).astype(np.float32), self.members)


def candidate_regions(latents: Float32Array, dimension: int, rng: np.random.Generator) -> list[Region]:
    """All latents ``(m, w_dim)`` as one region, then as two clusters, then as three; none too small."""
    regions = [region_of(latents, dimension)]
    for count in range(2, MOST_CLUSTERS + 1):
        labels = cluster(latents.astype(np.float64), count, rng)
        groups = (latents[labels == label] for label in range(count))
        regions += [region_of(group, dimension) for group in groups if len(group) >= FEWEST_MEMBERS]
    return regions


def region_of(latents: Float32Array, dimension: int) -> Region:
    """Mean and principal axes of latents ``(m, w_dim)``."""
    exact = latents.astype(np.float64)
    centroid = exact.mean(axis=0)
    _, sizes, axes = np.linalg.svd(exact - centroid, full_matrices=False)
    spread = sizes / np.sqrt(max(len(latents) - 1, 1))
    basis = np.zeros((latents.shape[1], dimension))
    count = min(dimension, len(axes))
    # The sign of an axis is chance; the largest part of it shall be positive.
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    basis[:, :count] = (axes * (_WIDTH * signs * spread)[:, None])[:count].T
    return Region(centroid.astype(np.float32), basis.astype(np.float32), len(latents))


def cluster(points: FloatArray, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Labels ``(m,)`` of `count` clusters of points ``(m, n)``.

    Source: Arthur and Vassilvitskii, "k-means++: The Advantages of Careful Seeding", 2007.
    """
    centres = points[[int(rng.integers(len(points)))]]
    while len(centres) < count:
        distance = _distances(points, centres).min(axis=1)
        total = distance.sum()
        shares = distance / total if total > 0.0 else np.full(len(points), 1.0 / len(points))
        centres = np.concatenate([centres, points[[int(rng.choice(len(points), p=shares))]]])
    labels = _distances(points, centres).argmin(axis=1)
    for _ in range(_ROUNDS):
        full = [label for label in range(count) if (labels == label).any()]
        centres[full] = [points[labels == label].mean(axis=0) for label in full]
        nearest = _distances(points, centres).argmin(axis=1)
        if (nearest == labels).all():
            break
        labels = nearest
    return np.asarray(labels, dtype=np.int64)


def _distances(points: FloatArray, centres: FloatArray) -> FloatArray:
    return np.asarray(((points[:, None] - centres[None]) ** 2).sum(axis=2))
