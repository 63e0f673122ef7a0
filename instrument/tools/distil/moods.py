"""The moods of a distilled network, which nobody has to look for: the teacher was told where they are."""

import numpy as np
import torch

from instrument.mapping.moods import MoodSet
from instrument.tools.distil.codes import CORNERS, KNOBS, MOOD_AXES, draw_codes
from instrument.tools.distil.construct import Tensors, lift
from instrument.tools.distil.family import MOODS
from instrument.tools.distil.teacher import Teacher

DIMENSION = 4
PLAYED_REACH = 1.5
"""How far out on the mood plane a mood is played: far enough to be pure, near enough that the way to the next one
begins at once."""
REACH = 2.2
"""Length of a direction inside a mood, in units of the code: four of them together reach as far as any code."""


def moods_of(teacher: Teacher, tensors: Tensors, fingerprint: str) -> MoodSet:
    """A place near each corner of the mood plane, and directions around it that leave the mood what it is."""
    rng = np.random.default_rng([teacher.family.seed, teacher.family.draw])
    size, average = teacher.canvas.code_size, tensors["mapping.w_avg"]
    free = np.arange(KNOBS.start, size)
    codes, directions = [], []
    for corner in CORNERS:
        code = draw_codes(teacher.canvas, 1, rng)[0]
        code[MOOD_AXES] = torch.from_numpy(PLAYED_REACH * corner).float()
        axes, _ = np.linalg.qr(rng.standard_normal((len(free), DIMENSION)))
        around = np.zeros((DIMENSION, size))
        around[:, free] = REACH * axes.T
        codes.append(code)
        directions.append(lift(torch.from_numpy(around).float(), torch.zeros_like(average)).T)
    return MoodSet(
        names=MOODS,
        prompts=tuple(teacher.family.words[name] for name in MOODS),
        centroids=lift(torch.stack(codes), average).numpy(),
        basis=torch.stack(directions).numpy(),
        fingerprint=fingerprint,
    )
