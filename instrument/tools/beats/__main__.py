"""``python -m instrument.tools.beats OUT``: fit the network that marks beats, on the pieces of the fit set.

It takes FluidSynth, the soundfonts of `sets.FONTS` and MMA. With ``--keep`` an interrupted fit goes on where it was;
the same machine writes the same file either way.

Three fits ship, and their marks are averaged.

- ``weights-tunes.safetensors``: 96 units, 2200 steps, on 1848 pieces: what this command makes, and versions of tunes
  (``--midi``). The tunes are the MIDI files of the Debian packages freedoom (the music of its WADs, four versions),
  freedink-data, pianobooster, kobodeluxe-data and playmidi (three), simutrans-data (every other file, four), and 175
  scores of music21's corpus as it writes them, upbeats filled to a bar (two). Two more seeds of some arrangements were
  among the pieces, and a quarter of the scores' versions were not.
- ``weights-blends.safetensors``: what this command wrote when it knew no tunes, with 64 units and 2000 steps, 628 of
  its 1218 pieces from an earlier making of the same (14 made again were equal to the bit).
- ``weights.safetensors``: an earlier, smaller fit that no single command made: 40 units, no blends, three arrangements
  a style, nothing stretched, 1200 batches and then 600 more with the sound without a beat.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from safetensors.numpy import save

from instrument.disk.atomic import write_atomic
from instrument.errors import InstrumentError
from instrument.tools.beats.keeping import examples_of
from instrument.tools.beats.sets import fit_jobs, midi_files
from instrument.tools.beats.training import Plan, fit

TELL_EVERY = 25


def main(arguments: Sequence[str]) -> int:
    """Make the pieces, fit, write."""
    parser = argparse.ArgumentParser("instrument.tools.beats", description="fit the network that marks beats")
    parser.add_argument("out", type=Path, help="tensor file to write")
    parser.add_argument("--steps", type=int, default=2200, help="batches")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="for the pieces, and the fit as it goes: go on there"
    )
    parser.add_argument(
        "--midi",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="of tunes to fit to as well; again for more",
    )
    options = parser.parse_args(list(arguments))
    if options.steps < 2:
        parser.error("at least 2 steps")
    try:
        tunes = [path for folder in options.midi for path in midi_files(folder)]
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
        examples = list(examples_of(fit_jobs(tunes), options.keep))
    except (InstrumentError, OSError) as error:
        parser.error(str(error))
    sys.stdout.write(f"{len(examples)} pieces after {_minutes()}\n")

    def tell(step: int, loss: float) -> None:
        if (step + 1) % TELL_EVERY == 0:
            sys.stdout.write(f"step {step + 1}: loss {loss:.4f} after {_minutes()}\n")
            sys.stdout.flush()

    state = options.keep / f"fit {options.seed}.safetensors" if options.keep else None
    try:
        weights = fit(examples, Plan(options.steps, options.seed, state=state), tell)
    except InstrumentError as error:
        parser.error(str(error))
    fitted_by = f"instrument.tools.beats OUT --steps {options.steps} --seed {options.seed}"
    write_atomic(options.out, save(weights, {"fitted_by": fitted_by, "pieces": str(len(examples))}))
    return 0


def _minutes() -> str:
    spent = os.times()
    own_s, others_s = spent.user + spent.system, spent.children_user + spent.children_system
    return f"{(own_s + others_s) / 60.0:.1f} minutes of the processor"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
