"""What the coordinates inside a mood should be for a given sound.

Nobody labels these, and a network asked for them with a label of "somewhere in this mood" would answer with the
mean, and the picture would stand still. So each mood gets its own fixed view of the descriptors: whitened by how
they vary while that mood sounds, turned by a random rotation, and bent into ``(-1, 1)``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

BEND = 0.8
"""Coordinates reach ``tanh(BEND)`` at one standard deviation: lively, and seldom at the rails."""
PRIOR_SAMPLES = 20.0
"""Weight, in examples, of the spread of all moods in that of one, and of `USUAL_SPREAD` in that of all: so that
three examples do for a start."""
USUAL_SPREAD = 0.15
"""Standard deviation of a descriptor inside a mood before anything is known."""
LEAST_SPREAD = 0.04
"""Standard deviation a descriptor is taken to have at least: one that stands still must not be blown up."""


@dataclass(frozen=True, slots=True, eq=False)
class InsideView:
    """``tanh(features @ weight + bias)``: `weight` ``(5, d)``, `bias` ``(d,)``."""

    weight: FloatArray
    bias: FloatArray

    def coords(self, features: FloatArray) -> FloatArray:
        """Coordinates ``(n, d)`` of `features` ``(n, 5)``."""
        bent: FloatArray = np.tanh(features @ self.weight + self.bias)
        return bent


def inside_views(
    features: FloatArray, moods: FloatArray, dimension: int, rng: np.random.Generator
) -> tuple[InsideView, ...]:
    """The view of each mood, from `features` ``(n, 5)`` and what share of each is whose, `moods` ``(n, K)``."""
    means = (moods / moods.sum(axis=0)).T @ features
    scatters = [_scatter(features - mean, shares) for mean, shares in zip(means, moods.T, strict=True)]
    usual = USUAL_SPREAD**2 * np.eye(features.shape[1])
    within = _blend(sum(scatters, np.zeros_like(usual)), len(features), usual)
    return tuple(
        _view(mean, _blend(scatter, shares.sum(), within), dimension, rng)
        for mean, scatter, shares in zip(means, scatters, moods.T, strict=True)
    )


def _scatter(centred: FloatArray, shares: FloatArray) -> FloatArray:
    scatter: FloatArray = (centred * shares[:, None]).T @ centred
    return scatter


def _blend(scatter: FloatArray, count: float, prior: FloatArray) -> FloatArray:
    return (scatter + PRIOR_SAMPLES * prior) / (count + PRIOR_SAMPLES)


def _view(mean: FloatArray, covariance: FloatArray, dimension: int, rng: np.random.Generator) -> InsideView:
    spread, axes = np.linalg.eigh(covariance)
    whitening = axes / np.sqrt(np.maximum(spread, LEAST_SPREAD**2))
    weight = BEND * whitening @ random_directions(len(mean), dimension, rng)
    return InsideView(weight, -mean @ weight)


def random_directions(inputs: int, count: int, rng: np.random.Generator) -> FloatArray:
    """Unit columns ``(inputs, count)``: orthogonal among each `inputs` of them."""
    blocks = [np.linalg.qr(rng.standard_normal((inputs, inputs)))[0] for _ in range(-(-count // inputs))]
    return np.concatenate(blocks, axis=1)[:, :count]
