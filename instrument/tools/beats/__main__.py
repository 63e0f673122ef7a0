"""``python -m instrument.tools.beats OUT``: fit the network that marks beats, on the pieces of the fit set.

What ships was fitted in two goes: ``FIRST --steps 1200``, on the pieces with beats alone, then
``OUT --start FIRST --steps 600 --seed 1``, on all. Both took FluidSynth with the soundfonts of `sets.FONTS`, and MMA.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from safetensors.numpy import load, save

from instrument.disk.atomic import write_atomic
from instrument.tools.beats.hearing import hear
from instrument.tools.beats.sets import fit_jobs, pieces_of
from instrument.tools.beats.training import Example, fit

HOP_SIZE = 512
TELL_EVERY = 25


def main(arguments: Sequence[str]) -> int:
    """Make the pieces, fit, write."""
    parser = argparse.ArgumentParser("instrument.tools.beats", description="fit the network that marks beats")
    parser.add_argument("out", type=Path, help="tensor file to write")
    parser.add_argument("--steps", type=int, default=1200, help="batches")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, metavar="FILE", help="weights of an earlier fit to go on from")
    options = parser.parse_args(list(arguments))
    if options.steps < 2:
        parser.error("at least 2 steps")
    if options.start and not options.start.is_file():
        parser.error(f"no file {options.start}")
    examples = [
        Example(
            hear(piece.samples, piece.sample_rate, HOP_SIZE), HOP_SIZE / piece.sample_rate, piece.beats_s, piece.bar
        )
        for piece in pieces_of(fit_jobs())
    ]
    sys.stdout.write(f"{len(examples)} pieces\n")

    def tell(step: int, loss: float) -> None:
        if step % TELL_EVERY == 0:
            sys.stdout.write(f"step {step}: loss {loss:.4f}\n")
            sys.stdout.flush()

    start = load(options.start.read_bytes()) if options.start else None
    weights = fit(examples, options.steps, options.seed, tell, start=start)
    write_atomic(options.out, save(weights, {"fitted_by": " ".join(arguments), "pieces": str(len(examples))}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
