"""``python -m instrument.tools.beats OUT``: fit the networks that the beat tracker asks, on the pieces of the fit set.

It takes FluidSynth, the soundfonts of `sets.FONTS` and MMA, for tracker modules libopenmpt. With ``--keep`` an
interrupted fit of the beats goes on where it was; the same machine writes the same file either way.

Two fits of the beats ship, and their marks and tempi are averaged: ``weights.safetensors`` (80 channels, 3400 steps,
seed 1) and ``weights-second.safetensors`` (64 channels, 3200 steps, seed 2), each about an hour of one core that
multiplies bfloat16. Both are by these very steps: 50 of them gave the same arrays to 3e-7. But they were not fitted by
one run of this command, because their pieces had been made before: what it makes but for the syncopated ones, two more
seeds of some arrangements, and 817 versions of tunes (13 of all were shorter than a crop). The tunes are the MIDI files
of the Debian packages freedoom (the music of its WADs, four versions), freedink-data, pianobooster, kobodeluxe-data and
playmidi (three), simutrans-data (every other file, four), and scores of music21's corpus as it writes them, upbeats
filled to a bar (two). Mean and spread of the inputs were taken over pieces from 17 s on.

``weights-bars.safetensors`` is ``--bars --steps 1500 --seed 1``, on the same pieces and on versions of the tracker
modules of 40 Debian packages, without those of heroes-sound-tracks and pekka-kana-2-data.
``weights-checks.safetensors`` is ``--checks --steps 2500 --seed 5``, on those and on the syncopated pieces of `sets`,
which came last. Each took ten to twenty-five minutes. With more steps they knew these pieces better, and others no
better; of four seeds of the checks the best on the dev set was taken, and means of two or four were no better. The
networks that mark beats were fitted neither to modules nor to syncopated pieces: 1700 more steps with modules made the
beats of no other music better, nor did 750 more with the novelty of the harmony beside their inputs.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from instrument.disk.atomic import write_atomic
from instrument.errors import InstrumentError
from instrument.tools.beats.bar_net import fit_bars
from instrument.tools.beats.beat_net import CHANNELS
from instrument.tools.beats.check_net import fit_checks
from instrument.tools.beats.crops import Example
from instrument.tools.beats.keeping import examples_of
from instrument.tools.beats.sets import fit_jobs, midi_files, module_version_jobs, version_jobs
from instrument.tools.beats.training import Plan, fit

Floats = npt.NDArray[np.float32]

TELL_EVERY = 25


def main(arguments: Sequence[str]) -> int:
    """Make the pieces, fit, write."""
    parser = _parser()
    options = parser.parse_args(list(arguments))
    if options.steps < 2:
        parser.error("at least 2 steps")
    try:
        made, versions = _pieces(options)
        sys.stdout.write(f"{len(made)} pieces and {len(versions)} versions of tunes after {_minutes()}\n")
        weights = _fitted(options, made, versions)
    except (InstrumentError, OSError) as error:
        parser.error(str(error))
    told = {
        "fitted_by": f"instrument.tools.beats OUT {_asked(options)}",
        "pieces": f"{len(made)} and {len(versions)} versions",
    }
    write_atomic(options.out, save(weights, told))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "instrument.tools.beats", description="fit the networks that the beat tracker asks"
    )
    parser.add_argument("out", type=Path, help="tensor file to write")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--bars", action="store_true", help="the one that finds the first beats of bars")
    which.add_argument("--checks", action="store_true", help="the one that checks the beats that are played")
    parser.add_argument("--steps", type=int, default=3200, help="batches")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--channels", type=int, default=CHANNELS, help="of the network that marks beats")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="for the pieces, and the fit of the beats as it goes: go on there"
    )
    for option, what in (("--midi", "tunes"), ("--modules", "tracker modules")):
        told = f"of {what} to fit to as well; again for more"
        parser.add_argument(option, type=Path, action="append", default=[], metavar="FOLDER", help=told)
    return parser


def _pieces(options: argparse.Namespace) -> tuple[list[Example], list[Example]]:
    """Those we make, and the versions of what people wrote."""
    tunes = [path for folder in options.midi for path in midi_files(folder)]
    versions = version_jobs(tunes) + [job for folder in options.modules for job in module_version_jobs(folder)]
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    return list(examples_of(fit_jobs(), options.keep)), list(examples_of(versions, options.keep))


def _fitted(options: argparse.Namespace, made: list[Example], versions: list[Example]) -> dict[str, Floats]:
    if options.bars or options.checks:
        fit_once_a_beat = fit_bars if options.bars else fit_checks
        return fit_once_a_beat(made, versions, options.steps, options.seed, _tell)
    state = options.keep / f"fit {options.seed}.safetensors" if options.keep else None
    return fit(made, versions, Plan(options.steps, options.seed, channels=options.channels, state=state), _tell)


def _asked(options: argparse.Namespace) -> str:
    which = "--bars " if options.bars else "--checks " if options.checks else ""
    width = "" if which else f" --channels {options.channels}"
    return f"{which}--steps {options.steps} --seed {options.seed}{width}"


def _tell(step: int, loss: float) -> None:
    if (step + 1) % TELL_EVERY == 0:
        sys.stdout.write(f"step {step + 1}: loss {loss:.4f} after {_minutes()}\n")
        sys.stdout.flush()


def _minutes() -> str:
    spent = os.times()
    own_s, others_s = spent.user + spent.system, spent.children_user + spent.children_system
    return f"{(own_s + others_s) / 60.0:.1f} minutes of the processor"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
