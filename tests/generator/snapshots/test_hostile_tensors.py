"""Safetensors made to harm: what a header claims is checked before anything is read or allocated."""

import json
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from instrument.errors import CheckpointError
from instrument.generator.checkpoint import Checkpoint
from instrument.generator.snapshots.importing import read_safetensors

PEAK_BYTES = 32 << 20

Header = dict[str, Any]


def header_of(content: bytes) -> tuple[Header, bytes]:
    length = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def with_header(text: bytes, data: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text + data


def changed(change: Callable[[Header], object]) -> Callable[[Checkpoint], bytes]:
    """A sound file whose header is changed."""

    def make(checkpoint: Checkpoint) -> bytes:
        header, data = header_of(save(dict(checkpoint.tensors)))
        change(header)
        return with_header(json.dumps(header).encode(), data)

    return make


def with_tensor(name: str, change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Checkpoint], bytes]:
    return lambda checkpoint: save({**checkpoint.tensors, name: change(checkpoint.tensors[name]).contiguous()})


def without(name: str) -> Callable[[Checkpoint], bytes]:
    return lambda checkpoint: save({key: value for key, value in checkpoint.tensors.items() if key != name})


def twin(checkpoint: Checkpoint) -> bytes:
    header, data = header_of(save(dict(checkpoint.tensors)))
    entry = json.dumps({W_AVG: header[W_AVG]})
    return with_header((entry[:-1] + "," + json.dumps(header)[1:]).encode(), data)


def ours_of_another(checkpoint: Checkpoint) -> bytes:
    config = json.dumps({"resolution": 64})
    metadata = {"format": "latent-instrument.generator", "version": "1", "config": config}
    return save(dict(checkpoint.tensors), metadata)


def overflowing(checkpoint: Checkpoint) -> bytes:
    return save({**checkpoint.tensors, W_AVG: torch.full((16,), 1e300, dtype=torch.float64)})


W_AVG = "mapping.w_avg"
PLACE = "data_offsets"
HUGE = 40 << 30

HOSTILE: dict[str, tuple[Callable[[Checkpoint], bytes], str]] = {
    "40-gb-tensor-claimed": (
        changed(lambda h: h[W_AVG].update(shape=[HUGE // 4], data_offsets=[h[W_AVG][PLACE][0], end_of_huge(h)])),
        "was expected",
    ),
    "40-gb-at-the-end": (
        changed(lambda h: h.update(x={"dtype": "I8", "shape": [HUGE], PLACE: [end_of(h), end_of(h) + HUGE]})),
        "bytes of tensors and has",
    ),
    "shape-beyond-its-bytes": (changed(lambda h: h[W_AVG].update(shape=[1 << 40])), "takes 4398046511104 bytes"),
    "overlapping-offsets": (changed(lambda h: h[W_AVG].update(data_offsets=[0, 64])), "was expected"),
    "offsets-backwards": (changed(lambda h: h[W_AVG].update(data_offsets=[64, 0])), "lies nowhere"),
    "negative-offsets": (changed(lambda h: h[W_AVG].update(data_offsets=[-64, 0])), "a shape that is not one"),
    "a-hundred-dimensions": (changed(lambda h: h[W_AVG].update(shape=[1] * 100)), "a shape that is not one"),
    "duplicate-keys": (twin, "names mapping.w_avg twice"),
    "truncated": (lambda checkpoint: save(dict(checkpoint.tensors))[:-4], "bytes of tensors and has"),
    "something-behind-the-end": (lambda checkpoint: save(dict(checkpoint.tensors)) + b"x", "and has"),
    "ends-in-the-header": (lambda checkpoint: save(dict(checkpoint.tensors))[:100], "it ends before its header"),
    "header-of-100-mb": (lambda _: struct.pack("<Q", 100 << 20) + b"{}", "claims a header of 104857600 bytes"),
    "header-of-exabytes": (lambda _: b"\xff" * 16, "claims a header of 18446744073709551615 bytes"),
    "header-not-json": (lambda _: with_header(b"{'a': 1}", b""), "damaged, or not safetensors"),
    "header-not-text": (lambda _: with_header(b"\xff\xfe{}", b""), "damaged, or not safetensors"),
    "header-nested-deep": (lambda _: with_header(b"[" * 500_000, b""), "damaged, or not safetensors"),
    "header-a-list": (lambda _: with_header(b"[]", b""), "its header is not a table"),
    "header-of-numbers": (lambda _: with_header(b'{"a": 1}', b""), "a is not described as a tensor"),
    "metadata-not-text": (changed(lambda h: h.update(__metadata__={"license": 7})), "its metadata is not text"),
    "no-tensors": (lambda _: with_header(b"{}", b""), "not named as StyleGAN2 or StyleGAN3"),
    "empty": (lambda _: b"", "damaged"),
    "wrong-dtype": (with_tensor(W_AVG, lambda w: w.to(torch.int32)), "mapping.w_avg is I32, expected one of: F64"),
    "nan-weights": (with_tensor(W_AVG, lambda w: w * torch.nan), "mapping.w_avg holds numbers that are not finite"),
    "infinite-in-float32": (overflowing, "mapping.w_avg holds numbers that are not finite"),
    "wrong-shape": (with_tensor("mapping.fc1.weight", lambda w: w[:3]), "mapping.fc1.weight has shape (3, 16)"),
    "wrong-dimensions": (with_tensor(W_AVG, lambda w: w[None]), "mapping.w_avg has shape (1, 16), expected 1"),
    "missing-tensor": (without("synthesis.input.phases"), "1 tensors missing, the first is synthesis.input.phases"),
    "missing-mapping": (without("mapping.fc0.weight"), "no tensor mapping.fc0.weight"),
    "missing-layer": (without("synthesis.L3_36_8.weight"), "do not follow each other"),
    "surplus-tensor": (lambda c: save({**c.tensors, "synthesis.x": torch.zeros(1)}), "too many, the first is synthe"),
    "another-network": (lambda _: save({"conv1.weight": torch.zeros(3)}), "not named as StyleGAN2 or StyleGAN3 name"),
    "another-architecture": (ours_of_another, "missing, the first is synthesis.L0"),
}
"""By a name for what each does: how it is built, and what must be said of it."""


def end_of_huge(header: Header) -> int:
    return int(header[W_AVG][PLACE][0]) + HUGE


def end_of(header: Header) -> int:
    return max(int(entry[PLACE][1]) for name, entry in header.items() if name != "__metadata__")


@pytest.fixture
def peak_bytes() -> Iterator[Callable[[], int]]:
    """The most memory that Python and numpy held at once, since the test began."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


@pytest.mark.parametrize("which", HOSTILE)
def test_hostile_safetensors(which: str, tmp_path: Path, tiny_t: Checkpoint, peak_bytes: Callable[[], int]) -> None:
    make, said = HOSTILE[which]
    path = tmp_path / "bad.safetensors"
    path.write_bytes(make(tiny_t))
    tracemalloc.reset_peak()
    with pytest.raises(CheckpointError) as caught:
        read_safetensors(path)
    message = str(caught.value)
    assert message.startswith("bad.safetensors: ")
    assert said in message
    assert "\n" not in message
    assert peak_bytes() < PEAK_BYTES


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("synthesis.b8.conv1.weight", "do not double from b4 on"),
        ("synthesis.b32.torgb.weight", "missing, the first is synthesis.b32.torgb.weight"),
        ("synthesis.b4.const", "not named as StyleGAN2 or StyleGAN3"),
    ],
)
def test_hostile_stylegan2(tmp_path: Path, tiny_2: Checkpoint, name: str, said: str) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(without(name)(replace(tiny_2)))
    with pytest.raises(CheckpointError, match=said):
        read_safetensors(path)


def test_hostile_file_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        file.truncate(3 << 30)  # sparse
    with pytest.raises(CheckpointError, match=r"large\.safetensors: 3072 MB"):
        read_safetensors(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(CheckpointError, match="cannot be read"):
            read_safetensors(path)
