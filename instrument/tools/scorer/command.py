"""``train-scorer``: the weights of the builtin scorer from nothing but a seed: paint, describe, train, examine."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from instrument.errors import MiningError
from instrument.mining.builtin import WEIGHTS, BuiltinScorer, save_weights
from instrument.mining.sentences import SentenceEncoder
from instrument.tools.scorer.examination import examine, table
from instrument.tools.scorer.pictures import learned_pictures
from instrument.tools.scorer.training import make_lessons, train

SEED = 1
PICTURES = 4800
OF_EACH = 3
"""Captions of a picture."""
STEPS = 900
FEWEST_PICTURES = 40
REPORT_EVERY = 10


def main(arguments: Sequence[str]) -> int:
    """Train and examine; about four minutes of one core. Raises MiningError."""
    given = _options().parse_args(list(arguments))
    if given.pictures < FEWEST_PICTURES or given.steps < 1 or given.seed < 0:
        raise MiningError(f"there must be at least {FEWEST_PICTURES} pictures, 1 step and no negative seed")
    # The sums of several threads come in no fixed order, and the same seed shall give the same weights.
    torch.set_num_threads(1)
    rng = np.random.default_rng(given.seed)
    encoder = SentenceEncoder()
    sys.stderr.write(f"painting {given.pictures} pictures\n")
    seen = learned_pictures(given.pictures, rng)
    sys.stderr.write(f"reading {OF_EACH} captions of each\n")
    lessons = make_lessons(seen, OF_EACH, encoder, rng)
    tensors = train(lessons, given.steps, given.seed, lambda step, loss: _report(step, given.steps, loss))
    origin = f"run.py train-scorer --pictures {given.pictures} --steps {given.steps} --seed {given.seed}"
    save_weights(given.out, tensors, {"origin": origin})
    sys.stdout.write(table(examine(BuiltinScorer(given.out))))
    sys.stdout.write(f"{given.out}: written, {given.out.stat().st_size / 1e6:.2f} MB\n")
    return 0


def _report(step: int, steps: int, loss: float) -> None:
    if (step + 1) % REPORT_EVERY == 0 or step + 1 == steps:
        share = (step + 1) / steps
        sys.stderr.write(f"\r[{'#' * int(40 * share):<40}] {share:4.0%}  loss {loss:.3f} ")
        sys.stderr.write("\n" if step + 1 == steps else "")
        sys.stderr.flush()


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("instrument train-scorer", description=__doc__)
    options.add_argument("--out", type=Path, default=WEIGHTS, help="file to write (default: the one that ships)")
    options.add_argument("--pictures", type=int, default=PICTURES)
    options.add_argument("--steps", type=int, default=STEPS)
    options.add_argument("--seed", type=int, default=SEED)
    return options
