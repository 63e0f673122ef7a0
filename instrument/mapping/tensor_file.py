"""Named float32 arrays and a few words of JSON in one safetensors file: data, never code."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from instrument.disk.atomic import write_atomic
from instrument.disk.tensors import tensors_to_bytes
from instrument.errors import CheckpointError

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TensorFile:
    """Contents of one file: its arrays by name, and the lists of words kept beside them."""

    tensors: Mapping[str, Float32Array]
    words: Mapping[str, str]

    def tensor(self, name: str, dimensions: int) -> Float32Array:
        """The array `name`; CheckpointError if it is missing or has not so many `dimensions`."""
        array = self.tensors.get(name)
        if array is None or array.ndim != dimensions:
            raise CheckpointError(f"array {name!r} is missing or misshapen")
        return array

    def word(self, name: str) -> str:
        """The word `name`; CheckpointError if it is missing."""
        if name not in self.words:
            raise CheckpointError(f"{name!r} is missing")
        return self.words[name]

    def word_list(self, name: str) -> tuple[str, ...]:
        """The list of strings `name`; CheckpointError if it is missing or something else."""
        try:
            items = json.loads(self.word(name))
        except (ValueError, RecursionError) as error:
            raise CheckpointError(f"{name!r} is not a list of words") from error
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise CheckpointError(f"{name!r} is not a list of words")
        return tuple(items)


def encode_list(items: Sequence[str]) -> str:
    """A list of strings as it is written beside the arrays.

    >>> encode_list(["Calm", "Vibrant"])
    '["Calm", "Vibrant"]'
    """
    return json.dumps(list(items), ensure_ascii=False)


def write_tensor_file(
    path: Path,
    kind: str,
    version: int,
    tensors: Mapping[str, Float32Array],
    words: Mapping[str, str],
    *,
    halves: bool = False,
) -> None:
    """Write a file of this `kind` in one move: what was there stays until the new one is whole.

    With `halves` the arrays are stored as float16.

    Raises
    ------
    CheckpointError
        If it cannot be written.
    """
    stored: type[np.floating] = np.float16 if halves else np.float32
    arrays: dict[str, npt.NDArray[np.floating]] = {name: array.astype(stored) for name, array in tensors.items()}
    data = tensors_to_bytes(arrays, {"format": kind, "version": str(version), **words})
    try:
        write_atomic(path, data)
    except OSError as error:
        raise CheckpointError(f"{path} cannot be written: {error.strerror or error}") from error


def read_tensor_file(path: Path, kind: str, version: int, *, halves: bool = False) -> TensorFile:
    """Read a file of this `kind`, up to this `version`; with `halves`, one that was written so.

    Raises
    ------
    CheckpointError
        If it is missing, cut short, of another kind, from a newer program, or holds other than finite numbers.
    """
    try:
        with safe_open(path, framework="numpy") as opened:
            words = dict(opened.metadata() or {})
            _check_kind(path, words, kind, version)
            names = tuple(opened.keys())
            types = {name: str(opened.get_slice(name).get_dtype()) for name in names}
            _check_types(path, types, ("F16", "float16") if halves else ("F32", "float32"))
            tensors = {name: np.array(opened.get_tensor(name), dtype=np.float32) for name in names}
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}") from error
    except SafetensorError as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(f"{path} is damaged or no safetensors file: {reason}") from error
    broken = [name for name, array in tensors.items() if not np.isfinite(array).all()]
    if broken:
        raise CheckpointError(f"{path} holds numbers that are not finite, in {broken[0]!r}")
    return TensorFile(tensors, words)


def _check_kind(path: Path, words: Mapping[str, str], kind: str, version: int) -> None:
    if words.get("format") != kind:
        raise CheckpointError(f"{path} is no {kind} file but {words.get('format', 'of no known format')!r}")
    written = words.get("version", "")
    if not (written.isascii() and written.isdigit()):
        raise CheckpointError(f"{path} does not say its version")
    if int(written[:9]) > version:
        raise CheckpointError(f"{path} is of version {written[:9]}; this program reads up to {version}: update it")


def _check_types(path: Path, types: Mapping[str, str], wanted: tuple[str, str]) -> None:
    for name, stored in types.items():
        if stored != wanted[0]:
            raise CheckpointError(f"{path} holds {name!r} as {stored}, not as {wanted[1]}")
