"""Which pictures are best for a prompt. Pure."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Float32Array = npt.NDArray[np.float32]


def worth(scores: Floats) -> npt.NDArray[np.float64]:
    """``(..., k)``: how good each picture is for each prompt, from scores ``(..., k)``.

    The prompt's own score and the logarithm of its share among all prompts: a picture should fit its prompt, and no
    other better; once it is clearly nobody else's, only how well it fits counts.

    >>> worth(np.array([[4.0, 4.0], [4.0, -9.0]])).round(2)[:, 0].tolist()
    [3.31, 4.0]
    """
    exact = np.asarray(scores, dtype=np.float64)
    top = exact.max(axis=-1, keepdims=True)
    shares = exact - top - np.log(np.exp(exact - top).sum(axis=-1, keepdims=True))
    return np.asarray(exact + shares)


def margins(scores: Floats, own: int) -> npt.NDArray[np.float64]:
    """``(...)``: by how much prompt `own` beats the best other one, from scores ``(..., k)``; negative if it does not.

    >>> margins(np.array([[3.0, 1.0, 2.0]]), 1).tolist()
    [-2.0]
    """
    others = np.delete(np.asarray(scores, dtype=np.float64), own, axis=-1)
    return np.asarray(scores[..., own] - others.max(axis=-1))


def merge_best(
    latents: Float32Array, scores: Float32Array, more: Float32Array, more_scores: Float32Array, own: int
) -> tuple[Float32Array, Float32Array]:
    """The best ``len(latents)`` for prompt `own` of what was kept and what is new, best first; earlier ones win ties.

    Latents ``(m, w_dim)`` with scores ``(m, k)``; an empty place has scores of minus infinity.
    """
    all_latents, all_scores = np.concatenate([latents, more]), np.concatenate([scores, more_scores])
    is_there = np.isfinite(all_scores[:, own])
    values = np.full(len(all_scores), -np.inf)
    values[is_there] = worth(all_scores[is_there])[:, own]
    best = np.argsort(-values, kind="stable")[: len(latents)]
    return all_latents[best], all_scores[best]
