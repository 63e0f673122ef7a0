"""First training: every pixel by itself, no filters and no neighbours. Millions of points a minute on one core."""

import numpy as np
import torch

from instrument.tools.distil.codes import KNOBS, draw_codes, mood_code
from instrument.tools.distil.optimisers import Muon, falling
from instrument.tools.distil.teacher import Teacher
from instrument.tools.distil.upper import Reads, UpperLayer, channels_of, colours_at_points

LATENTS, POINTS = 128, 128
RATE = 0.04
WARM_UP = 30
CONSTANT = 0.25


def draw_batch_codes(teacher: Teacher, count: int, rng: np.random.Generator) -> torch.Tensor:
    """Codes as they are met in play ``(count, n)``: whole ones, truncated ones, mixtures, and pure moods."""
    codes = draw_codes(teacher.canvas, count, rng)
    quarter = count // 4
    codes[:quarter] *= torch.from_numpy(rng.uniform(0.3, 1.0, (quarter, 1))).float()
    share = torch.from_numpy(rng.uniform(0.0, 1.0, (quarter, 1))).float()
    codes[quarter : 2 * quarter] = codes[quarter : 2 * quarter] * share + codes[count - quarter :] * (1.0 - share)
    for index in range(2 * quarter, 2 * quarter + count // 8):
        codes[index, :2] = mood_code(teacher.canvas, index % 3)[:2]
    return codes[torch.from_numpy(rng.permutation(count))]


def draw_points(teacher: Teacher, reads: Reads, rng: np.random.Generator) -> tuple[torch.Tensor, ...]:
    """Codes ``(m, n)``, what the built half hands on at random points ``(m, k, c)``, and colours ``(m, k, 3)``."""
    codes = draw_batch_codes(teacher, LATENTS, rng)
    points = torch.from_numpy(rng.uniform(-0.5, 0.5, (LATENTS, POINTS, 2)).astype(np.float32))
    with torch.no_grad():
        signals = teacher.signals(codes, points)
        return codes, channels_of(reads, signals), teacher.shade(signals, codes[:, KNOBS])


def train_points(
    teacher: Teacher, reads: Reads, layers: list[UpperLayer], optimiser: Muon, steps: range, of: int,
    rng: np.random.Generator,
) -> float:  # fmt: skip
    """Train in place for `steps` out of `of` in all; returns their mean L1 (range -1 to 1)."""
    total = 0.0
    for step in steps:
        codes, x, target = draw_points(teacher, reads, rng)
        error = colours_at_points(layers, x, codes) - target
        l1 = error.abs().mean()
        optimiser.step(l1 + 0.5 * error.square().mean(), RATE * falling(step, of, WARM_UP, CONSTANT))
        total += float(l1.detach())
    return total / len(steps)
