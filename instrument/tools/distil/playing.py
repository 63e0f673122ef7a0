"""What a distilled network needs beside its weights: moods, known in closed form, a mapping, a card, a sheet."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from instrument.disk.atomic import write_atomic
from instrument.errors import CheckpointError
from instrument.generator.checkpoint import Card, load_checkpoint, save_checkpoint
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.mapping.fitting import FitReport, fit_moods
from instrument.mapping.moods import save_moods
from instrument.mapping.network import save_network
from instrument.motion.slerp import slerp_about
from instrument.tools.distil.codes import draw_codes
from instrument.tools.distil.construct import Tensors
from instrument.tools.distil.evaluate import fixed_codes
from instrument.tools.distil.family import MOODS, Family
from instrument.tools.distil.moods import DIMENSION, moods_of
from instrument.tools.distil.sheet import png, tiles
from instrument.tools.distil.teacher import Teacher
from instrument.tools.distil.windows import pictures, pictures_of_w
from instrument.tools.seed import DEMO_ORIGIN, demo_examples

SHEET_COLUMNS = 6
ANY_LATENTS, TRUNCATION = 24, 0.7
STRIP = 9
"""Pictures from one mood to the next."""


def write_checkpoint(folder: Path, config: NetworkConfig, tensors: Tensors, teacher: Teacher, card: Card) -> FitReport:
    """Everything that the instrument plays, into `folder`. Raises CheckpointError if it cannot be written."""
    save_checkpoint(folder, config, tensors, card)
    fingerprint = load_checkpoint(folder).fingerprint
    moods = moods_of(teacher, tensors, fingerprint)
    save_moods(folder / "moods.safetensors", moods)
    features, labels = demo_examples(moods.names)
    network, report = fit_moods(features, labels, moods.names, DIMENSION, teacher.family.seed)
    save_network(folder / "mapping.safetensors", network, DEMO_ORIGIN)
    try:
        write_atomic(folder / "sheet.png", png(sheet(config, tensors, teacher)))
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written ({error.strerror})") from error
    return report


def sheet(config: NetworkConfig, tensors: Tensors, teacher: Teacher) -> npt.NDArray[np.uint8]:
    """Every second of the fixed codes: a row by the teacher, a row by the network, and so on."""
    codes = fixed_codes(teacher)[::2]
    wanted, own = teacher.pictures(codes, config.resolution), pictures(config, tensors, codes)
    columns = min(SHEET_COLUMNS, len(codes))
    pairs = torch.stack([images.unflatten(0, (-1, columns)) for images in (wanted, own)], dim=1)  # type: ignore[no-untyped-call]
    return tiles(pairs.flatten(0, 2), columns)


def any_latents(config: NetworkConfig, tensors: Tensors, teacher: Teacher) -> npt.NDArray[np.uint8]:
    """24 random latents at truncation 0.7, half size."""
    codes = TRUNCATION * draw_codes(teacher.canvas, ANY_LATENTS, np.random.default_rng(ANY_LATENTS))
    return tiles(_half(pictures(config, tensors, codes)), SHEET_COLUMNS)


def strips(config: NetworkConfig, tensors: Tensors, teacher: Teacher) -> npt.NDArray[np.uint8]:
    """From each mood to the next and back to the first, a row each, half size."""
    average, points = tensors["mapping.w_avg"].numpy(), moods_of(teacher, tensors, "0" * 64).centroids
    steps = np.linspace(0.0, 1.0, STRIP)
    pairs = zip(points, np.roll(points, -1, axis=0), strict=True)
    way = np.stack([slerp_about(average, a, b, float(step)) for a, b in pairs for step in steps])
    return tiles(_half(pictures_of_w(config, tensors, torch.from_numpy(way))), STRIP)


def _half(images: torch.Tensor) -> torch.Tensor:
    held = images.clamp(-1.0, 1.0).permute(0, 3, 1, 2)
    return functional.avg_pool2d(held, 2).permute(0, 2, 3, 1)


def card_of(family: Family, minutes: float, seed: int, figures: str) -> Card:
    """What a performer should know about this checkpoint."""
    looks = "; ".join(f"{name}: {family.words[name]}" for name in MOODS)
    return Card(
        name=family.name,
        title=family.title,
        description=(
            "A true StyleGAN3-T network, distilled from a procedural teacher; not adversarially trained, and not "
            f"trained on photographs or on anybody's pictures. {looks}. The lower layers are built, not trained; the "
            f"upper ones were trained for about {minutes:g} minutes of one processor core. {figures}"
        ),
        origin=f"run.py distil --family {family.name} --minutes {minutes:g} --seed {seed}",
        licence="MIT",
        created_by="distil",
    )
