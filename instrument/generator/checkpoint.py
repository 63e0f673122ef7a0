"""A generator on disk: one folder with ``generator.safetensors`` and ``card.json``. Data only, checked before use."""

import hashlib
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from instrument.disk.atomic import write_atomic
from instrument.disk.tensors import tensors_to_bytes
from instrument.errors import CheckpointError, candidates
from instrument.generator.architectures import Architecture, architecture_from_dict, architecture_to_dict, tensor_shapes

GENERATOR_FILE = "generator.safetensors"
CARD_FILE = "card.json"

FORMAT = "latent-instrument.generator"
"""What the metadata of our own generator files says."""
_VERSION = 1
_MAX_CARD_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Card:
    """What people should know about a checkpoint. `fingerprint` is the sha256 of its generator file."""

    name: str
    title: str = ""
    description: str = ""
    origin: str = ""
    licence: str = ""
    created_by: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint in memory; `tensors` by their StyleGAN names, float32, not to be written to."""

    config: Architecture
    tensors: Mapping[str, torch.Tensor]
    card: Card
    fingerprint: str


def list_checkpoints(checkpoints_folder: Path) -> tuple[Path, ...]:
    """Folders in `checkpoints_folder` that hold a generator, sorted by name; none if it does not exist."""
    return tuple(sorted(path.parent for path in checkpoints_folder.glob(f"*/{GENERATOR_FILE}")))


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read and check one checkpoint. Raises CheckpointError in one line naming the file and the reason."""
    path = folder / GENERATOR_FILE
    if not path.is_file():
        raise CheckpointError(f"{folder}: no {GENERATOR_FILE}; beside it are: {candidates(_names_beside(folder))}")
    card = read_card(folder / CARD_FILE)
    fingerprint = file_fingerprint(path)
    if card.fingerprint and card.fingerprint != fingerprint:
        raise CheckpointError(f"{path}: changed or damaged since its card was written (fingerprint differs)")
    try:
        with safe_open(path, framework="pt") as file:
            config = config_from_metadata(file.metadata())
            tensors = _read_tensors(file, tensor_shapes(config))
    except (SafetensorError, OSError, MemoryError) as error:
        raise CheckpointError(f"{path}: damaged, or not safetensors ({_one_line(error)})") from error
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    return Checkpoint(config, tensors, card, fingerprint)


def save_checkpoint(folder: Path, config: Architecture, tensors: Mapping[str, torch.Tensor], card: Card) -> Card:
    """Write both files so that a crash leaves the old ones or the new ones. Returns the card with its fingerprint.

    Raises CheckpointError if `tensors` do not make the network of `config`, or the folder cannot be written.
    """
    check_tensors(config, tensors)
    content = {name: tensors[name].detach().to(torch.float32).contiguous().numpy() for name in tensors}
    metadata = {"format": FORMAT, "version": str(_VERSION), "config": json.dumps(architecture_to_dict(config))}
    try:
        write_atomic(folder / GENERATOR_FILE, tensors_to_bytes(content, metadata))
        card = replace(card, fingerprint=file_fingerprint(folder / GENERATOR_FILE))
        text = json.dumps({"version": _VERSION, **asdict(card)}, indent=2, ensure_ascii=False) + "\n"
        write_atomic(folder / CARD_FILE, text.encode())
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{folder}: cannot be written ({_one_line(error)})") from error
    return card


def check_tensors(config: Architecture, tensors: Mapping[str, torch.Tensor]) -> None:
    """Raise CheckpointError unless `tensors` are those of `config`, by name and shape, and finite."""
    shapes = tensor_shapes(config)
    check_names(set(tensors), set(shapes))
    for name, shape in shapes.items():
        _check_tensor(name, tuple(tensors[name].shape), shape)
        _check_finite(name, tensors[name])


def file_fingerprint(path: Path) -> str:
    """Sha256 of a file in hexadecimal. Raises CheckpointError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from error


def _names_beside(folder: Path) -> list[str]:
    return [path.name for path in list_checkpoints(folder.parent)]


def _one_line(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:160]


def read_card(path: Path) -> Card:
    """A card on disk. Raises CheckpointError in one line naming the file and the reason."""
    try:
        if path.stat().st_size > _MAX_CARD_BYTES:
            raise CheckpointError(f"{path}: too large for a card")
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: not JSON ({_one_line(error)})") from error
    names = [field.name for field in fields(Card)]
    if not isinstance(values, dict) or not isinstance(values.get("name"), str):
        raise CheckpointError(f"{path}: not a card, expected: {candidates(names)}")
    if values.get("version") != _VERSION:
        raise CheckpointError(f"{path}: version {values.get('version')!r}, this program reads {_VERSION}")
    texts = {name: values[name] for name in names if name in values}
    if not all(isinstance(text, str) for text in texts.values()):
        raise CheckpointError(f"{path}: every entry of a card is text")
    return Card(**texts)


def config_from_metadata(metadata: Mapping[str, str] | None) -> Architecture:
    """The architecture that `save_checkpoint` wrote into a file's metadata. Raises CheckpointError."""
    if not metadata or metadata.get("format") != FORMAT:
        raise CheckpointError("safetensors, but not a generator of this program")
    if metadata.get("version") != str(_VERSION):
        raise CheckpointError(f"version {metadata.get('version')}, this program reads {_VERSION}")
    try:
        values = json.loads(metadata.get("config", ""))
    except (ValueError, RecursionError) as error:
        raise CheckpointError("its architecture is not JSON") from error
    if not isinstance(values, dict):
        raise CheckpointError("its architecture is not a table")
    return architecture_from_dict(values)


def _read_tensors(file: Any, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, torch.Tensor]:
    """Check names, types and shapes from the header before any tensor is read."""
    check_names(set(file.keys()), set(shapes))
    for name, shape in shapes.items():
        part = file.get_slice(name)
        if part.get_dtype() != "F32":
            raise CheckpointError(f"{name} is {part.get_dtype()}, expected F32")
        _check_tensor(name, tuple(part.get_shape()), shape)
    # Copies: the file may be replaced under a memory map.
    tensors = {name: file.get_tensor(name).clone() for name in shapes}
    for name, tensor in tensors.items():
        _check_finite(name, tensor)
    return tensors


def check_names(found: AbstractSet[str], expected: AbstractSet[str]) -> None:
    """Raise CheckpointError where a tensor is missing, or one too many."""
    if missing := sorted(expected - found):
        raise CheckpointError(f"{len(missing)} tensors missing, the first is {missing[0]}")
    if surplus := sorted(found - expected):
        raise CheckpointError(f"{len(surplus)} tensors too many, the first is {surplus[0][:80]}")


def _check_tensor(name: str, shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if shape != expected:
        raise CheckpointError(f"{name} has shape {shape}, expected {expected}")


def _check_finite(name: str, tensor: torch.Tensor) -> None:
    if not bool(torch.isfinite(tensor).all()):
        raise CheckpointError(f"{name} holds numbers that are not finite")
