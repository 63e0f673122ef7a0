"""``import MODEL.pkl``: a StyleGAN2-ADA or StyleGAN3 snapshot becomes a checkpoint; nothing in it is executed."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from instrument.generator.checkpoint import import_snapshot
from instrument.settings import DEFAULTS


def main(arguments: Sequence[str]) -> int:
    """Import one file. Raises CheckpointError in one line naming the file and the reason."""
    options = argparse.ArgumentParser("instrument import", description=__doc__)
    options.add_argument(
        "snapshot", type=Path, help="a .pkl written by the training code of StyleGAN2-ADA or StyleGAN3"
    )
    options.add_argument("--name", help="folder name in checkpoints/ (default: the file's)")
    given = options.parse_args(list(arguments))
    name = given.name or given.snapshot.stem
    folder = DEFAULTS.checkpoints_folder / name
    card = import_snapshot(given.snapshot, folder, name)
    sys.stdout.write(f"{folder.name}: {card.title}\n")
    return 0
