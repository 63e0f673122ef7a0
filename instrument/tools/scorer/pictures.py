"""Pictures to learn from: the teachers' own, and the same ones in other colours, with what is true of them."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from instrument.mining.tower import SIDE
from instrument.tools.distil.codes import CORNERS, MOOD_AXES, MOOD_REACH, draw_codes
from instrument.tools.distil.family import EMBER, FIRST_LACQUER
from instrument.tools.distil.teacher import Teacher
from instrument.tools.scorer.measures import Truths, truths_of

PAINTED = (EMBER, FIRST_LACQUER)
"""Whose pictures are learned from."""
RENDERED = 128
"""Side of a teacher's picture, which is then averaged down."""
PURE = 0.5
"""Share of the codes near a corner of the mood plane."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Pictures ``(m, 3, SIDE, SIDE)``, 0 to 1, and how true each concept is of them, ``(m,)`` each."""

    pictures: torch.Tensor
    truths: Truths

    def __len__(self) -> int:
        return len(self.pictures)


def draw_pictures(teacher: Teacher, count: int, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """`count` pictures ``(m, 3, SIDE, SIDE)``, 0 to 1, and their mood weights ``(m, 3)``."""
    codes = draw_codes(teacher.canvas, count, rng)
    pure = rng.random(count) < PURE
    reach = rng.uniform(0.5, 1.0, (count, 1)) * MOOD_REACH * CORNERS[rng.integers(3, size=count)]
    codes[torch.from_numpy(pure), MOOD_AXES] = torch.from_numpy(reach[pure]).float()
    pictures = teacher.pictures(codes, RENDERED).permute(0, 3, 1, 2) * 0.5 + 0.5
    return functional.adaptive_avg_pool2d(pictures, SIDE), teacher.mood_weights(codes)


def learned_pictures(count: int, rng: np.random.Generator) -> Seen:
    """`count` pictures: half of them as the families made them, half with their colours turned."""
    each = count // (2 * len(PAINTED))
    drawn = [draw_pictures(Teacher(family), each, rng) for family in PAINTED]
    own, moods = torch.cat([pictures for pictures, _ in drawn]), torch.cat([moods for _, moods in drawn])
    turns = torch.from_numpy(rng.uniform(0.0, 1.0, len(own))).float()
    pictures = torch.cat([own, turn_colours(own, turns)])
    return Seen(pictures, truths_of(pictures.permute(0, 2, 3, 1), torch.cat([moods, moods])))


def turn_colours(pictures: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
    """Pictures ``(m, 3, h, w)`` with every hue turned, each by its part of ``turns`` ``(m,)``; light stays."""
    angle = 2.0 * np.pi * turns
    cosine, sine = angle.cos()[:, None, None], angle.sin()[:, None, None]
    grey = torch.full((3, 3), 1.0 / 3.0)
    across = torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / 3.0**0.5
    matrices = cosine * torch.eye(3) + (1.0 - cosine) * grey + sine * across
    return torch.einsum("mij,mjhw->mihw", matrices, pictures).clamp(0.0, 1.0)


def varied(pictures: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    """A batch as another camera would see it: mirrored, softer, lighter or darker, with grain."""
    count = len(pictures)
    mirrored = torch.where(torch.rand(count, 1, 1, 1, generator=rng) < 0.5, pictures.flip(3), pictures)
    soft = functional.avg_pool2d(functional.pad(mirrored, (1, 1, 1, 1), mode="replicate"), 3, 1)
    share = torch.rand(count, 1, 1, 1, generator=rng)
    gain = 0.85 + 0.3 * torch.rand(count, 1, 1, 1, generator=rng)
    grain = 0.02 * torch.randn(pictures.shape, generator=rng)
    return ((mirrored + share * (soft - mirrored)) * gain + grain).clamp(0.0, 1.0)
