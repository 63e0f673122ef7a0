"""The generator by ONNX Runtime: one file, and whichever of TensorRT, CUDA, DirectML, Core ML and OpenVINO is here.

On a bare CPU `TorchGenerator` is several times faster; this engine is for the devices that it does not reach.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from instrument.disk.atomic import write_atomic
from instrument.errors import CheckpointError, EngineError, SettingsError, candidates
from instrument.generator.checkpoint import Checkpoint
from instrument.generator.on_checkpoint import OnCheckpoint
from instrument.generator.onnx.export import LAYOUT, OPSET, onnx_bytes
from instrument.generator.onnx.graph import missing_package
from instrument.generator.torch_engine import default_threads
from instrument.settings import cache_folder

PROVIDERS = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""By what the player calls them, best first. Every build of the runtime has the last."""

_log = logging.getLogger(__name__)


def available_providers() -> tuple[str, ...]:
    """Providers that the installed runtime was built with, best first. Raises CheckpointError if there is none."""
    built = _load_onnxruntime().get_available_providers()
    return tuple(name for name, full_name in PROVIDERS.items() if full_name in built)


def best_provider(available: Sequence[str], wanted: str = "auto") -> str:
    """The provider to try first. Raises SettingsError with the candidates if `wanted` is not there.

    >>> best_provider(["cpu", "directml"])
    'directml'
    >>> best_provider(["cpu", "directml"], "cpu")
    'cpu'
    """
    if wanted == "auto":
        return next((name for name in PROVIDERS if name in available), "cpu")
    if wanted not in available:
        known = f"no provider {wanted!r}" if wanted not in PROVIDERS else f"this onnxruntime was built without {wanted}"
        raise SettingsError(f"{known}; there are: {candidates(['auto', *available])}")
    return wanted


def fallbacks(available: Sequence[str], first: str) -> tuple[str, ...]:
    """`first` and what to try after it, step by step down to the CPU.

    >>> fallbacks(["tensorrt", "cuda", "cpu"], "cuda")
    ('cuda', 'cpu')
    """
    order = list(PROVIDERS)
    return tuple(name for name in order[order.index(first) :] if name in (first, "cpu") or name in available)


class OnnxGenerator(OnCheckpoint):
    """`Generator` in float32 on the best device that ONNX Runtime finds. One owner thread."""

    def __init__(self, checkpoint: Checkpoint, threads: int = 0, provider: str = "auto", label: int = 0) -> None:
        """`threads` 0 takes `default_threads`; `label` is the class that a conditional network shows.

        Raises SettingsError if `provider` is not there, EngineError if none can run the network, CheckpointError if the
        extra is not installed.
        """
        available = available_providers()
        chain = fallbacks(available, best_provider(available, provider))
        super().__init__(checkpoint, label)
        self._provider, self._session = _open(checkpoint, chain, threads or default_threads())

    @property
    def description(self) -> str:
        """Network, engine and provider in a few words."""
        return f"{self.network_name}, onnxruntime {self._provider} float32"

    def render(self, ws: npt.NDArray[np.float32], transform: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
        """One picture ``(resolution, resolution, 3)`` uint8; see `Generator.render`."""
        self.check_shapes(ws, transform)
        inputs = {"ws": ws.astype(np.float32), "transform": transform.astype(np.float32)}
        picture: npt.NDArray[np.uint8] = self._session.run(["image"], inputs)[0]
        return picture


def _open(checkpoint: Checkpoint, chain: Sequence[str], threads: int) -> tuple[str, Any]:
    """Provider and session, from the file in the cache if there is one that works."""
    path = cached_model(checkpoint)
    if path is not None and path.is_file():
        try:
            return open_session(path.read_bytes(), chain, threads)
        except (EngineError, OSError) as error:
            _log.warning("%s: made anew (%s)", path, error)
    model = onnx_bytes(checkpoint)
    if path is not None:
        try:
            write_atomic(path, model)
        except OSError as error:
            _log.warning("%s: cannot be written, so the next start makes it again (%s)", path, error.strerror)
    return open_session(model, chain, threads)


def cached_model(checkpoint: Checkpoint) -> Path | None:
    """Where the exported network is kept; None for a checkpoint that was never on disk."""
    if not checkpoint.fingerprint:
        return None
    return cache_folder() / "onnx" / f"{checkpoint.fingerprint}-opset{OPSET}-layout{LAYOUT}.onnx"


def open_session(model: bytes, chain: Sequence[str], threads: int) -> tuple[str, Any]:
    """The first provider of `chain` that takes the model, and its session. Raises EngineError if none does."""
    runtime = _load_onnxruntime()
    reason = "no provider"
    for name in chain:
        try:
            return name, _try_session(runtime, model, name, threads)
        except CheckpointError as error:
            reason = str(error)
            _log.warning("onnxruntime: %s", reason)
    raise EngineError(f"onnxruntime cannot run this network: {reason}")


def _try_session(runtime: ModuleType, model: bytes, name: str, threads: int) -> Any:
    """One session. The runtime would go on without a device that fails, so what it really uses is looked at."""
    built = available_providers()
    if name not in built:
        raise CheckpointError(f"{name}: not in this build")
    providers = [(PROVIDERS[one], _provider_options(one)) for one in _with_helpers(name, built)]
    try:
        session = runtime.InferenceSession(
            model, _session_options(runtime, name, threads), providers=providers, enable_fallback=0
        )
    except _session_errors(runtime) as error:
        raise CheckpointError(f"{name}: {' '.join(str(error).split())[:160]}") from error
    used = session.get_providers()
    if used[0] != PROVIDERS[name]:
        raise CheckpointError(f"{name}: its libraries or its device are missing")
    return session


def _with_helpers(name: str, available: Sequence[str]) -> list[str]:
    """`name` and who takes the nodes that it does not have: CUDA helps TensorRT, the CPU everyone.

    >>> _with_helpers("tensorrt", ["tensorrt", "cuda", "cpu"]), _with_helpers("cpu", ["cpu"])
    (['tensorrt', 'cuda', 'cpu'], ['cpu'])
    """
    cuda = name == "tensorrt" and "cuda" in available
    return list(dict.fromkeys([name, *(["cuda"] if cuda else []), "cpu"]))


def _session_options(runtime: ModuleType, name: str, threads: int) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # By default its threads burn the processor while they wait for each other: twice the CPU time for the same frames.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if name == "directml":
        # The provider's own documentation asks for both.
        options.enable_mem_pattern = False
        options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    return options


def _provider_options(name: str) -> dict[str, str]:
    if name == "tensorrt":
        # Building an engine takes minutes; it is kept for the next start.
        folder = str(cache_folder() / "onnx" / "tensorrt")
        return {
            "trt_engine_cache_enable": "1",
            "trt_engine_cache_path": folder,
            "trt_timing_cache_enable": "1",
            "trt_timing_cache_path": folder,
        }
    return {"ModelFormat": "MLProgram"} if name == "coreml" else {}


def _session_errors(runtime: ModuleType) -> tuple[type[Exception], ...]:
    """The runtime's own exceptions, which share no root, and those of its Python side."""
    state = runtime.capi.onnxruntime_pybind11_state
    names = ("EPFail", "Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile", "NotImplemented")
    own = tuple(getattr(state, name) for name in (*names, "EngineError", "RuntimeException"))
    return (*own, RuntimeError, ValueError)


def _load_onnxruntime() -> ModuleType:
    try:
        import onnxruntime
    except ImportError as error:
        raise CheckpointError(missing_package("onnxruntime")) from error
    runtime: ModuleType = onnxruntime
    return runtime
