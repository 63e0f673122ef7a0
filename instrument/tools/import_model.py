"""``import MODEL``: a StyleGAN2-ADA or StyleGAN3 network becomes a checkpoint; nothing in its file is executed."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from instrument.errors import SettingsError
from instrument.generator.checkpoint import Card
from instrument.generator.snapshots.importing import import_model
from instrument.generator.snapshots.licence import NOT_STATED
from instrument.settings import DEFAULTS


def main(arguments: Sequence[str]) -> int:
    """Import one file. Raises CheckpointError in one line naming the file and the reason, or SettingsError."""
    options = argparse.ArgumentParser("instrument import", description=__doc__)
    options.add_argument(
        "model",
        type=Path,
        help="a .pkl written by the training code of StyleGAN2-ADA or StyleGAN3, or a .safetensors of such a network",
    )
    options.add_argument("--name", help="folder name in checkpoints/ (default: the file's)")
    given = options.parse_args(list(arguments))
    name = given.name or given.model.stem
    if Path(name).name != name:
        raise SettingsError(f"{name!r} is not the name of a folder in checkpoints/")
    card = import_model(given.model, DEFAULTS.checkpoints_folder / name, name)
    sys.stdout.write(report(card))
    return 0


def report(card: Card) -> str:
    """What whoever imported a model should know of it, the licence above all."""
    lines = [f"{card.name}: {card.origin}"]
    if card.description:
        lines.append(card.description)
    if card.licence == NOT_STATED:
        lines.append(f"licence: {NOT_STATED}")
    else:
        lines.append("licence, in the file's own words (whoever trained it may have terms of their own):")
        lines += [f"  {line}".rstrip() for line in card.licence.splitlines()]
    return "\n".join(lines) + "\n"
