"""The generator on an NVIDIA card: the same network, half precision where that is exact enough, in one CUDA graph.

At small sizes a card waits for the processor to start kernels, hundreds a picture. A CUDA graph records them once
and starts them together. Whatever fails on the card, or draws other pictures than the processor does, gives way to
the next, plainer step.
"""

import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from instrument.errors import EngineError
from instrument.generator.checkpoint import Checkpoint
from instrument.generator.lrelu.plain import FilteredLrelu, PlainFilteredLrelu
from instrument.generator.on_checkpoint import OnCheckpoint
from instrument.generator.self_check import FEWEST_DB, SelfCheck
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, runs_in_half

_log = logging.getLogger(__name__)

_BLOCK = 128
"""Samples a product of the filters covers: fewer and larger products than on a processor."""

_WARM_UPS = 3
"""Runs before a graph is recorded: libraries choose their kernels and take their memory in them."""

_TORCH_ERRORS = (RuntimeError, AssertionError, OSError)
"""What torch raises for a card that is missing, full or unfit, for a type without kernels, for a missing library."""

Pictures = Callable[[], None]
"""Fills the output buffer from the input buffers."""


@dataclass(frozen=True, slots=True)
class Step:
    """One way to run the network: in half precision or not, recorded as a graph or not."""

    half: bool
    graph: bool

    def text(self, half: torch.dtype) -> str:
        """In a few words.

        >>> Step(half=True, graph=True).text(torch.float16)
        'float16, CUDA graph'
        """
        dtype = half if self.half else torch.float32
        return str(dtype).removeprefix("torch.") + (", CUDA graph" if self.graph else "")


STEPS = (Step(half=True, graph=True), Step(half=True, graph=False), Step(half=False, graph=False))
"""Fastest first. After the last one only the processor is left."""


class CudaGenerator(OnCheckpoint):
    """`Generator` on a card. One owner thread. Raises EngineError if no step draws what the processor draws."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        threads: int = 0,
        label: int = 0,
        device: str = "cuda",
        half: torch.dtype = torch.float16,
    ) -> None:
        """`threads` are those of the comparison on the processor, `half` the type of the wider layers.

        `device` may be any that torch has; a graph is recorded on CUDA's only, the others play without.
        """
        super().__init__(checkpoint, label)
        if not isinstance(checkpoint.config, NetworkConfig):
            raise EngineError(f"torch-cuda plays StyleGAN3 only so far, not {self.network_name}")
        check = SelfCheck(checkpoint, threads)
        self._device = torch.device(device)
        # Every shape comes again with every picture: trying cuDNN's ways once pays.
        torch.backends.cudnn.benchmark = True
        self._half = half
        failed: list[str] = []
        for step in STEPS:
            reason = self._try(checkpoint.config, checkpoint.tensors, step, check)
            if not reason:
                return
            failed.append(f"{step.text(half)}: {reason}")
            _log.warning("torch-%s cannot play in %s", self._device.type, failed[-1])
        raise EngineError(f"torch-{self._device.type}: {failed[-1]}")

    @property
    def description(self) -> str:
        """Network and engine in a few words."""
        return f"{self.network_name}, torch {self._device.type} {self._step.text(self._half)}"

    def render(self, ws: npt.NDArray[np.float32], transform: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
        """One picture ``(resolution, resolution, 3)`` uint8; see `Generator.render`. Blocks until the card is done."""
        self.check_shapes(ws, transform)
        with torch.inference_mode():
            return self._buffers.render(self._run, ws, np.linalg.inv(transform))

    def _try(self, config: NetworkConfig, weights: Mapping[str, torch.Tensor], step: Step, check: SelfCheck) -> str:
        """Get ready to play in this way; why it cannot be done, or nothing."""
        try:
            with torch.inference_mode():
                self._prepare(config, weights, step)
            self._step = step
            worst_db = check.worst_db(self)
        except _TORCH_ERRORS as error:
            return (str(error).strip() or type(error).__name__).splitlines()[0]
        return "" if worst_db >= FEWEST_DB else f"its pictures differ from the processor's ({worst_db:.0f} dB)"

    def _prepare(self, config: NetworkConfig, weights: Mapping[str, torch.Tensor], step: Step) -> None:
        half = self._half if step.half else torch.float32
        tensors = {name: tensor.to(self._device) for name, tensor in weights.items()}
        factory = functools.partial(_filtered_lrelu, config, half)
        network = SynthesisNetwork(config, tensors, factory, half)
        self._buffers = _Buffers(self, self._device)
        # Kept beside its recording, which knows the weights by their addresses only and would not keep them alive.
        self._draw: Pictures = functools.partial(_draw, network, self._buffers)
        self._run: Pictures = _recorded(self._draw, self._device) if step.graph else self._draw


class _Buffers:
    """Memory that stays where it is, because a recorded graph knows it by its address."""

    def __init__(self, sizes: OnCheckpoint, device: torch.device) -> None:
        pinned = device.type == "cuda"  # what the card may fetch and bring by itself
        self.ws = torch.zeros(sizes.num_ws, sizes.w_dim, device=device)
        self.inverse = torch.eye(3, dtype=torch.float64, device=device)
        shape = (sizes.resolution, sizes.resolution, 3)
        self.picture = torch.zeros(shape, dtype=torch.uint8, device=device)
        self._ws_here = torch.zeros(self.ws.shape, pin_memory=pinned)
        self._inverse_here = torch.zeros(3, 3, dtype=torch.float64, pin_memory=pinned)
        self._picture_here = torch.zeros(shape, dtype=torch.uint8, pin_memory=pinned)

    def render(
        self, run: Pictures, ws: npt.NDArray[np.float32], inverse: npt.NDArray[np.floating[Any]]
    ) -> npt.NDArray[np.uint8]:
        """Bring the inputs over, run, fetch the picture in an array of its own."""
        self._ws_here.numpy()[:] = ws
        self._inverse_here.numpy()[:] = inverse
        self.ws.copy_(self._ws_here, non_blocking=True)
        self.inverse.copy_(self._inverse_here, non_blocking=True)
        run()
        self._picture_here.copy_(self.picture, non_blocking=True)
        if self.picture.is_cuda:
            torch.cuda.current_stream(self.picture.device).synchronize()
        return self._picture_here.numpy().copy()


def _draw(network: SynthesisNetwork, buffers: _Buffers) -> None:
    """From the input buffers to the output buffer; leaves the device nowhere, so that it can be recorded."""
    picture = network.synthesize(buffers.ws, buffers.inverse)
    buffers.picture.copy_(picture.mul(127.5).add_(128.0).clamp_(0.0, 255.0))


def _recorded(draw: Pictures, device: torch.device) -> Pictures:
    """`draw` as a CUDA graph; running it replays the graph. Raises RuntimeError on other devices."""
    beside = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    beside.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(beside):
        for _ in range(_WARM_UPS):
            draw()
    torch.cuda.current_stream(device).wait_stream(beside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        draw()
    return graph.replay


def _filtered_lrelu(
    config: NetworkConfig,
    half: torch.dtype,
    plan: LayerPlan,
    up_filter: torch.Tensor,
    down_filter: torch.Tensor,
    conv_clamp: float | None,
) -> FilteredLrelu:
    dtype = half if runs_in_half(config, plan) else torch.float32
    return PlainFilteredLrelu(plan, up_filter, down_filter, conv_clamp, dtype, _BLOCK)
