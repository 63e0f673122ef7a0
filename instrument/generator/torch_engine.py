"""The generator on the CPU: torch for the convolutions, a fused kernel for what lies between, one picture at a time."""

import os

import numpy as np
import numpy.typing as npt
import torch

from instrument.generator.checkpoint import Checkpoint
from instrument.generator.lrelu.loader import shared_loader
from instrument.generator.lrelu.plain import FilteredLrelu, PlainFilteredLrelu
from instrument.generator.on_checkpoint import OnCheckpoint
from instrument.generator.stylegan2.network import Noise, StyleGAN2Synthesis
from instrument.generator.stylegan2.plan import StyleGAN2Config
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.stylegan3.plan import LayerPlan


def default_threads() -> int:
    """All cores but one, which the sound, the surface and the recorder share.

    With every core in the synthesis its threads wait for each other as soon as anything else runs: on two cores with
    the surface open and a recording, two threads held 24 fps and one held 30.

    >>> default_threads() >= 1
    True
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(cores - 1, 1)


class _Activation:
    """A layer's activation that begins as plain torch and turns into the fused kernel."""

    def __init__(
        self, plan: LayerPlan, up_filter: torch.Tensor, down_filter: torch.Tensor, conv_clamp: float | None
    ) -> None:
        self.made_of = (plan, up_filter, down_filter, conv_clamp)
        self.run: FilteredLrelu = PlainFilteredLrelu(*self.made_of)

    def __call__(
        self, x: torch.Tensor, in_scale: torch.Tensor, bias: torch.Tensor, out_scale: torch.Tensor
    ) -> torch.Tensor:
        return self.run(x, in_scale, bias, out_scale)


class TorchGenerator(OnCheckpoint):
    """`Generator` in float32 on the CPU. One owner thread; making it sets torch's number of threads for the process.

    Pictures come from plain torch until the fused kernel is compiled, in the background, and from then on several
    times faster; the two differ by rounding. StyleGAN2 has no use for the kernel: it is fast in plain torch. No two
    generators may render at the same moment.
    """

    def __init__(
        self, checkpoint: Checkpoint, threads: int = 0, label: int = 0, fused: bool = True, noise: Noise = "const"
    ) -> None:
        """`threads` 0 takes `default_threads`; `label` is the class that a conditional network shows.

        `fused` False stays with plain torch. `noise` is for StyleGAN2, which has some; StyleGAN3 has none.
        """
        fused = fused and not isinstance(checkpoint.config, StyleGAN2Config)
        super().__init__(checkpoint, label)
        self._threads = threads or default_threads()
        self._loader = shared_loader() if fused else None
        self._is_waiting = fused
        self._is_fused = False
        # One core is left to the compiler: sharing all of them with it is several times slower for both.
        torch.set_num_threads(max(self._threads - 1, 1) if fused else self._threads)
        self._activations: list[_Activation] = []
        with torch.inference_mode():
            self._synthesis = self._make_synthesis(checkpoint, noise)

    @property
    def description(self) -> str:
        """Network and engine in a few words."""
        kernel = ", fused kernel" if self._is_fused else ""
        return f"{self.network_name}, torch cpu float32{kernel}"

    @property
    def is_warming(self) -> bool:
        """Whether the fused kernel is still being compiled or loaded."""
        return self._is_waiting

    def wait_until_fast(self, timeout_s: float) -> bool:
        """Block until the fused kernel is compiled; False if it is not used, failed, or `timeout_s` passed.

        For offline work and benchmarks, whose pictures shall all come from the same arithmetic.
        """
        return self._loader is not None and self._loader.wait(timeout_s)

    def render(self, ws: npt.NDArray[np.float32], transform: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
        """One picture ``(resolution, resolution, 3)`` uint8; see `Generator.render`."""
        with torch.inference_mode():
            picture = self._synthesize(ws, transform).mul(127.5).add_(128.0).clamp_(0.0, 255.0)
            return picture.to(torch.uint8).numpy()

    def render_raw(self, ws: npt.NDArray[np.float32], transform: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
        """The network's own numbers, ``(resolution, resolution, 3)`` float32, nominally -1 to 1."""
        with torch.inference_mode():
            return self._synthesize(ws, transform).numpy().copy()

    def _make_synthesis(self, checkpoint: Checkpoint, noise: Noise) -> StyleGAN2Synthesis | SynthesisNetwork:
        if isinstance(checkpoint.config, StyleGAN2Config):
            return StyleGAN2Synthesis(checkpoint.config, checkpoint.tensors, noise)
        return SynthesisNetwork(checkpoint.config, checkpoint.tensors, self._activation)

    def _synthesize(self, ws: npt.NDArray[np.float32], transform: npt.NDArray[np.float64]) -> torch.Tensor:
        self.check_shapes(ws, transform)
        if self._is_waiting:
            self._stop_waiting()
        return self._synthesis(torch.tensor(ws, dtype=torch.float32), transform)

    def _activation(
        self, plan: LayerPlan, up_filter: torch.Tensor, down_filter: torch.Tensor, conv_clamp: float | None
    ) -> _Activation:
        self._activations.append(_Activation(plan, up_filter, down_filter, conv_clamp))
        return self._activations[-1]

    def _stop_waiting(self) -> None:
        """Go on with all threads once the kernel is there, or will not come."""
        if self._loader is None or not (self._loader.ready or self._loader.failed):
            return
        self._is_waiting = False
        torch.set_num_threads(self._threads)
        if self._loader.ready:
            self._fuse()

    def _fuse(self) -> None:
        """Put the kernel behind every layer it is made for. In the owner's thread: numba counts threads per thread."""
        from instrument.generator.lrelu.fused import FusedFilteredLrelu, Workspace, usable
        from instrument.generator.lrelu.kernel import set_threads

        workspace = Workspace(set_threads(self._threads))
        for activation in self._activations:
            if usable(activation.made_of[0]):
                activation.run = FusedFilteredLrelu(*activation.made_of, workspace)
        self._is_fused = True
