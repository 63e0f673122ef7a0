"""The lower half of the network, built and not trained: mapping, Fourier input, and a layer for every folding step.

Every number here follows from the family; see `folding`. The layers above are trained.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from instrument.generator.mapping_network import MAPPING_RATE
from instrument.generator.stylegan3.filters import low_pass
from instrument.generator.stylegan3.plan import (
    SLOPE,
    LayerPlan,
    NetworkConfig,
    input_stage,
    layer_plan,
    tensor_shapes,
)
from instrument.tools.distil.codes import Canvas
from instrument.tools.distil.folding import FOLD, Folding, Step
from instrument.tools.distil.teacher import Teacher

Tensors = dict[str, torch.Tensor]

_LINEAR_AT = 8.0
"""Bias that keeps the mapping's first layer on the straight side of its leaky ReLU."""
_CARRYING = 2
"""Layers whose filters the patterns pass before they are mixed into phases; their loss is made good in advance."""
GAIN = math.sqrt(2.0)


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """How to read a signal off a layer's channels: ``channels @ weights + constant``. `weights` ``(channels,)``."""

    weights: np.ndarray
    constant: float


def config_for(canvas: Canvas, channel_base: int = 8192, channel_max: int = 32) -> NetworkConfig:
    """A true configuration T of eight layers before ToRGB, whose bands begin at 16 cycles a picture: no layer idles."""
    return NetworkConfig(
        resolution=256,
        z_dim=canvas.code_size,
        w_dim=2 * canvas.code_size,
        channel_base=channel_base,
        channel_max=channel_max,
        num_layers=8,
        num_critical=2,
        first_cutoff=16.0,
        first_stopband=25.0,
    )


def build(config: NetworkConfig, teacher: Teacher) -> tuple[Tensors, dict[str, Carried]]:
    """All tensors, the trained layers' still at their start, and how the last built layer carries each signal."""
    tensors = {name: torch.zeros(shape) for name, shape in tensor_shapes(config).items()}
    _mapping(config, tensors)
    _fourier(config, teacher.canvas, tensors)
    plans = layer_plan(config)
    for plan in plans:
        prefix = f"synthesis.{plan.name}"
        tensors[f"{prefix}.magnitude_ema"] = torch.ones(())
        tensors[f"{prefix}.affine.bias"] = torch.ones(plan.in_channels)
        if not plan.is_torgb:
            up = low_pass(plan.up_taps, plan.in_cutoff, plan.in_half_width, plan.filter_rate)
            down = low_pass(plan.down_taps, plan.out_cutoff, plan.out_half_width, plan.filter_rate)
            tensors[f"{prefix}.up_filter"], tensors[f"{prefix}.down_filter"] = map(torch.from_numpy, (up, down))
    known = _first_layer(config, plans[0], teacher, tensors)
    for plan, step in zip(plans[1:], teacher.folding.steps[1:], strict=False):
        known = _layer(plan, step, known, tensors)
    return tensors, known


def built_layers(folding: Folding) -> int:
    """How many layers `build` makes."""
    return len(folding.steps)


def code_rows(w_dim: int) -> torch.Tensor:
    """``(n, w_dim)``: a code from its `w`, which holds a leaky ReLU of every number and of its negative."""
    size = w_dim // 2
    scale = 1.0 / ((1.0 + SLOPE) * GAIN)
    return torch.cat([torch.eye(size), -torch.eye(size)], dim=1) * scale


def lift(codes: torch.Tensor, w_avg: torch.Tensor) -> torch.Tensor:
    """``(m, w_dim)`` for codes ``(m, n)``: the nearest points of W to its average that stand for these codes."""
    straight = 0.5 * (1.0 + SLOPE) * GAIN * codes
    return w_avg + torch.cat([straight, -straight], dim=1)


def _mapping(config: NetworkConfig, tensors: Tensors) -> None:
    size, width = config.z_dim, config.w_dim
    first, second = torch.zeros(width, size), torch.zeros(width, width)
    first[:size] = torch.eye(size)
    second[:size, :size], second[size:, :size] = torch.eye(size) / GAIN, -torch.eye(size) / GAIN
    bias = torch.zeros(width)
    bias[:size] = _LINEAR_AT
    tensors["mapping.fc0.weight"] = first * (math.sqrt(size) / MAPPING_RATE)
    tensors["mapping.fc0.bias"] = bias / MAPPING_RATE
    tensors["mapping.fc1.weight"] = second * (math.sqrt(width) / MAPPING_RATE)
    tensors["mapping.fc1.bias"] = torch.cat([-bias[:size], bias[:size]]) / MAPPING_RATE
    tensors["mapping.w_avg"] = torch.full((width,), 0.5 * (1.0 - SLOPE) * GAIN * _mean_size(size))


def _mean_size(size: int) -> float:
    """Mean of the absolute value of one coordinate on a sphere of radius sqrt(size) in `size` dimensions."""
    return math.sqrt(size / math.pi) * math.exp(math.lgamma(size / 2) - math.lgamma((size + 1) / 2))


def _fourier(config: NetworkConfig, canvas: Canvas, tensors: Tensors) -> None:
    _, channels, _, _ = input_stage(config)
    rows, waves = canvas.mix.shape
    assert rows < channels, (rows, channels)
    assert waves <= channels, (waves, channels)
    prefix = "synthesis.input"
    tensors[f"{prefix}.transform"] = torch.eye(3)
    tensors[f"{prefix}.freqs"][:waves] = canvas.freqs.float()
    tensors[f"{prefix}.phases"][:waves] = canvas.phases.float()
    response = _response(layer_plan(config)[:_CARRYING], canvas.freqs.norm(dim=1).numpy())
    mix = canvas.mix / torch.from_numpy(response)
    tensors[f"{prefix}.weight"][:rows, :waves] = (math.sqrt(channels) * mix).float()
    tensors[f"{prefix}.affine.bias"] = torch.tensor([1.0, 0.0, 0.0, 0.0])
    asked = torch.zeros(4, canvas.code_size)
    asked[1, 6], asked[2, 7], asked[3, 8] = canvas.turn, canvas.travel, canvas.travel
    tensors[f"{prefix}.affine.weight"] = affine(asked, config.w_dim)


def affine(of_code: torch.Tensor, w_dim: int) -> torch.Tensor:
    """The stored weight ``(out, w_dim)`` of an affine layer that is `of_code` ``(out, n)`` of a code."""
    return of_code @ code_rows(w_dim) * math.sqrt(w_dim)


def _response(plans: Sequence[LayerPlan], frequencies: np.ndarray) -> np.ndarray:
    """What is left of waves of these frequencies at the last plan's leaky ReLU, whatever their direction."""
    left = np.ones_like(frequencies)
    for plan in plans:
        left *= _passed(plan, frequencies, plan.up_taps, plan.in_cutoff, plan.in_half_width)
        if plan is not plans[-1]:
            left *= _passed(plan, frequencies, plan.down_taps, plan.out_cutoff, plan.out_half_width)
    return left


def _passed(plan: LayerPlan, frequencies: np.ndarray, count: int, cutoff: float, half_width: float) -> np.ndarray:
    taps = low_pass(count, cutoff, half_width, plan.filter_rate).astype(np.float64)
    position = (np.arange(count) - (count - 1) / 2) / plan.filter_rate
    return np.asarray(np.cos(2.0 * math.pi * frequencies[:, None] * position) @ taps)


def _first_layer(config: NetworkConfig, plan: LayerPlan, teacher: Teacher, tensors: Tensors) -> dict[str, Carried]:
    """The code weighs the patterns, demodulation normalizes each field, and the first step's constants are biases."""
    canvas = teacher.canvas
    prefix = f"synthesis.{plan.name}"
    rows = len(canvas.owner)
    styles = torch.zeros(plan.in_channels, canvas.code_size)
    styles[:rows] = canvas.styles.float()
    tensors[f"{prefix}.affine.weight"] = affine(styles, config.w_dim)
    tensors[f"{prefix}.affine.bias"] = torch.zeros(plan.in_channels)
    tensors[f"{prefix}.affine.bias"][:rows] = canvas.style_bias.float()
    step = teacher.folding.steps[0]
    known = {name: Carried((canvas.owner == index).double().numpy(), 0.0) for index, name in enumerate(canvas.names)}
    padded = {name: Carried(np.pad(read.weights, (0, plan.in_channels - rows)), 0.0) for name, read in known.items()}
    # Demodulation has normalized the field: a row of ones comes out at gain 1.
    return _layer(plan, step, padded, tensors, normalized=True)


def _layer(
    plan: LayerPlan, step: Step, known: dict[str, Carried], tensors: Tensors, normalized: bool = False
) -> dict[str, Carried]:
    """One step as one layer: a pair of channels a signal, centre taps only. Returns how to read it off."""
    assert 2 * len(step) < plan.out_channels, (len(step), plan.out_channels)
    weight = np.zeros((plan.out_channels, plan.in_channels))
    bias = np.zeros(plan.out_channels)
    reads: dict[str, Carried] = {}
    for index, (name, mix) in enumerate(step.items()):
        row = sum((factor * known[part].weights for part, factor in mix.items() if part), np.zeros(plan.in_channels))
        constant = mix.get("", 0.0) + sum(factor * known[part].constant for part, factor in mix.items() if part)
        row, length = _exact(row)
        gain = 1.0 if normalized else 1.0 / length
        up, down = 2 * index, 2 * index + 1
        weight[up], weight[down] = row, -row
        bias[up], bias[down] = gain * constant, -gain * constant
        reads |= _pair(name, up, down, GAIN * gain, plan.out_channels)
    # What is left over stays silent, each channel reading the silent one before it: see `upper`.
    silent = np.arange(2 * len(step), plan.out_channels)
    weight[silent, np.minimum(silent, plan.in_channels - 1)] = 1.0
    prefix = f"synthesis.{plan.name}"
    middle = plan.kernel // 2
    tensors[f"{prefix}.weight"][:, :, middle, middle] = torch.from_numpy(weight).float()
    tensors[f"{prefix}.bias"] = torch.from_numpy(bias).float()
    return reads


def _exact(row: np.ndarray) -> tuple[np.ndarray, float]:
    """The row in eight bits a weight, and its length, a power of two thanks to a weight on the silent last channel.

    Normalizing such a row loses nothing even in bfloat16, where a phase would otherwise come out a little longer and
    every line shift.
    """
    rounded = torch.from_numpy(row).to(torch.bfloat16).double().numpy()
    own = float(rounded @ rounded)
    length = 2.0 ** math.ceil(0.5 * math.log2(own))
    rounded[-1] = math.sqrt(length**2 - own)
    return rounded, length


def _pair(name: str, up: int, down: int, gain: float, channels: int) -> dict[str, Carried]:
    """``lrelu(x)`` and ``lrelu(-x)`` give back both x and its absolute value."""
    linear, folded = np.zeros(channels), np.zeros(channels)
    linear[[up, down]] = np.array([1.0, -1.0]) / ((1.0 + SLOPE) * gain)
    folded[[up, down]] = 1.0 / ((1.0 - SLOPE) * gain)
    return {name: Carried(linear, 0.0), name + FOLD: Carried(folded, 0.0)}
