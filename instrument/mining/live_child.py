"""The child process that mines one mood while a show plays: it gives way to the show before it does anything else.

It writes how far it is to its output, a share a line, and the mood into a file of mined moods.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from instrument.background import end_at_once, give_way
from instrument.clock import Clock, SystemClock, busy_s

if TYPE_CHECKING:
    from instrument.mining.gallery import Gallery
    from instrument.mining.mining import Mining
    from instrument.mining.scorer import Scorer
    from instrument.mining.work import Work

SAMPLES = 200
"""Latents drawn where no gallery is: an answer within minutes beside a show, not the best that there is. What they look
like is kept, so that the next prompt has its answer in seconds."""
CLIMBS, CLIMBERS, KEPT, HELD_OUT, PROBES = 5, 6, 24, 16, 6
ENOUGH = 1000
"""Of so many draws, the best are good enough without climbing."""
KEPT_OF_MANY, FEW_PROBES = 48, 6
SCALES_TRIED, CORNERS = 2, 3
"""How many widths a mood is usually tried in, each with so many pictures beside its probes."""
KEEP_EVERY = 4
"""Batches of draws after which what was seen is kept: a prompt may be called off at any time."""
SEED = 1
PATIENCE_S = 10.0
"""With a fast path that is still being fetched."""


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
    from instrument.generator.protocol import Generator, Warming
    from instrument.mapping.mined_shelf import save_mined
    from instrument.mapping.moods import load_moods
    from instrument.mapping.repertoire import MinedMood
    from instrument.mining.gallery import find_gallery
    from instrument.mining.mining import Mining
    from instrument.mining.scorer import make_scorer
    from instrument.mining.work import DEFAULT_MOODS, name_beside

    scorer = make_scorer(given.scorer)
    checkpoint = load_checkpoint(given.checkpoint)
    moods = load_moods(given.moods, checkpoint.fingerprint, checkpoint.config.w_dim)
    known = [prompt for prompt in moods.prompts if prompt] or list(DEFAULT_MOODS.values())
    others = [prompt for prompt in known if prompt.lower() != given.prompt.lower()]
    gallery, trouble = find_gallery(given.checkpoint, checkpoint.fingerprint, scorer)
    work = work_beside((*others, given.prompt), moods.dimension, gallery)
    generator, _ = make_generator(checkpoint, offline(AUTO), 1)
    if isinstance(generator, Warming):
        # The show has it compiled already; on the plain path a picture takes several times as long.
        generator.wait_until_fast(PATIENCE_S)
    studio = Unhurried(generator, SystemClock(), rest_share(os.cpu_count() or 1))
    own = len(work.prompts) - 1
    mining = Mining(cast(Generator, studio), checkpoint.fingerprint, scorer, work, [own], gallery)
    most = mining.unseen + pictures_of(work)
    studio.rendered = lambda count: say(min(count / most, 1.0))
    run(mining, scorer)
    region, agreement = mining.mood(own)
    mined = MinedMood(name_beside(given.prompt, moods.names), given.prompt, region.centroid, region.basis)
    save_mined(given.out, [mined], {"agreement": f"{agreement:.3f}", "trouble": trouble})


def work_beside(prompts: tuple[str, ...], dimension: int, gallery: "Gallery | None") -> "Work":
    """What to do for the last of the `prompts`: much less where a gallery is. Raises MiningError."""
    from instrument.mining.mining import BATCH
    from instrument.mining.work import Work, names_for

    names = names_for(prompts)
    seed, seen = (SEED, 0) if gallery is None else (gallery.seed, len(gallery.seen) // BATCH * BATCH)
    if seen >= ENOUGH:
        return Work(prompts, names, seen, seed, dimension, KEPT_OF_MANY, 0, 0, HELD_OUT, FEW_PROBES)
    return Work(prompts, names, max(SAMPLES, seen), seed, dimension, KEPT, CLIMBERS, CLIMBS, HELD_OUT, PROBES)


def pictures_of(work: "Work") -> int:
    """About how many pictures a mood takes once the draws are known: its climbs, trials and fresh ones."""
    from instrument.mining.regions import MOST_REGIONS

    trials = MOST_REGIONS * work.probes + SCALES_TRIED * (CORNERS + work.probes)
    return work.climbs * work.climbers + trials + work.held_out


def run(mining: "Mining", scorer: "Scorer") -> None:
    """Do all steps; what is seen for the first time is kept for the next prompt. Raises InstrumentError."""
    from instrument.mining.gallery import keep_longer, own_gallery_path

    while not mining.is_done:
        mining.next_step()
        gallery = mining.gallery()
        is_new = mining.unseen > 0 and mining.steps_done <= mining.draws
        if is_new and (mining.steps_done % KEEP_EVERY == 0 or mining.steps_done == mining.draws):
            keep_longer(own_gallery_path(gallery.fingerprint, scorer), gallery, scorer)


class Unhurried:
    """A generator that rests after each picture, `rest` times as long as that took to compute.

    What only runs on idle cores still slows the show down where cores share their arithmetic and their cache, as the
    two of a small laptop do. Waiting for a core slows nobody down, so no rest is taken for it.
    """

    def __init__(self, generator: Any, clock: Clock, rest: float) -> None:
        self._generator, self._clock, self._rest = generator, clock, rest
        self._count = 0
        self.rendered: Callable[[int], None] = lambda _: None
        """Is told after each picture how many there were."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)

    def render(self, *arguments: Any) -> Any:
        """One picture, and a rest."""
        began_s = busy_s()
        picture = self._generator.render(*arguments)
        self._clock.sleep_until_s(self._clock.now_s() + self._rest * (busy_s() - began_s))
        self._count += 1
        self.rendered(self._count)
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
    end_at_once()
    sys.exit(main(sys.argv[1:]))
