"""A stranger's ``.safetensors`` file: a header that is believed only where it agrees with the file's length.

The format (huggingface/safetensors, README "Format"): the header's length as 8 bytes little endian, a header of JSON,
then the tensors' bytes in one piece, in which the header gives each its place.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError, candidates
from instrument.generator.snapshots.contents import (
    Arrays,
    Shape,
    check_bytes,
    check_file_size,
    check_finite,
    check_shape,
)
from instrument.generator.snapshots.unpickler import RefusedError, integers, one_line

_MAX_HEADER_BYTES = 1 << 20
"""Fifty times what the largest network's has."""
_METADATA = "__metadata__"
_ITEM_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
"""Types that weights come in."""


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """Where one tensor lies: `begin` and `end` in bytes after the header."""

    dtype: str
    shape: Shape
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class TensorFile:
    """The checked header of a file; `start` is where its tensors begin, in bytes."""

    path: Path
    metadata: dict[str, str]
    entries: dict[str, TensorEntry]
    start: int


def open_tensor_file(path: Path) -> TensorFile:
    """Read and check the header; no tensor is read. Raises CheckpointError in one line, RefusedError never."""
    try:
        check_file_size(path)
        return TensorFile(path, *_read_header(path))
    except OSError as error:
        raise CheckpointError(f"{path.name}: cannot be read ({error.strerror})") from error
    except RefusedError as error:
        raise CheckpointError(f"{path.name}: {one_line(error)}") from error
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path.name}: damaged, or not safetensors ({one_line(error)})") from error


def read_tensors(file: TensorFile, names: dict[str, str], shapes: dict[str, Shape]) -> Arrays:
    """Tensors in float32 by the names of `shapes`; `names` says what the file calls them.

    Types and shapes are checked before any tensor is read. Raises RefusedError, or OSError.
    """
    check_bytes(shapes)
    for name, shape in shapes.items():
        entry = file.entries[names[name]]
        check_shape(name, entry.shape, shape)
        if entry.dtype not in _ITEM_BYTES:
            raise RefusedError(f"{name} is {entry.dtype[:20]}, expected one of: {candidates(_ITEM_BYTES)}")
    arrays: Arrays = {}
    with file.path.open("rb") as stream:
        for name in shapes:
            entry = file.entries[names[name]]
            stream.seek(file.start + entry.begin)
            arrays[name] = _to_float32(stream.read(entry.end - entry.begin), entry)
            check_finite(name, arrays[name])
    return arrays


def _read_header(path: Path) -> tuple[dict[str, str], dict[str, TensorEntry], int]:
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > _MAX_HEADER_BYTES:
            raise RefusedError(f"claims a header of {length} bytes, more than the {_MAX_HEADER_BYTES} a network has")
        text = stream.read(length)
    size = path.stat().st_size - 8 - length
    if size < 0:
        raise RefusedError(f"damaged, or not safetensors (it ends before its header of {length} bytes does)")
    header = json.loads(text.decode("utf-8"), object_pairs_hook=_without_twins)
    if not isinstance(header, dict):
        raise RefusedError("damaged, or not safetensors (its header is not a table)")
    metadata = header.pop(_METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise RefusedError("its metadata is not text")
    entries = {name: _entry(name, values) for name, values in header.items()}
    _check_places(entries, size)
    return metadata, entries, 8 + length


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for index, name in enumerate(names) if name in names[:index])
        raise RefusedError(f"names {twin[:80]} twice")
    return table


def _entry(name: str, values: Any) -> TensorEntry:
    if not isinstance(values, dict) or not isinstance(values.get("dtype"), str):
        raise RefusedError(f"{name[:80]} is not described as a tensor")
    shape, places = integers(values.get("shape")), integers(values.get("data_offsets"))
    if len(places) != 2 or places[0] > places[1]:
        raise RefusedError(f"{name[:80]} lies nowhere")
    entry = TensorEntry(values["dtype"], shape, *places)
    item = _ITEM_BYTES.get(entry.dtype)
    if item is not None and math.prod(shape) * item != entry.end - entry.begin:
        claim = f"{math.prod(shape) * item} bytes and has {entry.end - entry.begin}"
        raise RefusedError(f"{name[:80]}: a shape of {shape} in {entry.dtype} takes {claim}")
    return entry


def _check_places(entries: dict[str, TensorEntry], size: int) -> None:
    """The tensors fill the file without a gap, and none lies upon another."""
    end = 0
    for name, entry in sorted(entries.items(), key=lambda item: (item[1].begin, item[1].end)):
        if entry.begin != end:
            raise RefusedError(f"{name[:80]} begins at byte {entry.begin}, where {end} was expected")
        end = entry.end
    if end != size:
        raise RefusedError(f"claims {end} bytes of tensors and has {size}")


def _to_float32(raw: bytes, entry: TensorEntry) -> npt.NDArray[np.float32]:
    if len(raw) != entry.end - entry.begin:
        raise RefusedError("changed while it was read")
    if entry.dtype == "BF16":
        # The upper half of a float32.
        values = (np.frombuffer(raw, "<u2").astype(np.uint32) << 16).view(np.float32)
    else:
        values = np.frombuffer(raw, {"F64": "<f8", "F32": "<f4", "F16": "<f2"}[entry.dtype])
    with np.errstate(over="ignore"):  # becomes infinite, and is refused for it
        return np.array(values.reshape(entry.shape), dtype=np.float32)


def names_of(entries: Iterable[str]) -> dict[str, str]:
    """Names of the generator's tensors, and what the file calls them: with or without the prefix ``G_ema.``.

    >>> names_of(["G_ema.mapping.w_avg", "D.b4.weight"])
    {'mapping.w_avg': 'G_ema.mapping.w_avg'}
    >>> names_of(["mapping.w_avg"])
    {'mapping.w_avg': 'mapping.w_avg'}
    """
    names = list(entries)
    prefix = "G_ema." if any(name.startswith("G_ema.") for name in names) else ""
    return {name.removeprefix(prefix): name for name in names if name.startswith(prefix)}
