"""How good mined moods are, in figures, from scores that were collected on the way. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.mining.ranking import margins
from instrument.mining.ways import largest_step

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class MoodFigures:
    """Of one mood. Shares are 0 to 1.

    `agreement`: of fresh pictures, how many have the mood's own prompt as the best. `separation`: by how many logits
    the own prompt beats the best other one, the median of the fresh pictures. `coverage`: how different the mood's
    pictures are from each other, as a share of how different the generator's are. `found`: how many of the drawn
    latents' pictures have this prompt as the best.
    """

    agreement: float
    separation: float
    coverage: float
    found: float


@dataclass(frozen=True, slots=True)
class PathFigures:
    """The way between two moods, numbers `a` and `b`.

    `kept`: of its pictures, how many have one of the two prompts as the best; `nearer`: how many have the one that is
    nearer, the middle left out. `largest_step`: the largest change from picture to picture, as a multiple of the mean.
    """

    a: int
    b: int
    kept: float
    nearer: float
    largest_step: float


@dataclass(frozen=True, slots=True)
class Report:
    """All figures, moods in order, then the ways between them."""

    moods: tuple[MoodFigures, ...]
    paths: tuple[PathFigures, ...]

    @property
    def worst_agreement(self) -> float:
        """That of the mood with the least."""
        return min(figures.agreement for figures in self.moods)


def report_of(
    judged: Floats,
    paths: Floats,
    changes: Floats,
    pairs: Sequence[tuple[int, int]],
    best_of_draws: Floats,
    thumbnails: Floats,
    reference: Floats,
) -> Report:
    """Figures from scores of fresh pictures ``(K, n, K)`` and of the ways ``(pairs, steps, K)``, with how much the
    pictures change at each step of these, ``(pairs, steps - 1)``.

    `best_of_draws` ``(K,)`` counts draws by their best prompt; `thumbnails` ``(K, n, s, s, 3)`` are of the fresh
    pictures and `reference` ``(m, s, s, 3)`` of draws.
    """
    usual = difference(reference)
    drawn = max(float(best_of_draws.sum()), 1.0)
    moods = tuple(
        MoodFigures(
            agreement=float((margins(scores, own) > 0.0).mean()),
            separation=float(np.median(margins(scores, own))),
            coverage=difference(thumbnails[own]) / max(usual, 1e-9),
            found=float(best_of_draws[own]) / drawn,
        )
        for own, scores in enumerate(judged)
    )
    walked = zip(paths, changes, pairs, strict=True)
    return Report(moods, tuple(_path(scores, steps, a, b) for scores, steps, (a, b) in walked))


def difference(thumbnails: Floats) -> float:
    """Mean difference between any two of ``(n, s, s, 3)``: root of the mean square over their pixels."""
    flat = np.asarray(thumbnails, dtype=np.float64).reshape(len(thumbnails), -1)
    squares = (flat**2).sum(axis=1)
    between = squares[:, None] + squares[None] - 2.0 * flat @ flat.T
    pairs = between[np.triu_indices(len(flat), 1)] / flat.shape[1]
    return float(np.sqrt(np.maximum(pairs, 0.0)).mean()) if len(pairs) else 0.0


def _path(scores: Floats, changes: Floats, a: int, b: int) -> PathFigures:
    best = scores.argmax(axis=1)
    half = (len(best) - 1) / 2.0
    steps = np.arange(len(best))
    is_near = np.where(steps < half, best == a, best == b)[steps != half]
    return PathFigures(a, b, float(np.isin(best, (a, b)).mean()), float(is_near.mean()), largest_step(changes))


def table(report: Report, names: Sequence[str]) -> str:
    """The figures for people, a line each."""
    width = max(12, *(len(name) for name in names))
    lines = [f"{'mood':{width}}  agreement  separation  coverage  of all draws"]
    lines += [
        f"{name:{width}}  {mood.agreement:9.0%}  {mood.separation:10.1f}  {mood.coverage:8.0%}  {mood.found:12.0%}"
        for name, mood in zip(names, report.moods, strict=True)
    ]
    lines += [
        f"from {names[path.a]} to {names[path.b]}: {path.kept:.0%} of the pictures are one of the two, "
        f"{path.nearer:.0%} the nearer one; the largest step is {path.largest_step:.2f} times the mean"
        for path in report.paths
    ]
    return "\n".join(lines) + "\n"
