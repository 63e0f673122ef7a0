"""``python -m instrument.tools.beats OUT``: fit the network that marks beats, on the pieces of the fit set.

It takes FluidSynth, the soundfonts of `sets.FONTS` and MMA. With ``--keep`` an interrupted fit goes on where it was;
the same machine writes the same file either way.

Two fits ship, and their marks are averaged: ``weights.safetensors`` (80 channels, 3400 steps, seed 1) and
``weights-second.safetensors`` (64 channels, 3200 steps, seed 2), each about an hour of one core that multiplies
bfloat16. Both are by these very steps: 50 of them gave the same arrays to 3e-7. But they were not fitted by one run of
this command, because their pieces had been made before: what it makes, two more seeds of some arrangements, and 817
versions of tunes (13 of all were shorter than a crop). The tunes are the MIDI files of the Debian packages freedoom
(the music of its WADs, four versions), freedink-data, pianobooster, kobodeluxe-data and playmidi (three),
simutrans-data (every other file, four), and scores of music21's corpus as it writes them, upbeats filled to a bar
(two).
Mean and spread of the inputs were taken over pieces from 17 s on.

They find the first beat of a bar in a third of the held pieces only, so that is asked of an earlier fit that finds it
in half: ``weights-bars.safetensors``, recurrent, 40 units, which no single command made (constructed and arranged
pieces, nothing stretched, 1200 batches and then 600 more with the sound without a beat).
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from safetensors.numpy import save

from instrument.disk.atomic import write_atomic
from instrument.errors import InstrumentError
from instrument.tools.beats.beat_net import CHANNELS
from instrument.tools.beats.keeping import examples_of
from instrument.tools.beats.sets import fit_jobs, midi_files, module_version_jobs, version_jobs
from instrument.tools.beats.training import Plan, fit

TELL_EVERY = 25


def main(arguments: Sequence[str]) -> int:
    """Make the pieces, fit, write."""
    parser = argparse.ArgumentParser("instrument.tools.beats", description="fit the network that marks beats")
    parser.add_argument("out", type=Path, help="tensor file to write")
    parser.add_argument("--steps", type=int, default=3200, help="batches")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--channels", type=int, default=CHANNELS, help="of the network")
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
    parser.add_argument(
        "--modules",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="of tracker modules to fit to as well; again for more",
    )
    options = parser.parse_args(list(arguments))
    if options.steps < 2:
        parser.error("at least 2 steps")
    try:
        tunes = [path for folder in options.midi for path in midi_files(folder)]
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
        tuned = version_jobs(tunes) + [job for folder in options.modules for job in module_version_jobs(folder)]
        made, versions = (list(examples_of(jobs, options.keep)) for jobs in (fit_jobs(), tuned))
    except (InstrumentError, OSError) as error:
        parser.error(str(error))
    sys.stdout.write(f"{len(made)} pieces and {len(versions)} versions of tunes after {_minutes()}\n")

    def tell(step: int, loss: float) -> None:
        if (step + 1) % TELL_EVERY == 0:
            sys.stdout.write(f"step {step + 1}: loss {loss:.4f} after {_minutes()}\n")
            sys.stdout.flush()

    state = options.keep / f"fit {options.seed}.safetensors" if options.keep else None
    plan = Plan(options.steps, options.seed, channels=options.channels, state=state)
    try:
        weights = fit(made, versions, plan, tell)
    except InstrumentError as error:
        parser.error(str(error))
    fitted_by = f"instrument.tools.beats OUT --steps {plan.steps} --seed {plan.seed} --channels {plan.channels}"
    pieces = f"{len(made)} and {len(versions)} versions of tunes"
    write_atomic(options.out, save(weights, {"fitted_by": fitted_by, "pieces": pieces}))
    return 0


def _minutes() -> str:
    spent = os.times()
    own_s, others_s = spent.user + spent.system, spent.children_user + spent.children_system
    return f"{(own_s + others_s) / 60.0:.1f} minutes of the processor"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
