"""``distil``: a checkpoint from nothing but a seed: build the network, train it on a procedural teacher, write it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from instrument.clock import SystemClock
from instrument.disk.atomic import write_atomic
from instrument.errors import CheckpointError
from instrument.settings import DEFAULTS
from instrument.tools.distil.codes import draw_codes, mood_code
from instrument.tools.distil.construct import Tensors
from instrument.tools.distil.evaluate import Evaluation, evaluate, table
from instrument.tools.distil.family import FAMILIES, MOODS, family_named
from instrument.tools.distil.playing import any_latents, card_of, sheet, strips, write_checkpoint
from instrument.tools.distil.rounding import settle
from instrument.tools.distil.run import STATE_FILE, Distillation, schedule_for
from instrument.tools.distil.sheet import png

MINUTES = 18.0
SEED = 1
LONGEST = 1440.0
OF_EACH_MOOD, ANY = 4, 12
"""Codes that the last rounding is fitted on."""

SHEETS = {"pairs": sheet, "latents": any_latents, "strips": strips}


def main(arguments: Sequence[str]) -> int:
    """Make a checkpoint; goes on where an interrupted run of the same work stopped. Raises CheckpointError."""
    given = _options().parse_args(list(arguments))
    if not 0.0 < given.minutes <= LONGEST:
        raise CheckpointError(f"--minutes is {given.minutes:g}; it must be above 0 and at most {LONGEST:g}")
    family = family_named(given.family)
    folder = given.out or DEFAULTS.checkpoints_folder / family.name
    # The sums of several threads come in no fixed order, and the same seed shall give the same pictures.
    torch.set_num_threads(1)
    work = Distillation(family, schedule_for(given.minutes), given.seed)
    train(work, folder)
    tensors = settled(work)
    figures = evaluate(work.config, tensors, work.teacher)
    card = card_of(family, given.minutes, given.seed, in_a_sentence(figures))
    report = write_checkpoint(folder, work.config, tensors, work.teacher, card)
    for name, draw in SHEETS.items() if given.sheets else ():
        write_atomic(given.sheets / f"{family.name}-{name}.png", png(draw(work.config, tensors, work.teacher)))
    (folder / STATE_FILE).unlink(missing_ok=True)
    sys.stdout.write(table(figures))
    sys.stdout.write(f"{folder}: written; mapping right on {report.train_accuracy:.0%} of the demo's hops\n")
    return 0


def train(work: Distillation, folder: Path) -> None:
    """Do the rounds that are left, writing where the work stands after each. Raises CheckpointError."""
    if work.resume(folder):
        sys.stderr.write(f"going on after round {work.rounds_done} of {work.schedule.rounds}\n")
    clock = SystemClock()
    began_s, first = clock.now_s(), work.rounds_done
    while work.rounds_done < work.schedule.rounds:
        l1 = work.next_round()
        try:
            work.save(folder)
        except OSError as error:
            raise CheckpointError(f"{folder}: cannot be written ({error.strerror})") from error
        share = work.rounds_done / work.schedule.rounds
        left_s = (clock.now_s() - began_s) / (work.rounds_done - first) * (work.schedule.rounds - work.rounds_done)
        bar = "#" * int(40 * share)
        sys.stderr.write(f"\r[{bar:<40}] {share:4.0%}  L1 {l1:.4f}  about {left_s / 60.0:.0f} min left ")
        sys.stderr.flush()
    sys.stderr.write("\n")


def settled(work: Distillation) -> Tensors:
    """The trained network with weights that bfloat16 holds."""
    teacher, rng = work.teacher, np.random.default_rng(SEED)
    corners = [mood_code(teacher.canvas, mood, rng) for mood in range(len(MOODS)) for _ in range(OF_EACH_MOOD)]
    codes = torch.cat([torch.stack(corners), draw_codes(teacher.canvas, ANY, rng)])
    return settle(work.config, work.tensors(), codes, SEED)


def in_a_sentence(figures: Evaluation) -> str:
    """The figures that a card gives."""
    edges = ", ".join(f"{share:.2f}" for share in figures.edges)
    return f"On 24 fixed codes it differs from the teacher by {figures.l1:.3f} of 2 and has {edges} of its edges."


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("instrument distil", description=__doc__)
    options.add_argument("--family", default="default", help=f"what the pictures are like: {', '.join(FAMILIES)}")
    options.add_argument("--minutes", type=float, default=MINUTES, help="about so long on one core")
    options.add_argument("--out", type=Path, help="folder to write (default: the family's in checkpoints/)")
    options.add_argument("--sheets", type=Path, help="folder for larger contact sheets")
    options.add_argument("--seed", type=int, default=SEED)
    return options
