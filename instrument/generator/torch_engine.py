"""The generator on the CPU: torch for the convolutions, a fused kernel for what lies between, one picture at a time."""

import os
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from instrument.generator.checkpoint import Checkpoint
from instrument.generator.lrelu.banded import BandedFilteredLrelu
from instrument.generator.lrelu.loader import entry_for, shared_loader
from instrument.generator.lrelu.plain import FilteredLrelu, PlainFilteredLrelu
from instrument.generator.on_checkpoint import OnCheckpoint
from instrument.generator.stylegan2.network import Noise, StyleGAN2Synthesis
from instrument.generator.stylegan2.plan import StyleGAN2Config
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.stylegan3.plan import LayerPlan
from instrument.kernels import KernelLoader

if TYPE_CHECKING:
    from instrument.generator.lrelu.fused import Workspace


def default_threads() -> int:
    """All cores but one, which the sound, the surface and the recorder share; but no fewer than two.

    With every core in the synthesis its threads wait for each other as soon as anything else runs. One thread alone
    does not hold 30 fps everywhere with the default checkpoint, though: two cores share, and the surface gives way.

    >>> default_threads() >= 1
    True
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(cores - 1, min(cores, 2))


class _Activation:
    """A layer's activation that begins as plain torch and turns into the fused kernel."""

    def __init__(
        self, plan: LayerPlan, up_filter: torch.Tensor, down_filter: torch.Tensor, conv_clamp: float | None
    ) -> None:
        self.made_of = (plan, up_filter, down_filter, conv_clamp)
        # Bands are small change for one thread and too little for several, which would mostly wait for each other.
        plain = BandedFilteredLrelu if torch.get_num_threads() == 1 else PlainFilteredLrelu
        self.run: FilteredLrelu = plain(*self.made_of)

    def __call__(
        self, x: torch.Tensor, in_scale: torch.Tensor, bias: torch.Tensor, out_scale: torch.Tensor
    ) -> torch.Tensor:
        return self.run(x, in_scale, bias, out_scale)


class TorchGenerator(OnCheckpoint):
    """`Generator` in float32 on the CPU. One owner thread; making it sets torch's number of threads for the process.

    Pictures come from plain torch until the fused kernel is compiled, in the background, and from then on several
    times faster; the two differ by rounding. For several threads the kernel comes in two stages, the simpler one
    first. StyleGAN2 has no use for it: it is fast in plain torch. No two generators may render at the same moment.
    """

    def __init__(
        self, checkpoint: Checkpoint, threads: int = 0, label: int = 0, fused: bool = True, noise: Noise = "const"
    ) -> None:
        """`threads` 0 takes `default_threads`; `label` is the class that a conditional network shows.

        `fused` False stays with plain torch. `noise` is for StyleGAN2, which has some; StyleGAN3 has none.
        """
        super().__init__(checkpoint, label)
        self._threads = threads or default_threads()
        fused = fused and not isinstance(checkpoint.config, StyleGAN2Config)
        entries = dict.fromkeys((entry_for(1), self.entry)) if fused else {}
        self._stages: list[tuple[str, KernelLoader]] = [(entry, shared_loader(entry)) for entry in entries]
        self._all_stages = tuple(self._stages)
        self._workspace: Workspace | None = None
        torch.set_num_threads(self._allowed())
        self._activations: list[_Activation] = []
        with torch.inference_mode():
            self._synthesis = self._make_synthesis(checkpoint, noise)

    @property
    def description(self) -> str:
        """Network and engine in a few words."""
        kernel = ", fused kernel" if self.is_fused else ""
        return f"{self.network_name}, torch cpu float32{kernel}"

    @property
    def entry(self) -> str:
        """The kernel's entry for as many threads as this generator has."""
        return entry_for(self._threads)

    @property
    def is_fused(self) -> bool:
        """Whether pictures come from the fused kernel."""
        return self._workspace is not None

    @property
    def is_warming(self) -> bool:
        """Whether a stage of the fused kernel is still being compiled or loaded."""
        return bool(self._stages)

    def wait_until_fast(self, timeout_s: float) -> bool:
        """Block until the fused kernel is compiled; False if it is not used, failed, or `timeout_s` passed.

        For offline work and benchmarks, whose pictures shall all come from the same arithmetic.
        """
        return bool(self._all_stages) and all(loader.wait(timeout_s) for _, loader in self._all_stages)

    def render(self, ws: npt.NDArray[np.float32], transform: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
        """One picture ``(resolution, resolution, 3)`` uint8; see `Generator.render`."""
        with torch.inference_mode():
            return to_picture(self._synthesize(ws, transform))

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
        if self.is_warming:
            self._warm_up()
        self._bind()
        return self._synthesis(torch.tensor(ws, dtype=torch.float32), transform)

    def _activation(
        self, plan: LayerPlan, up_filter: torch.Tensor, down_filter: torch.Tensor, conv_clamp: float | None
    ) -> _Activation:
        self._activations.append(_Activation(plan, up_filter, down_filter, conv_clamp))
        return self._activations[-1]

    def _warm_up(self) -> None:
        """Take the next stage of the kernel if it is there; go on with what there is if it will not come."""
        entry, loader = self._stages[0]
        if not loader.finished:
            return
        self._stages.pop(0)
        if loader.ready:
            self._fuse(entry)
        else:
            self._stages.clear()

    def _allowed(self) -> int:
        """Threads to render with now. One core is left to the compiler: sharing all of them with it is several times
        slower for both."""
        return max(self._threads - 1, 1) if self._stages else self._threads

    def _bind(self) -> None:
        """Hold torch and numba to what is allowed now, in the thread that renders: they count for each thread, and
        another generator may have changed it."""
        if torch.get_num_threads() != self._allowed():
            torch.set_num_threads(self._allowed())
        if self.is_fused:
            from instrument.generator.lrelu.compiling import set_threads

            set_threads(self._threads)

    def _fuse(self, entry: str) -> None:
        """Put the kernel behind every layer it is made for."""
        from instrument.generator.lrelu.compiling import set_threads
        from instrument.generator.lrelu.fused import FusedFilteredLrelu, Workspace, usable

        self._workspace = Workspace(set_threads(self._threads) if entry == self.entry else 1)
        for activation in self._activations:
            if usable(*activation.made_of[:3]):
                activation.run = FusedFilteredLrelu(*activation.made_of, self._workspace)


def to_picture(values: torch.Tensor) -> npt.NDArray[np.uint8]:
    """A network's ``(resolution, resolution, 3)``, which it overwrites, as 8-bit values in an array of its own."""
    picture = values.mul(127.5).add_(128.0).clamp_(0.0, 255.0).to(torch.uint8)
    array: npt.NDArray[np.uint8] = picture.numpy()
    return array
