"""The numbers of one tensor storage, as torch wrote them before its zip format: pickles for a head, then raw bytes."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from instrument.generator.snapshots.unpickler import (
    AllowListUnpickler,
    RefusedError,
    Unchangeable,
    check_opcodes,
    integers,
)

_STORAGE_TYPES: dict[str, "np.dtype[Any]"] = {
    "DoubleStorage": np.dtype("<f8"),
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "ShortStorage": np.dtype("<i2"),
    "CharStorage": np.dtype("i1"),
    "ByteStorage": np.dtype("u1"),
    "BoolStorage": np.dtype("?"),
}
_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_MAX_HEAD_OPCODES = 100
"""Three times what the longest of the four pickles has. A storage can be asked for again and again."""


@dataclass(slots=True)
class Storage(Unchangeable):
    """The numbers of one storage, read-only. Wrapped: byte code could write to a bare array."""

    values: npt.NDArray[Any]


@dataclass(slots=True)
class _StorageHead(Unchangeable):
    type_name: str
    key: str
    count: int


class _StorageUnpickler(AllowListUnpickler):
    """Reads the head of one storage: nothing but its type, key and length."""

    def persistent_load(self, pid: Any) -> Any:
        """The head itself."""
        if not isinstance(pid, tuple) or len(pid) < 5 or pid[0] != "storage":
            raise RefusedError("a storage without a head")
        _, type_name, key, _, count = pid[:5]
        if not isinstance(type_name, str) or type_name not in _STORAGE_TYPES or not isinstance(key, str):
            raise RefusedError("a storage of unknown type")
        return _StorageHead(type_name, key, integers((count,))[0])


def read_storage(blob: Any) -> Storage:
    """The numbers in what ``torch.save`` of its old format wrote for one storage: four pickles, a count, raw bytes."""
    if not isinstance(blob, bytes):
        raise RefusedError("a storage that is not bytes")
    stream = io.BytesIO(blob)
    magic, protocol, _, head, keys = (_next_pickle(stream) for _ in range(5))
    if magic != _MAGIC or protocol != _PROTOCOL or not isinstance(head, _StorageHead) or keys != [head.key]:
        raise RefusedError("a storage in an unknown format")
    count = int.from_bytes(stream.read(8), "little", signed=True)
    start = stream.tell()
    dtype = _STORAGE_TYPES[head.type_name]
    if count != head.count or len(blob) - start != count * dtype.itemsize:
        raise RefusedError(f"a storage that claims {head.count} numbers and has {len(blob) - start} bytes")
    # A view: copies of one blob that is asked for a thousand times would fill the memory.
    return Storage(np.frombuffer(blob, dtype, count, start))


def _next_pickle(stream: io.BytesIO) -> Any:
    check_opcodes(stream, _MAX_HEAD_OPCODES)
    # Names for types: byte code could change a numpy dtype, and with it every array of the process.
    names = {("torch", name): name for name in _STORAGE_TYPES}
    return _StorageUnpickler(stream, names).load()
