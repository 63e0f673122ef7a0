"""Picks moods from a generator by plain picture statistics, where nothing better has looked at its pictures yet."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.generator.protocol import IDENTITY, Generator

FloatArray = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

CANDIDATES = 240
CLIMB_STEPS = 160
CLIMB_REACH = 0.45
"""First step of the climb, as a share of the latent's length; it shrinks to a tenth."""
DIRECTIONS = 24
DIRECTION_REACH = 0.5
"""Length of a direction inside a mood, as a share of the mood's distance from the average."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture looks like in six numbers, each about 0 to 1."""

    red: float
    blue: float
    chroma: float
    edges: float
    hues: float
    light: float


def look_at(image: npt.NDArray[np.uint8]) -> Look:
    """Statistics of an image ``(height, width, 3)``: reds, blues, colour, edges, hues, light."""
    rgb = image[::2, ::2].astype(np.float64) / 255.0
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    chroma = rgb.max(axis=-1) - rgb.min(axis=-1)
    angle = np.arctan2(np.sqrt(3.0) * (green - blue), 2.0 * red - green - blue)
    direction = np.abs((chroma * np.exp(1j * angle)).sum()) / max(chroma.sum(), 1e-9)
    grey = rgb.mean(axis=-1)
    edges = np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()
    return Look(
        red=float((red - np.maximum(green, blue)).mean()),
        blue=float((blue - red).mean()),
        chroma=float(chroma.mean()),
        edges=float(edges),
        hues=float(1.0 - direction),
        light=float(grey.mean()),
    )


Taste = Callable[[Look], float]

TASTES: dict[str, Taste] = {
    "Aggressive": lambda look: 2.0 * look.red + 6.0 * look.edges + 0.3 * look.chroma - abs(look.light - 0.35),
    "Calm": lambda look: 1.5 * look.blue - 8.0 * look.edges - 0.5 * look.hues - abs(look.light - 0.4),
    "Vibrant": lambda look: 1.2 * look.hues + 1.0 * look.chroma + 4.0 * look.edges - abs(look.light - 0.5),
}


def pick(generator: Generator, taste: Taste, dimension: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """A latent ``(w_dim,)`` to this taste and directions ``(w_dim, dimension)`` along which it stays to it."""
    latents = generator.map(rng.standard_normal((CANDIDATES, generator.z_dim), dtype=np.float32))
    scores = [score(generator, w, taste) for w in latents]
    best = climb(generator, latents[int(np.argmax(scores))], taste, rng)
    return best, directions(generator, best, taste, dimension, rng)


def score(generator: Generator, w: Floats, taste: Taste) -> float:
    """How much the picture of `w` is to the taste."""
    ws = np.repeat(w[None].astype(np.float32), generator.num_ws, axis=0)
    return taste(look_at(generator.render(ws, IDENTITY)))


def climb(generator: Generator, w: Floats, taste: Taste, rng: np.random.Generator) -> Floats:
    """Walk uphill by mixing with other latents; stays as far from the average as the latents are."""
    best, best_score = w, score(generator, w, taste)
    others = generator.map(rng.standard_normal((CLIMB_STEPS, generator.z_dim), dtype=np.float32))
    length = np.linalg.norm(w - generator.w_avg)
    for step, other in enumerate(others):
        reach = CLIMB_REACH * (1.0 - 0.9 * step / CLIMB_STEPS)
        offset = best + reach * (other - best) - generator.w_avg
        tried = (generator.w_avg + offset * (length / np.linalg.norm(offset))).astype(np.float32)
        tried_score = score(generator, tried, taste)
        if tried_score > best_score:
            best, best_score = tried, tried_score
    return best


def directions(generator: Generator, w: Floats, taste: Taste, dimension: int, rng: np.random.Generator) -> Floats:
    """Orthogonal directions ``(w_dim, dimension)`` in which the mood can vary and stay to the taste on both sides."""
    others = generator.map(rng.standard_normal((DIRECTIONS, generator.z_dim), dtype=np.float32)) - generator.w_avg
    axes, _ = np.linalg.qr(others.T.astype(np.float64))
    reach = DIRECTION_REACH * float(np.linalg.norm(w - generator.w_avg))
    steps = (reach * axes).T.astype(np.float32)
    kept = [min(score(generator, w + step, taste), score(generator, w - step, taste)) for step in steps]
    chosen = np.argsort(kept)[::-1][:dimension]
    return np.ascontiguousarray(steps[chosen].T)
