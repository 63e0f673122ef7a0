"""Engines by name: what can run a network on this machine, and which one does.

An engine is one row here and one file beside this one, which is imported only when it is made.
"""

import importlib
import importlib.util
import logging
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
import torch

from instrument.errors import EngineError, SettingsError, candidates
from instrument.generator.checkpoint import Checkpoint
from instrument.generator.protocol import IDENTITY, Generator, Warming

_log = logging.getLogger(__name__)

AUTO = "auto"
"""The name that leaves the choice to `choose`."""


@dataclass(frozen=True, slots=True)
class EngineRow:
    """How one engine is found and what it needs; `library` is a module besides torch (empty: none)."""

    name: str
    module: str
    class_name: str
    help: str
    library: str = ""
    needs_cuda: bool = False
    needs_bfloat16: bool = False


ENGINES: tuple[EngineRow, ...] = (
    EngineRow(
        "torch", "instrument.generator.torch_engine", "TorchGenerator", "any processor, with a fused kernel of our own"
    ),
    EngineRow(
        "torch-bf16",
        "instrument.generator.bf16_engine",
        "Bf16Generator",
        "a processor with bfloat16 instructions, where they are faster and the pictures stay the same",
        needs_bfloat16=True,
    ),
    EngineRow(
        "torch-cuda",
        "instrument.generator.cuda_engine",
        "CudaGenerator",
        "an NVIDIA card: half precision in one CUDA graph",
        needs_cuda=True,
    ),
    EngineRow(
        "onnxruntime",
        "instrument.generator.onnx.engine",
        "OnnxGenerator",
        "ONNX Runtime on the best device it was built for",
        library="onnxruntime",
    ),
)

_MOST_WARM_UPS = 20

_BY_ITSELF = ("torch-cuda", "torch-bf16", "torch")
"""What `AUTO` takes, best first; the last one runs everywhere."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine and why it is this one, in a few words for people."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class EngineAvailability:
    """One engine as ``doctor`` shows it; `reason` is why it cannot run here, empty if it can."""

    name: str
    help: str
    reason: str


class _EngineClass(Protocol):
    def __call__(self, checkpoint: Checkpoint, threads: int = 0) -> Generator: ...


def available() -> list[EngineAvailability]:
    """Every engine in the order of the table, and whether it can run here. Imports none of them."""
    return [EngineAvailability(row.name, row.help, _reason_against(row)) for row in ENGINES]


def choose(engine: str = AUTO) -> Choice:
    """The engine that `engine` stands for on this machine.

    Raises SettingsError for a name that is not in the table, EngineError for one that cannot run here.
    """
    reasons = {row.name: row.reason for row in available()}
    if engine == AUTO:
        name = next(name for name in _BY_ITSELF if not reasons[name])
        against = "; ".join(f"{better} {reasons[better]}" for better in _BY_ITSELF[: _BY_ITSELF.index(name)])
        return Choice(name, against or "the fastest that there is")
    if engine not in reasons:
        raise SettingsError(f"engine '{engine}' is not one of: {candidates((AUTO, *reasons))}")
    if reasons[engine]:
        can_run = (name for name, reason in reasons.items() if not reason)
        raise EngineError(f"engine {engine} {reasons[engine]}; here can run: {candidates(can_run)}")
    return Choice(engine, "as asked")


def offline(engine: str) -> str:
    """The engine for a film instead of a show: not one whose arithmetic depends on how fast the machine is."""
    return "torch" if choose(engine).name == "torch-bf16" and engine == AUTO else engine


def make_generator(checkpoint: Checkpoint, engine: str = AUTO, threads: int = 0) -> tuple[Generator, str]:
    """A generator and why it runs on this engine. `threads` 0 leaves the number to the engine.

    Raises as `choose` does. An engine that can run but draws wrong pictures gives way to plain torch.
    """
    choice = choose(engine)
    try:
        return _load(choice.name)(checkpoint, threads=threads), f"{choice.name}: {choice.reason}"
    except EngineError as error:
        _log.warning("%s; going on with %s", error, _BY_ITSELF[-1])
        return _load(_BY_ITSELF[-1])(checkpoint, threads=threads), f"{_BY_ITSELF[-1]}: {error}"


def wait_until_fast(generator: Generator, timeout_s: float) -> bool:
    """Block until what makes `generator` fast is there; False if it never will be, or `timeout_s` passed."""
    return generator.wait_until_fast(timeout_s) if isinstance(generator, Warming) else True


def warm_up(generator: Generator, timeout_s: float) -> None:
    """The same, and draw what it wants to try before it settles. In the owner's thread.

    For offline work and benchmarks, whose pictures shall all come from the same arithmetic.
    """
    if not isinstance(generator, Warming) or not generator.wait_until_fast(timeout_s):
        return
    ws = np.repeat(generator.w_avg[None], generator.num_ws, axis=0)
    for _ in range(_MOST_WARM_UPS):
        if not generator.is_warming:
            return
        generator.render(ws, IDENTITY)


def _load(name: str) -> _EngineClass:
    row = next(row for row in ENGINES if row.name == name)
    return cast(_EngineClass, getattr(importlib.import_module(row.module), row.class_name))


def _reason_against(row: EngineRow) -> str:
    if row.library and importlib.util.find_spec(row.library) is None:
        return f"needs the Python package {row.library}, which is not installed"
    if row.needs_cuda and not torch.cuda.is_available():
        return "needs an NVIDIA card that torch can use, and there is none"
    if row.needs_bfloat16 and not _has_bfloat16():
        return "needs a processor with bfloat16 instructions (AVX-512 BF16 or AMX)"
    return ""


def _has_bfloat16() -> bool:
    """Whether torch's convolutions can use such instructions here; torch has no public question for it."""
    names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, lambda: False)() for name in names)
