"""The filtered leaky ReLU as ONNX nodes, in polyphase form: depthwise convolutions only, and no sample without use.

The up-sampled signal never exists as one picture. Each of its phases is a small picture of its own; the non-linearity
works on all of them, and the filter that follows, which keeps every `down`-th sample, adds up what each contributes.
Depthwise convolutions of one filter a channel are what every runtime has a good kernel for.
Source: Karras et al., "Alias-Free Generative Adversarial Networks", NeurIPS 2021, section 3.1; Vaidyanathan,
"Multirate Systems and Filter Banks", section 4.3 (polyphase decomposition).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.generator.onnx.graph import Graph
from instrument.generator.stylegan3.plan import SLOPE, LayerPlan

FloatArray = npt.NDArray[np.float64]
Phases = dict[tuple[int, int], str]
"""Results by their phase down and across."""

_ROWS, _COLUMNS = 2, 3
"""Axes of a signal ``(1, channels, rows, columns)``."""


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """How one layer's samples fall into phases.

    The up-sampled signal is counted from `shift` samples before its first, so that all its phases need the same
    inputs: sample ``up * q + phase`` is made of inputs ``q + first`` and on, `taps` of them, as many as `kernels` has.
    """

    up: int
    down: int
    shift: int
    first: int
    kernels: FloatArray
    """``(up, taps)``"""
    reach: int
    """Samples of a phase that an output needs beyond its own."""
    outputs: int
    """Samples of each output phase."""

    @property
    def out_phases(self) -> int:
        """Outputs for every sample of a phase."""
        return self.up // self.down

    @property
    def samples(self) -> int:
        """Samples of each phase of the up-sampled signal."""
        return self.outputs + self.reach

    def down_kernel(self, phase: int, out_phase: int, length: int) -> list[int]:
        """Which tap of a down filter of `length` meets each sample of `phase`, ``reach + 1`` of them; -1 for none."""
        start = self.down * out_phase + self.shift
        taps = [self.up * sample + phase - start for sample in range(self.reach + 1)]
        return [tap if 0 <= tap < length else -1 for tap in taps]


def phase_plan(plan: LayerPlan, up_filter: FloatArray) -> PhasePlan:
    """Phases of one layer; `up_filter` ``(up_taps,)``."""
    assert up_filter.shape == (plan.up_taps,), up_filter.shape
    up, down = plan.up, plan.down
    assert up % down == 0, (up, down)
    shift = (-1 - plan.pad_lo) % up
    first = (up - 1 - plan.pad_lo - shift) // up
    last_tap = down * (up // down - 1) + shift + plan.down_taps - 1
    return PhasePlan(
        up=up,
        down=down,
        shift=shift,
        first=first,
        # Tap `up * i + pad_lo - m` of the reversed filter joins input i and sample m (see `filtered_lrelu.up_matrix`).
        kernels=up * up_filter[::-1].reshape(-1, up)[:, ::-1].T,
        reach=last_tap // up,
        outputs=-(-plan.out_size // (up // down)),
    )


def filtered_lrelu(
    graph: Graph,
    x: str,
    plan: LayerPlan,
    up_filter: FloatArray,
    down_filter: FloatArray,
    conv_clamp: float | None,
) -> str:
    """`x` ``(1, c, in + kernel - 1, ...)`` to ``(1, c, out_size, out_size)``; `down_filter` may be radial."""
    phases = phase_plan(plan, up_filter)
    bent = {phase: _bend(graph, wide, conv_clamp) for phase, wide in _up_sample(graph, x, plan, phases).items()}
    down = _down_radial if down_filter.ndim == 2 else _down_separable
    outputs = down(graph, bent, phases, np.flip(down_filter), plan.out_channels)
    return _interleave(graph, outputs, phases, plan.out_size)


def _up_sample(graph: Graph, x: str, plan: LayerPlan, phases: PhasePlan) -> Phases:
    """Every phase ``(1, c, samples, samples)`` of the up-sampled signal, times the gain of the leaky ReLU."""
    size = plan.conv_size
    end = phases.first + phases.samples - 1 + phases.kernels.shape[1]
    begin, stop = max(phases.first, 0), min(end, size)
    if (begin, stop) != (0, size):
        x = graph.op("Slice", x, [begin] * 2, [stop] * 2, [_ROWS, _COLUMNS])
    margin = (begin - phases.first, end - stop)
    rows = [_depthwise(graph, x, kernel[:, None], plan.out_channels, down=margin) for kernel in phases.kernels]
    return {
        (y, x): _depthwise(graph, row, math.sqrt(2.0) * kernel[None, :], plan.out_channels, across=margin)
        for y, row in enumerate(rows)
        for x, kernel in enumerate(phases.kernels)
    }


def _bend(graph: Graph, x: str, conv_clamp: float | None) -> str:
    x = graph.op("LeakyRelu", x, alpha=SLOPE)
    return x if conv_clamp is None else graph.op("Clip", x, -conv_clamp, conv_clamp)


def _down_separable(graph: Graph, bent: Phases, phases: PhasePlan, taps: FloatArray, channels: int) -> Phases:
    """Every phase of the output: across first, then down."""

    def kernel(phase: int, out_phase: int) -> FloatArray:
        return _pick(taps, phases.down_kernel(phase, out_phase, len(taps)))

    every, every_out = range(phases.up), range(phases.out_phases)
    narrow = {
        (y, out): _sum(graph, [_depthwise(graph, bent[y, x], kernel(x, out)[None, :], channels) for x in every])
        for y in every
        for out in every_out
    }
    return {
        (out, x): _sum(graph, [_depthwise(graph, narrow[y, x], kernel(y, out)[:, None], channels) for y in every])
        for out in every_out
        for x in every_out
    }


def _down_radial(graph: Graph, bent: Phases, phases: PhasePlan, taps: FloatArray, channels: int) -> Phases:
    """Every phase of the output, for `taps` ``(down_taps, down_taps)`` that do not separate."""

    def part(phase: tuple[int, int], out_phase: tuple[int, int]) -> str:
        down, across = (phases.down_kernel(one, out, len(taps)) for one, out in zip(phase, out_phase, strict=True))
        kernel = np.stack([_pick(row, across) for row in _pick(taps, down)])
        return _depthwise(graph, bent[phase], kernel, channels)

    return {
        (y, x): _sum(graph, [part(phase, (y, x)) for phase in bent])
        for y in range(phases.out_phases)
        for x in range(phases.out_phases)
    }


def _interleave(graph: Graph, outputs: Phases, phases: PhasePlan, out_size: int) -> str:
    if phases.out_phases == 1:
        return outputs[0, 0]
    joined = graph.op("Concat", *outputs.values(), axis=1)
    picture = graph.op("DepthToSpace", joined, blocksize=phases.out_phases, mode="DCR")
    if phases.outputs * phases.out_phases == out_size:
        return picture
    return graph.op("Slice", picture, [0, 0], [out_size] * 2, [_ROWS, _COLUMNS])


def _depthwise(
    graph: Graph,
    x: str,
    kernel: FloatArray,
    channels: int,
    down: tuple[int, int] = (0, 0),
    across: tuple[int, int] = (0, 0),
) -> str:
    """Every channel correlated with the same `kernel`; zeros added before and after, `down` and `across`."""
    weight = np.broadcast_to(kernel, (channels, 1, *kernel.shape))
    pads = [down[0], across[0], down[1], across[1]]
    return graph.op("Conv", x, weight, group=channels, kernel_shape=list(kernel.shape), pads=pads)


def _pick(taps: FloatArray, index: list[int]) -> FloatArray:
    """Rows of `taps` by number, zeros for -1."""
    padded = np.concatenate([taps, np.zeros_like(taps[:1])])
    picked: FloatArray = padded[index]
    return picked


def _sum(graph: Graph, parts: list[str]) -> str:
    total = parts[0]
    for part in parts[1:]:
        total = graph.op("Add", total, part)
    return total
