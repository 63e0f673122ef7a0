"""StyleGAN snapshots read as data: an unpickler that executes nothing and knows a dozen names.

A snapshot carries the Python source of its network as a string, which the original loader runs. Here it stays a
string, whose first comment may say a licence; every global a true snapshot names is answered by an inert stand-in
of this file, any other is refused, and the byte code is checked for size claims before the unpickler sees it.
Nothing may be copied that byte code can name twice: a short file would fill the memory.
"""

import io
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError
from instrument.generator.snapshots.contents import check_file_size
from instrument.generator.snapshots.storages import Storage, read_storage
from instrument.generator.snapshots.unpickler import (
    FOREIGN,
    AllowListUnpickler,
    RefusedError,
    Unchangeable,
    check_opcodes,
    integers,
    one_line,
)


@dataclass(slots=True)
class Module(Unchangeable):
    """One network module as found in the file: its class by name, its `__dict__` as plain data.

    `source` is the text of the Python module it was defined in; nothing here runs or compiles it.
    """

    class_name: str
    state: dict[str, Any]
    source: str = ""


@dataclass(slots=True)
class Tensor(Unchangeable):
    """A view of a storage, checked to lie inside it."""

    storage: npt.NDArray[Any]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def to_numpy(self) -> npt.NDArray[np.float32]:
        """A float32 array of its own."""
        item = self.storage.itemsize
        strides = tuple(step * item for step in self.strides)
        view = np.lib.stride_tricks.as_strided(self.storage[self.offset :], self.shape, strides, writeable=False)
        with np.errstate(over="ignore"):  # becomes infinite, and is refused for it
            return np.array(view, dtype=np.float32, order="C")


def read_snapshot_pickle(path: Path) -> Any:
    """The object in the file, made of dicts, lists, numbers, `Module`, `Tensor` and numpy arrays.

    Raises CheckpointError in one line, naming the file and the reason.
    """
    try:
        check_file_size(path)
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path.name}: cannot be read ({error.strerror})") from error
    try:
        return loads(content)
    except RefusedError as error:
        raise CheckpointError(f"{path.name}: {one_line(error)}") from error
    except FOREIGN as error:
        raise CheckpointError(f"{path.name}: damaged, or not a snapshot ({one_line(error)})") from error


def loads(content: bytes) -> Any:
    """Unpickle `content` as data. Raises RefusedError, or what damaged byte code raises."""
    stream = io.BytesIO(content)
    check_opcodes(stream)
    return AllowListUnpickler(stream, _snapshot_names(len(content))).load()


class _Inert(Unchangeable):
    """A function the byte code may call."""

    __slots__ = ("_function",)

    def __init__(self, function: Any) -> None:
        self._function = function

    def __call__(self, *args: Any) -> Any:
        return self._function(*args)


class _Encoder:
    """Protocol 2 writes bytes as text. All of it together is no longer than the file, unless some is named twice."""

    def __init__(self, most: int) -> None:
        self._left = most

    def __call__(self, text: Any, encoding: Any = "latin1") -> bytes:
        if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
            raise RefusedError("text in an unexpected encoding")
        self._left -= len(text)
        if self._left < 0:
            raise RefusedError("builds more bytes than it has")
        return text.encode("latin1")


def _snapshot_names(size: int) -> dict[tuple[str, str], Any]:
    """Every global seen in true snapshots, and what stands in for it; `size` of the file in bytes."""
    table: dict[tuple[str, str], Any] = {
        ("torch_utils.persistence", "_reconstruct_persistent_obj"): _Inert(_module),
        ("dnnlib.util", "EasyDict"): _table_class(),
        ("collections", "OrderedDict"): _Inert(_ordered_dict),
        ("torch._utils", "_rebuild_tensor_v2"): _Inert(_tensor),
        ("torch._utils", "_rebuild_parameter"): _Inert(_parameter),
        ("torch.storage", "_load_from_bytes"): _Inert(read_storage),
        ("torch", "Size"): _Inert(integers),
        ("builtins", "set"): _Inert(_ignored_set),
        ("__builtin__", "set"): _Inert(_ignored_set),
        ("_codecs", "encode"): _Inert(_Encoder(size)),
        ("numpy", "dtype"): _Inert(_DType),
        ("numpy", "ndarray"): "numpy.ndarray",
    }
    for package in ("numpy.core.multiarray", "numpy._core.multiarray"):
        table[package, "_reconstruct"] = _Inert(_array)
        table[package, "scalar"] = _Inert(_scalar)
    return table


def _module(meta: Any) -> Module:
    if not isinstance(meta, dict) or meta.get("type") != "class":
        raise RefusedError("a module is not stored the way StyleGAN snapshots store them")
    name, state, source = meta.get("class_name"), meta.get("state"), meta.get("module_src")
    if not isinstance(name, str) or not isinstance(state, dict):
        raise RefusedError("a module without class name or state")
    return Module(name, state, source if isinstance(source, str) else "")


def _ordered_dict() -> dict[Any, Any]:
    """Its items follow, one by one, since Python 3."""
    return {}


def _table_class() -> type:
    """A class of its own for each file, since byte code can mark a class. Items follow one by one, here too."""

    class EasyDict(Unchangeable, dict[Any, Any]):
        def __init__(self) -> None:
            super().__init__()

    return EasyDict


def _ignored_set(items: Any = ()) -> tuple[Any, ...]:
    """Only hook bookkeeping comes as a set."""
    del items
    return ()


def _parameter(data: Any, requires_grad: Any, hooks: Any) -> Tensor:
    del requires_grad, hooks
    if not isinstance(data, Tensor):
        raise RefusedError("a parameter that is not a tensor")
    return data


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *rest: Any) -> Tensor:
    """A tensor over `storage`; sizes and strides are taken for lies until they fit."""
    del rest
    if not isinstance(storage, Storage):
        raise RefusedError("a tensor without a storage")
    values = storage.values
    shape, strides = integers(shape), integers(strides)
    (offset,) = integers((offset,))
    if len(shape) != len(strides):
        raise RefusedError("a tensor whose shape and strides disagree")
    last = offset + sum((size - 1) * step for size, step in zip(shape, strides, strict=True))
    if math.prod(shape) > values.size or (math.prod(shape) and last >= values.size):
        raise RefusedError(f"a tensor of shape {shape} reaches beyond its {values.size} stored numbers")
    # The stride of an axis of one is never used, and may be anything.
    strides = tuple(step if size > 1 else 0 for size, step in zip(shape, strides, strict=True))
    return Tensor(values, offset, shape, strides)


_NUMBERS = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")


@dataclass(slots=True)
class _DType:
    """Stands for a numpy dtype without objects; BUILD tells its byte order."""

    code: Any
    align: Any = False
    copy: Any = True
    order: Literal["<", ">", "|", "="] = field(default="<", init=False)

    def __setstate__(self, state: Any) -> None:
        order = state[1]
        if order not in ("<", ">", "|", "="):
            raise RefusedError("a number format with an unknown byte order")
        self.order = order

    def to_numpy(self) -> "np.dtype[Any]":
        if not isinstance(self.code, str) or self.code not in _NUMBERS:
            raise RefusedError("numbers of a type that no snapshot has")
        dtype: np.dtype[Any] = np.dtype(self.code)
        return dtype.newbyteorder(self.order)


class _Array:
    """Stands for a numpy array; BUILD brings its content."""

    __slots__ = ("values",)

    def __init__(self) -> None:
        self.values: npt.NDArray[Any] = np.zeros(0)

    def __setstate__(self, state: Any) -> None:
        _, shape, dtype, fortran, raw = state
        if not isinstance(dtype, _DType) or not isinstance(raw, bytes):
            raise RefusedError("an array that is not plain numbers")
        values = np.frombuffer(raw, dtype.to_numpy())
        self.values = values.reshape(integers(shape), order="F" if fortran else "C")


def _array(kind: Any, shape: Any, code: Any) -> _Array:
    del kind, shape, code
    return _Array()


def _scalar(dtype: Any, raw: Any) -> Any:
    if not isinstance(dtype, _DType) or not isinstance(raw, bytes) or len(raw) != dtype.to_numpy().itemsize:
        raise RefusedError("a number that is not one")
    return np.frombuffer(raw, dtype.to_numpy())[0].item()
