"""Pickles true and damaged: what a snapshot holds is read, whatever the rest does stays inside."""

import contextlib
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.errors import CheckpointError
from instrument.generator.snapshots.pickles import Tensor, read_snapshot_pickle


class Calls:
    """Pickles as a call."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.function, self.args = function, args

    def __reduce__(self) -> tuple[Any, ...]:
        return self.function, self.args


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        read_snapshot_pickle(path)
    message = str(caught.value)
    assert message.startswith(path.name)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    "name", [b"cdnnlib.util\nEasyDict\n", b"ccollections\nOrderedDict\n", b"cnumpy\ndtype\n", b"cnumpy\nndarray\n"]
)
def test_the_reader_cannot_be_changed(tmp_path: Path, name: bytes) -> None:
    """BUILD with a pair of states sets attributes on whatever is on the stack, a class included."""
    path = tmp_path / "bad.pkl"
    path.write_bytes(b"\x80\x04" + name + b"N}\x8c\x08__init__K\x01s\x86b.")
    with contextlib.suppress(CheckpointError):
        read_snapshot_pickle(path)
    path.write_bytes(pickle.dumps({"a": np.float32(1.5), "b": np.arange(3)}))
    assert read_snapshot_pickle(path)["a"] == 1.5


@pytest.mark.parametrize(
    "code",
    [
        b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.",  # bytes of 2**63
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.",  # text of 2**63
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7fN.",  # a frame of 2**63
        b"\x80\x04P1\n.",  # something outside the file
        b"\x80\x04cdnnlib.util\nEasyDict\n)\x81}b0.",
        b"\x80\x04N",
        b"",
        b"not a pickle",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_lies_about_size_and_broken_code(tmp_path: Path, code: bytes) -> None:
    refused(tmp_path / "bad.pkl", code)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pkl", tmp_path):
        with pytest.raises(CheckpointError, match="cannot be read"):
            read_snapshot_pickle(path)


def test_file_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.pkl"
    with path.open("wb") as file:
        file.truncate(3 << 30)  # sparse
    with pytest.raises(CheckpointError, match="3072 MB"):
        read_snapshot_pickle(path)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_tensors_of_every_kind(tmp_path: Path, protocol: int) -> None:
    base = torch.arange(24.0).reshape(4, 6)
    tensors = [
        base,
        base.T,
        base[1:3, ::2],
        torch.nn.Parameter(base),
        torch.tensor(1.5),
        torch.zeros(0, 3),
        base.half(),
        base.double(),
        base.long(),
    ]
    path = tmp_path / "good.pkl"
    path.write_bytes(pickle.dumps(tensors, protocol=protocol))
    for found, expected in zip(read_snapshot_pickle(path), tensors, strict=True):
        assert isinstance(found, Tensor)
        np.testing.assert_array_equal(found.to_numpy(), expected.detach().float().numpy())


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_numpy_values(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "good.pkl"
    path.write_bytes(pickle.dumps([np.arange(6).reshape(2, 3), np.float64(0.25), np.bool_(True)], protocol=protocol))
    array, number, flag = read_snapshot_pickle(path)
    np.testing.assert_array_equal(array.values, np.arange(6).reshape(2, 3))
    assert (number, flag) == (0.25, True)


@pytest.mark.parametrize(
    ("offset", "shape", "strides"),
    [
        (0, (7,), (1,)),
        (1, (6,), (1,)),
        (0, (2, 2), (1, 5)),
        (0, (1 << 40,), (0,)),
        (-1, (2,), (1,)),
        (0, (2,), (-1,)),
        (0, (2, 3), (1,)),
        (0, (1,) * 100, (1,) * 100),
        (0, "six", (1,)),
        (0, (0, 1 << 70), (1, 1)),
    ],
)
def test_views_outside_their_storage(tmp_path: Path, offset: int, shape: Any, strides: Any) -> None:
    rebuild, args = torch.arange(6.0).__reduce_ex__(4)
    content = pickle.dumps(Calls(rebuild, args[0], offset, shape, strides, False, {}))
    refused(tmp_path / "bad.pkl", content)


def test_storage_shorter_than_it_claims(tmp_path: Path) -> None:
    content = pickle.dumps(torch.arange(6.0))
    assert content.count(struct.pack("<f", 5.0)) == 1
    claim = struct.pack("<q", 6) + struct.pack("<ff", 0.0, 1.0)
    assert content.count(claim) == 1
    assert "claims" in refused(tmp_path / "bad.pkl", content.replace(claim, struct.pack("<q", 7) + claim[8:]))


@settings(deadline=None)  # the machine is shared
@given(st.data())
def test_damage_never_escapes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(pickle.dumps({"a": torch.arange(6.0), "b": np.arange(3), "c": [1.5, "text", (None, True)]}))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    length = data.draw(st.integers(0, len(content)))
    path = tmp_path_factory.getbasetemp() / "damaged.pkl"
    path.write_bytes(bytes(content[:length]))
    with contextlib.suppress(CheckpointError):
        read_snapshot_pickle(path)


def test_source_in_the_file_is_dropped(tmp_path: Path, make_module: Callable[..., Any]) -> None:
    path = tmp_path / "good.pkl"
    path.write_bytes(pickle.dumps(make_module("Generator", {"z_dim": 4})))
    found = read_snapshot_pickle(path)
    assert (found.class_name, found.state) == ("Generator", {"z_dim": 4})


def reduced(name: str) -> bytes:
    """Byte code that leaves a checked tensor, or its storage, on the stack."""
    rebuild, args = torch.arange(6.0).__reduce_ex__(4)
    made: Any = Calls(rebuild, *args) if name == "tensor" else args[0]
    return pickle.dumps(made, protocol=4)[:-1]


@pytest.mark.parametrize(("name", "attribute"), [("tensor", "shape"), ("tensor", "storage"), ("storage", "values")])
def test_what_was_checked_cannot_be_changed(tmp_path: Path, name: str, attribute: str) -> None:
    """BUILD with (None, attributes) would set a shape that reaches outside the storage."""
    change = pickle.dumps((None, {attribute: (1 << 40,)}), protocol=2)[2:-1]
    assert "tries to change" in refused(tmp_path / "bad.pkl", reduced(name) + change + b"b.")


def test_numbers_cannot_be_written_to(tmp_path: Path) -> None:
    refused(tmp_path / "bad.pkl", reduced("storage") + b"K\x00K\x01s.")


def test_number_types_cannot_be_changed(tmp_path: Path) -> None:
    """BUILD on a true numpy dtype would change it for the whole process."""
    state = pickle.dumps((3, ">", None, None, None, -1, -1, 63), protocol=2)[2:-1]
    head = b"".join(pickle.dumps(part, protocol=2) for part in (0x1950A86A20F9469CFC6C, 1001, {}))
    blob = head + b"\x80\x02ctorch\nFloatStorage\n" + state + b"b."
    load = torch.storage._load_from_bytes  # type: ignore[attr-defined]
    refused(tmp_path / "bad.pkl", pickle.dumps(Calls(load, blob)))
    assert np.dtype("<f4").byteorder == "="


def test_stride_of_an_axis_of_one_may_be_anything(tmp_path: Path) -> None:
    rebuild, args = torch.arange(6.0).__reduce_ex__(4)
    path = tmp_path / "good.pkl"
    path.write_bytes(pickle.dumps(Calls(rebuild, args[0], 0, (1, 2), (1 << 61, 1), False, {})))
    np.testing.assert_array_equal(read_snapshot_pickle(path).to_numpy(), [[0.0, 1.0]])


def test_a_name_of_many_lines_makes_one_line(tmp_path: Path) -> None:
    refused(tmp_path / "bad.pkl", b"\x80\x04\x8c\x03a\nb\x8c\x04c\x1b\nd\x93.")
