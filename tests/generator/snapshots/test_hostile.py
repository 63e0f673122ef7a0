"""Files made to harm: each is refused in one line, runs nothing, fills no memory, and leaves nothing behind.

``python3 run.py test tests/generator/snapshots -k hostile`` shows them all by name.
"""

import codecs
import os
import pickle
import subprocess
import sys
import tracemalloc
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from instrument import cli
from instrument.generator.architectures import tensor_shapes
from instrument.generator.checkpoint import Checkpoint
from instrument.generator.snapshots.snapshot import read_snapshot
from instrument.settings import DEFAULTS, PROJECT_FOLDER
from instrument.tools import import_model

PEAK_BYTES = 100 << 20
"""What reading a hostile file of a few megabytes may take; the bombs among them ask for 5 to 100 times as much."""


class Calls:
    """Pickles as a call."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.function, self.args = function, args

    def __reduce__(self) -> tuple[Any, ...]:
        return self.function, self.args

    def __call__(self) -> None:
        """Only what can be called pickles as a function."""


@dataclass(frozen=True)
class Workshop:
    """What hostile files are built from. Code in them would make the file `canary`."""

    canary: Path
    make_module: Callable[..., Any]
    make_generator: Callable[..., Any]
    good: Checkpoint

    @property
    def source(self) -> str:
        return f"open({str(self.canary)!r}, 'w').close()"

    def snapshot(self, **change: Any) -> bytes:
        """A true snapshot with some of the checkpoint replaced."""
        return pickle.dumps({"G_ema": self.make_generator(replace(self.good, **change))}, protocol=4)

    def tensors(self, name: str, change: Callable[[torch.Tensor], torch.Tensor]) -> bytes:
        return self.snapshot(tensors={**self.good.tensors, name: change(self.good.tensors[name])})


def called(function: Any, *args: Any) -> bytes:
    return pickle.dumps({"G_ema": Calls(function, *args)}, protocol=4)


def storage(blob: bytes) -> Calls:
    return Calls(torch.storage._load_from_bytes, blob)  # type: ignore[attr-defined]


def getattr_chain(shop: Workshop) -> bytes:
    """``getattr(__import__("os"), "system")("touch canary")``."""
    return called(Calls(getattr, Calls(__import__, "os"), "system"), f"touch {shop.canary}")


def np_scalar(raw: bytes) -> tuple[Any, ...]:
    """How numpy pickles a number, here one of one byte."""
    function, (dtype, _) = np.int8(1).__reduce__()
    return function, dtype, raw


def storage_that_calls(shop: Workshop) -> bytes:
    head = b"".join(pickle.dumps(part, protocol=2) for part in (0x1950A86A20F9469CFC6C, 1001, {}))
    return pickle.dumps({"G_ema": storage(head + called(os.system, f"touch {shop.canary}"))})


def tensor_of_40_gb(_: Workshop) -> bytes:
    rebuild, args = torch.arange(6.0).__reduce_ex__(4)
    return pickle.dumps({"G_ema": Calls(rebuild, args[0], 0, (10_000, 1_000_000), (1_000_000, 1), False, {})})


def shape_set_afterwards(_: Workshop) -> bytes:
    """BUILD with (None, attributes) would set any attribute of what was checked."""
    change = pickle.dumps((None, {"shape": (1 << 40,)}), protocol=2)[2:-1]
    return pickle.dumps(torch.arange(6.0), protocol=4)[:-1] + change + b"b."


def thousand(function: Any, *args: Any) -> bytes:
    """The same call a thousand times: what it is given stands in the file once."""
    return pickle.dumps([Calls(function, *args) for _ in range(1000)], protocol=2)


def storage_a_thousand_times(_: Workshop) -> bytes:
    _, args = torch.zeros(1 << 18).__reduce_ex__(4)
    return thousand(*args[0].__reduce__()[:1], *args[0].__reduce__()[1])


def list_for_a_hyper_parameter(shop: Workshop) -> bytes:
    """Numbers of one byte that would be 8 in a list."""
    generator = shop.make_generator(shop.good)
    generator.state["img_resolution"] = np.zeros(1 << 24, np.int8)
    return pickle.dumps({"G_ema": generator}, protocol=4)


def network_of_8_gb(shop: Workshop) -> bytes:
    """As large a network as may be asked for: 4096 channels everywhere."""
    config = replace(shop.good.config, resolution=1024, channel_base=1 << 20, channel_max=4096)
    tensors = {name: torch.zeros(1) for name in tensor_shapes(config)}
    return shop.snapshot(config=config, tensors=tensors)


HOSTILE: dict[str, tuple[Callable[[Workshop], bytes], str]] = {
    "os-system-reduce": (lambda shop: called(os.system, f"touch {shop.canary}"), "asks for posix.system"),
    "eval-builtin": (lambda shop: called(eval, shop.source), "asks for builtins.eval"),
    "exec-builtin": (lambda shop: called(exec, shop.source), "asks for builtins.exec"),
    "compile-builtin": (lambda shop: called(compile, shop.source, "x", "exec"), "asks for builtins.compile"),
    "import-builtin": (lambda _: called(__import__, "os"), "asks for builtins.__import__"),
    "getattr-chain": (getattr_chain, "asks for builtins.getattr"),
    "method-of-a-path": (lambda shop: called(Path.touch, shop.canary), "asks for pathlib.Path.touch"),
    "numpy-save": (lambda shop: called(np.save, str(shop.canary), [1]), "asks for numpy.save"),
    "nested-torch-load": (lambda shop: called(torch.load, str(shop.canary)), "asks for torch"),
    "code-inside-a-storage": (storage_that_calls, "asks for posix.system"),
    "dotted-name": (
        lambda _: b"\x80\x04\x8c\x0bcollections\x8c\x20OrderedDict.__init__.__globals__\x93.",
        "asks for collections.OrderedDict.__init__",
    ),
    "extension-registry": (lambda _: b"\x80\x02\x82\x01.", "extension registry"),
    "persistent-id": (lambda _: b"\x80\x04P1\n.", "outside the file"),
    "attributes-set-by-build": (shape_set_afterwards, "tries to change what was checked"),
    "module-without-a-state": (lambda shop: pickle.dumps({"G_ema": shop.make_module("Generator", 7)}), "without"),
    "object-dtype-array": (lambda _: pickle.dumps(np.array([None, "text"], dtype=object)), "not plain numbers"),
    "memo-bomb": (lambda _: b"\x80\x04]r\xff\xff\xff\xff.", "claims 4294967295 remembered objects"),
    "stack-bomb": (lambda _: b"\x80\x04" + b"]" * (8 << 20) + b".", "builds more than any snapshot"),
    "nested-tuples-as-a-key": (lambda _: b"\x80\x04})" + b"\x85" * 200_000 + b"K\x01s.", "builds more than any"),
    "storage-a-thousand-times": (storage_a_thousand_times, "no table with G_ema"),
    "bytes-a-thousand-times": (lambda _: thousand(codecs.encode, "n" * (1 << 20), "latin1"), "builds more bytes"),
    "table-a-thousand-times": (lambda _: thousand(OrderedDict, [(n, n) for n in range(10_000)]), "damaged"),
    "shape-a-thousand-times": (lambda _: thousand(torch.Size, [1] * 100_000), "a shape that is not one"),
    "set-a-thousand-times": (lambda _: thousand(set, [1] * 100_000), "no table with G_ema"),
    "number-of-a-megabyte": (lambda _: thousand(*np_scalar(bytes(1 << 20))), "a number that is not one"),
    "list-for-a-hyper-parameter": (list_for_a_hyper_parameter, "resolution is"),
    "40-gb-tensor-claimed": (tensor_of_40_gb, "reaches beyond its 6 stored numbers"),
    "network-of-8-gb": (network_of_8_gb, "more than the 2048 MB that can be played"),
    "truncated": (lambda shop: shop.snapshot()[:-1000], "damaged"),
    "empty": (lambda _: b"", "damaged"),
    "unknown-class": (lambda shop: pickle.dumps({"G_ema": shop.make_module("Miner", {})}), "unknown module 'Miner'"),
    "not-a-generator": (lambda _: pickle.dumps({"weights": [1.0, 2.0]}), "no generator G_ema in it, only: weights"),
    "tensorflow": (lambda _: b"\x80\x03cdnnlib.tflib.network\nNetwork\n)\x81}b.", "TensorFlow"),
    "nan-weights": (lambda shop: shop.tensors("mapping.w_avg", lambda w: w * torch.nan), "w_avg holds numbers that"),
    "wrong-shape": (lambda shop: shop.tensors("mapping.w_avg", lambda w: w[:3]), "mapping.w_avg has shape (3,)"),
}
"""By a name for what each does: how it is built, and what must be said of it."""


@pytest.fixture
def shop(
    tmp_path: Path, make_module: Callable[..., Any], make_generator: Callable[..., Any], tiny_t: Checkpoint
) -> Workshop:
    return Workshop(tmp_path / "canary", make_module, make_generator, tiny_t)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where imports go instead of the repository; and what the command line sets is set back."""
    monkeypatch.setattr(import_model, "DEFAULTS", replace(DEFAULTS, checkpoints_folder=tmp_path / "checkpoints"))
    for variable, value in cli.THREAD_WAITING.items():
        monkeypatch.setenv(variable, value)
    return tmp_path / "checkpoints"


@pytest.fixture
def peak_bytes() -> Iterator[Callable[[], int]]:
    """The most memory that Python and numpy held at once, since the test began."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


def assert_refused(stderr: str, name: str, said: str) -> None:
    (line,) = stderr.splitlines()
    assert line.startswith(f"instrument import: {name}: ")
    assert said in line
    assert len(line) < 300


@pytest.mark.parametrize("which", HOSTILE)
def test_hostile_pickle(
    which: str,
    tmp_path: Path,
    shop: Workshop,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    peak_bytes: Callable[[], int],
) -> None:
    make, said = HOSTILE[which]
    path = tmp_path / "bad.pkl"
    path.write_bytes(make(shop))
    tracemalloc.reset_peak()
    assert cli.main(["import", str(path)]) == 2
    printed = capsys.readouterr()
    assert_refused(printed.err, "bad.pkl", said)
    assert printed.out == ""
    assert not shop.canary.exists(), "code in the file was run"
    assert not folder.exists(), "something was written"
    assert peak_bytes() < PEAK_BYTES


@pytest.mark.parametrize("which", ["os-system-reduce", "nested-tuples-as-a-key"])
def test_hostile_pickle_at_the_command_line(which: str, tmp_path: Path, shop: Workshop) -> None:
    """The true process and its exit status; nested tuples overran its stack once."""
    make, said = HOSTILE[which]
    path = tmp_path / "bad.pkl"
    path.write_bytes(make(shop))
    command = [sys.executable, "-m", "instrument", "import", str(path), "--name", "hostile-test"]
    result = subprocess.run(command, cwd=PROJECT_FOLDER, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert_refused(result.stderr, "bad.pkl", said)
    assert not shop.canary.exists()
    assert not (DEFAULTS.checkpoints_folder / "hostile-test").exists()


def test_hostile_source_stays_text(tmp_path: Path, shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sound network whose source would write the canary, which the original loader runs: imported, and not run."""
    monkeypatch.setattr(type(shop.make_module("Generator", {})), "source", f"# Licence: none\n{shop.source}\n")
    path = tmp_path / "net.pkl"
    path.write_bytes(shop.snapshot())
    assert shop.canary.name.encode() in path.read_bytes()
    found = read_snapshot(path)
    assert found.config == shop.good.config
    assert found.licence == "Licence: none"
    assert not shop.canary.exists()
