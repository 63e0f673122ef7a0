"""From a stranger's file to a checkpoint of our own: pickled snapshots and safetensors, read as data."""

import contextlib
from pathlib import Path

import torch

from instrument.errors import CheckpointError
from instrument.generator.architectures import tensor_shapes
from instrument.generator.checkpoint import (
    CARD_FILE,
    FORMAT,
    GENERATOR_FILE,
    Card,
    check_names,
    config_from_metadata,
    file_fingerprint,
    read_card,
    save_checkpoint,
)
from instrument.generator.snapshots.contents import Snapshot
from instrument.generator.snapshots.inferred import assumptions, check_filters, infer_architecture, is_unneeded
from instrument.generator.snapshots.licence import NOT_STATED, fit_to_print
from instrument.generator.snapshots.snapshot import read_snapshot
from instrument.generator.snapshots.tensor_file import TensorFile, names_of, open_tensor_file, read_tensors
from instrument.generator.snapshots.unpickler import RefusedError, one_line

_LICENCE_KEYS = ("license", "licence")
"""Of a file's metadata."""


def import_model(path: Path, folder: Path, name: str) -> Card:
    """Turn a StyleGAN2(-ADA) or StyleGAN3 file into the checkpoint `folder`, executing nothing of it.

    Raises CheckpointError if the file is refused, or `folder` holds a generator already.
    """
    if (folder / GENERATOR_FILE).exists():
        raise CheckpointError(f"{folder}: holds a generator already; choose another name or remove it first")
    snapshot = read_model(path)
    tensors = {key: torch.from_numpy(values) for key, values in snapshot.arrays.items()}
    assumed = "; ".join(snapshot.assumed)
    card = Card(
        name=name,
        title=name,
        description=f"Not in the file, and taken as published: {assumed}." if assumed else "",
        origin=f"imported from {path.name}, sha256 {file_fingerprint(path)}",
        licence=snapshot.licence or NOT_STATED,
        created_by="import",
    )
    return save_checkpoint(folder, snapshot.config, tensors, card)


def read_model(path: Path) -> Snapshot:
    """The generator in a file, by its ending: ``.safetensors``, else a pickle.

    Raises CheckpointError in one line, naming the file and the reason.
    """
    return read_safetensors(path) if path.suffix.lower() == ".safetensors" else read_snapshot(path)


def read_safetensors(path: Path) -> Snapshot:
    """The generator in a ``.safetensors``: one of ours, or the bare tensors of a network under their own names.

    Raises CheckpointError in one line, naming the file and the reason.
    """
    file = open_tensor_file(path)
    try:
        return _read_ours(file) if file.metadata.get("format") == FORMAT else _read_bare(file)
    except OSError as error:
        raise CheckpointError(f"{path.name}: cannot be read ({error.strerror})") from error
    except (RefusedError, CheckpointError) as error:
        raise CheckpointError(f"{path.name}: {one_line(error)}") from error


def _read_ours(file: TensorFile) -> Snapshot:
    config = config_from_metadata(file.metadata)
    shapes = tensor_shapes(config)
    check_names(file.entries.keys(), shapes.keys())
    licence = _stated_licence(file) or _licence_beside(file.path)
    return Snapshot(config, read_tensors(file, {name: name for name in shapes}, shapes), licence)


def _read_bare(file: TensorFile) -> Snapshot:
    names = names_of(file.entries)
    config = infer_architecture({name: file.entries[held].shape for name, held in names.items()})
    shapes = tensor_shapes(config)
    check_names({name for name in names if name in shapes or not is_unneeded(name)}, shapes.keys())
    arrays = read_tensors(file, names, shapes)
    check_filters(config, arrays)
    return Snapshot(config, arrays, _stated_licence(file), assumptions(config))


def _stated_licence(file: TensorFile) -> str:
    return next((fit_to_print(file.metadata[key]) for key in _LICENCE_KEYS if key in file.metadata), "")


def _licence_beside(path: Path) -> str:
    """What the card of one of our own checkpoints says, if it is the card of this very file."""
    with contextlib.suppress(CheckpointError):
        card = read_card(path.with_name(CARD_FILE))
        if card.fingerprint == file_fingerprint(path) and card.licence != NOT_STATED:
            return fit_to_print(card.licence)
    return ""
