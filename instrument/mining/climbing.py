"""Uphill in W without a gradient: mix with another latent, keep what is better. Pure."""

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]

REACH, LAST_REACH = 0.5, 0.1
"""Share of the way to another latent that the first and the last round try."""


def proposals(
    climbers: Float32Array, others: Float32Array, w_avg: Float32Array, progress: float, rng: np.random.Generator
) -> Float32Array:
    """A latent to try for each climber ``(m, w_dim)``: some of the way to one of the `others` ``(n, w_dim)``.

    It stays as far from the average as the two it is made of: nearer, pictures would lose their contrast; farther, they
    would be none that the generator was trained on. `progress` runs from 0 to 1.
    """
    reach = REACH + (LAST_REACH - REACH) * progress
    towards = others[rng.integers(len(others), size=len(climbers))] - w_avg
    start = climbers - w_avg
    share = reach * rng.uniform(0.2, 1.0, (len(climbers), 1))
    mixed = start + share * (towards - start)
    length = (1.0 - share) * _lengths(start) + share * _lengths(towards)
    return np.asarray(w_avg + mixed * (length / np.maximum(_lengths(mixed), 1e-12)), dtype=np.float32)


def _lengths(vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return np.asarray(np.linalg.norm(vectors, axis=-1, keepdims=True))
