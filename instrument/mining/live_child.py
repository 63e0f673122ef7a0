"""The child process that mines one mood while a show plays: it gives way to the show before it does anything else.

It writes how far it is to its output, a share a line, and the mood into a file of mined moods.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from instrument.background import give_way
from instrument.clock import Clock, SystemClock

SAMPLES = 200
"""Latents drawn: an answer within a minute or two beside a show, not the best that there is."""
CLIMBS, CLIMBERS, KEPT, HELD_OUT, PROBES = 5, 6, 24, 16, 6
SEED = 1


def main(arguments: Sequence[str]) -> int:
    """Read checkpoint and moods, write the mood; the exit status is 2, and a line says why, if it cannot be done."""
    # Imported late: even the import would keep a frame waiting if it did not give way.
    from instrument.errors import InstrumentError

    try:
        mine_one(_options().parse_args(list(arguments)), _say)
    except InstrumentError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def mine_one(given: argparse.Namespace, say: Callable[[float], None]) -> None:
    """Look for the mood of one prompt; the moods there are already say what it is not. Raises InstrumentError."""
    from instrument.generator.checkpoint import load_checkpoint
    from instrument.generator.engines import AUTO, make_generator, offline
    from instrument.generator.protocol import Generator
    from instrument.mapping.mined_shelf import save_mined
    from instrument.mapping.moods import load_moods
    from instrument.mapping.repertoire import MinedMood
    from instrument.mining.mining import Mining
    from instrument.mining.scorer import make_scorer
    from instrument.mining.work import DEFAULT_MOODS, Work, name_beside, names_for

    scorer = make_scorer(given.scorer)
    checkpoint = load_checkpoint(given.checkpoint)
    moods = load_moods(given.moods, checkpoint.fingerprint, checkpoint.config.w_dim)
    known = [prompt for prompt in moods.prompts if prompt] or list(DEFAULT_MOODS.values())
    others = [prompt for prompt in known if prompt.lower() != given.prompt.lower()]
    prompts = (*others, given.prompt)
    work = Work(prompts, names_for(prompts), SAMPLES, SEED, moods.dimension, KEPT, CLIMBERS, CLIMBS, HELD_OUT, PROBES)
    generator, _ = make_generator(checkpoint, offline(AUTO), 1)
    studio = Unhurried(generator, SystemClock(), rest_share(os.cpu_count() or 1))
    own = len(prompts) - 1
    mining = Mining(cast(Generator, studio), checkpoint.fingerprint, scorer, work, [own])
    while not mining.is_done:
        mining.next_step()
        say(mining.steps_done / mining.steps)
    region, agreement = mining.mood(own)
    mined = MinedMood(name_beside(given.prompt, moods.names), given.prompt, region.centroid, region.basis)
    save_mined(given.out, [mined], {"agreement": f"{agreement:.3f}"})


class Unhurried:
    """A generator that rests after each picture, `rest` times as long as that took.

    What only runs on idle cores still slows the show down where cores share their arithmetic and their cache, as the
    two of a small laptop do.
    """

    def __init__(self, generator: Any, clock: Clock, rest: float) -> None:
        self._generator, self._clock, self._rest = generator, clock, rest

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)

    def render(self, *arguments: Any) -> Any:
        """One picture, and a rest."""
        began_s = self._clock.now_s()
        picture = self._generator.render(*arguments)
        done_s = self._clock.now_s()
        self._clock.sleep_until_s(done_s + self._rest * (done_s - began_s))
        return picture


def rest_share(cores: int) -> float:
    """How long to rest for each second of work.

    >>> rest_share(2), rest_share(6), rest_share(16)
    (8.0, 1.0, 0.0)
    """
    return 8.0 if cores < 4 else 1.0 if cores < 8 else 0.0


def _say(share: float) -> None:
    sys.stdout.write(f"{share:.3f}\n")
    sys.stdout.flush()


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__)
    for name in ("--checkpoint", "--moods", "--out"):
        options.add_argument(name, type=Path, required=True)
    options.add_argument("--prompt", required=True)
    options.add_argument("--scorer", required=True)
    return options


if __name__ == "__main__":
    give_way()
    sys.exit(main(sys.argv[1:]))
