"""``mine``: moods of a checkpoint by text: draw, score, keep the best, climb, settle, and judge what was found."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from instrument.clock import SystemClock
from instrument.disk.atomic import write_atomic
from instrument.errors import MiningError
from instrument.generator.checkpoint import load_checkpoint
from instrument.generator.engines import make_generator, offline, warm_up
from instrument.mapping.mining_report import REPORT_FILE
from instrument.mapping.moods import MoodSet
from instrument.mining.files import MOODS_FILE, SHEET_FILE, write_mined
from instrument.mining.gallery import GALLERY_FILE, keep_longer
from instrument.mining.latents import Studio
from instrument.mining.mining import STATE_FILE, Mining
from instrument.mining.report import table
from instrument.mining.scorer import DEFAULT, SCORERS, Images, Scorer, make_scorer
from instrument.mining.work import SAMPLES, work_for
from instrument.settings import DEFAULTS
from instrument.tools.distil.sheet import png, tiles
from instrument.tools.fit.examples import roles_of
from instrument.tools.fit.for_moods import fit_if_needed
from instrument.tools.render import FASTER_S

SEED = 1
SAVE_EVERY_S = 5.0
COLUMNS = 8
"""Pictures of a mood on the sheet: its centroid, then fresh ones."""


def main(arguments: Sequence[str]) -> int:
    """Mine; goes on where an interrupted run of the same work stopped. Raises InstrumentError."""
    given = _options().parse_args(list(arguments))
    work = work_for(given.prompt, given.name, given.samples, given.seed)
    checkpoint = load_checkpoint(DEFAULTS.checkpoints_folder / given.checkpoint)
    folder = given.out or DEFAULTS.checkpoints_folder / given.checkpoint
    # Before the work: what is misspelt, or missing, shall be said at once.
    check_sounds(work.names, given.sounds)
    scorer = make_scorer(given.scorer, given.weights, given.model)
    generator, _ = make_generator(checkpoint, offline(given.engine), given.threads)
    # Pictures that change from one arithmetic to another in the middle would not be the same run twice.
    warm_up(generator, FASTER_S)
    mining = Mining(generator, checkpoint.fingerprint, scorer, work)
    if given.gallery_only:
        run(mining, folder, mining.draws)
        (folder / STATE_FILE).unlink(missing_ok=True)
        keep_gallery(folder, mining, scorer)
        return 0
    run(mining, folder, mining.steps)
    mined = mining.result()
    try:
        write_atomic(folder / SHEET_FILE, png(sheet(mining, Studio(generator, scorer, work.prompts), mined.moods)))
    except OSError as error:
        raise MiningError(f"{folder}: cannot be written ({error.strerror})") from error
    write_mined(folder, mined, work, scorer)
    keep_gallery(folder, mining, scorer)
    sys.stdout.write(table(mined.report, work.names))
    sys.stdout.write(f"{folder}: {MOODS_FILE}, {REPORT_FILE} and {SHEET_FILE} written\n")
    sys.stdout.write(f"{fit_if_needed(folder, mined.moods, given.sounds)}\n")
    return 0


def check_sounds(names: Sequence[str], spoken: Sequence[str]) -> None:
    """Raise CheckpointError unless every mood has its sound, or none is spoken of."""
    if spoken:
        roles_of(names, spoken)


def keep_gallery(folder: Path, mining: Mining, scorer: Scorer) -> None:
    """Keep what was seen in the draws, for prompts that are typed during play. Raises CheckpointError."""
    gallery = mining.gallery()
    written = keep_longer(folder / GALLERY_FILE, gallery, scorer)
    what = f"{len(gallery.seen)} pictures" if written else "stays, it is as long"
    sys.stdout.write(f"{folder / GALLERY_FILE}: {what}\n")


def run(mining: Mining, folder: Path, last: int) -> None:
    """Do what is left of the first `last` steps, writing now and then where the run stands. Raises CheckpointError."""
    if mining.resume(folder):
        sys.stderr.write(f"going on after step {mining.steps_done} of {mining.steps}\n")
    clock = SystemClock()
    began_s = saved_s = clock.now_s()
    first = mining.steps_done
    while mining.steps_done < last:
        mining.next_step()
        now_s = clock.now_s()
        if now_s - saved_s >= SAVE_EVERY_S or mining.steps_done >= last:
            mining.save(folder)
            saved_s = now_s
        share = mining.steps_done / last
        left_s = (now_s - began_s) / (mining.steps_done - first) * (last - mining.steps_done)
        sys.stderr.write(f"\r[{'#' * int(40 * share):<40}] {share:4.0%}  about {left_s:.0f} s left ")
        sys.stderr.flush()
    sys.stderr.write("\n")


def sheet(mining: Mining, studio: Studio, moods: MoodSet) -> Images:
    """A row a mood: its centroid's picture, then some of the fresh ones that it was judged by."""
    shown = [
        np.concatenate([centroid[None], mining.held_out(mood, COLUMNS - 1)])
        for mood, centroid in enumerate(moods.centroids)
    ]
    images = studio.pictures(np.concatenate(shown))
    return tiles((torch.from_numpy(images).float() - 127.5) / 127.5, COLUMNS)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("instrument mine", description=__doc__)
    add = options.add_argument
    add("--prompt", action="append", default=[], help="what a mood looks like; give 2 to 12 (default: the three usual)")
    add(
        "--name", action="append", default=[], help="its mood's name, in the order of the prompts (default: made of it)"
    )
    add(
        "--sounds",
        nargs="+",
        default=[],
        metavar="MOOD=CHARACTER",
        help="which sound a mood answers to: heavy, calm or bright (default: by what its prompt means)",
    )
    add("--checkpoint", default=DEFAULTS.checkpoint, help="folder name in checkpoints/ (default: default)")
    add(
        "--gallery-only", action="store_true", help="look at the draws for prompts during play; leave moods as they are"
    )
    add("--samples", type=int, default=SAMPLES, help=f"latents to draw (default: {SAMPLES})")
    add("--scorer", default=DEFAULT, help="; ".join(f"{row.name}: {row.help}" for row in SCORERS))
    add("--weights", type=Path, help="the scorer's weights file (default: its own)")
    add("--model", default="", help="architecture that an openclip weights file is for (default: ViT-B-32)")
    add("--out", type=Path, help="folder to write (default: the checkpoint's)")
    add("--seed", type=int, default=SEED)
    add("--engine", default=DEFAULTS.engine, help="what runs the network; doctor lists them (default: auto)")
    add("--threads", type=int, default=DEFAULTS.threads, help="threads of the synthesis")
    return options
