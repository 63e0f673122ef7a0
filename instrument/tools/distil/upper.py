"""The trained half: the layers above the folding, as parameters that gradients reach, for points and for windows.

Demodulation keeps every channel at the size of its inputs, which forbids steep edges: a step made of two hinges is as
small as they are close. So one channel of every layer is silent, zero everywhere, and all others give it the weight
`HEADROOM`: it adds nothing but length, and what demodulation then divides by hardly depends on the rest. With an input
gain of the same size a layer can raise its input by up to `HEADROOM`, like any convolution.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from instrument.generator.stylegan3.plan import SLOPE, LayerPlan, NetworkConfig, layer_plan
from instrument.tools.distil.codes import STYLED
from instrument.tools.distil.construct import GAIN, Carried, Tensors, affine
from instrument.tools.distil.family import Mix

HEADROOM = 16.0
Reads = list[tuple[str, float]]
"""Name and gain of each signal at the junction, in the order of its pairs of channels."""


@dataclass(slots=True, eq=False)
class UpperLayer:
    """One trained layer without its silent channels: centre taps `weight` ``(out, in)`` and `bias` ``(out,)``.

    The style is a line in the first numbers of the code: `style` ``(in, 6)`` and `style_bias` ``(in,)``.
    """

    plan: LayerPlan
    weight: torch.Tensor
    bias: torch.Tensor
    style: torch.Tensor
    style_bias: torch.Tensor

    def convolve(self, x: torch.Tensor) -> torch.Tensor:
        """The plain convolution of windows ``(m, in, s, s)``: ``(m, out, s + k - 1, s + k - 1)``."""
        return functional.conv2d(x, self.weight[:, :, None, None], padding=self.plan.kernel // 2)

    def parameters(self) -> list[torch.Tensor]:
        """All that is trained."""
        return [self.weight, self.bias, self.style, self.style_bias]

    def scales(self, codes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Of the input ``(m, in)`` and of the convolution's output ``(m, out)`` for codes ``(m, n)``."""
        style = self.style_bias + codes[:, STYLED] @ self.style.T
        if self.plan.is_torgb:
            return style, torch.ones(len(codes), len(self.bias))
        power = self.weight.square() / HEADROOM**2
        return style, torch.rsqrt(style.square() @ power.T + 1.0)


def start(
    config: NetworkConfig, known: dict[str, Carried], shapes: tuple[Mix, ...], seed: int, built: int
) -> list[UpperLayer]:
    """Layers `built` and up: hinges in the first one, random above."""
    rng = torch.Generator().manual_seed(seed)
    layers = []
    used = int(max(np.flatnonzero(read.weights).max() for read in known.values())) + 1
    for plan in layer_plan(config)[built:]:
        outputs = plan.out_channels - (0 if plan.is_torgb else 1)
        weight = torch.randn(outputs, used, generator=rng) / math.sqrt(used)
        style = torch.zeros(used, STYLED.stop - STYLED.start)
        layers.append(UpperLayer(plan, weight, torch.zeros(outputs), style, torch.ones(used)))
        used = outputs
    _bend_at(layers[0], known, shapes)
    return layers


def _bend_at(layer: UpperLayer, known: dict[str, Carried], shapes: tuple[Mix, ...]) -> None:
    for row, mix in enumerate(shapes[: len(layer.bias)]):
        read = sum(factor * known[name].weights for name, factor in mix.items() if name)
        layer.weight[row] = torch.from_numpy(read).float()[: layer.weight.shape[1]]
        layer.bias[row] = mix.get("", 0.0)


def calibrate(layers: list[UpperLayer], x: torch.Tensor, codes: torch.Tensor, hinges: int, seed: int) -> None:
    """Sizes and biases from data ``(m, k, in)``: every channel bends within what it meets.

    The first `hinges` channels of the first layer keep the place of theirs.
    Source: Salimans and Kingma, "Weight Normalization", 2016, section 3 (data-dependent initialisation).
    """
    rng = torch.Generator().manual_seed(seed)
    for layer in layers:
        if not layer.plan.is_torgb:
            y = at_points(layer, x, codes, bend=False)
            size = y.std(dim=(0, 1))
            layer.weight /= size[:, None]
            spread = 1.2 * torch.rand(len(size), generator=rng) - 0.6
            bias = spread - (y.mean(dim=(0, 1)) - layer.bias) / size
            kept = torch.arange(len(size)) < (hinges if layer is layers[0] else 0)
            layer.bias = torch.where(kept, layer.bias / size, bias)
        x = at_points(layer, x, codes)


def at_points(layer: UpperLayer, x: torch.Tensor, codes: torch.Tensor, bend: bool = True) -> torch.Tensor:
    """A layer without its filters and neighbours: ``(m, k, in)`` to ``(m, k, out)``."""
    scale, demodulation = layer.scales(codes)
    y = torch.matmul(x * scale[:, None], layer.weight.T) * demodulation[:, None] + layer.bias
    if layer.plan.is_torgb or not bend:
        return y
    return functional.leaky_relu(y, SLOPE) * GAIN


def colours_at_points(layers: list[UpperLayer], x: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """What the trained half makes of single points ``(m, k, in)``: ``(m, k, 3)``, nominally -1 to 1."""
    for layer in layers:
        x = at_points(layer, x, codes)
    return x


def tensors_of(config: NetworkConfig, layers: list[UpperLayer]) -> Tensors:
    """The trained half by StyleGAN's names, silent channels put back."""
    tensors: Tensors = {}
    for layer in layers:
        prefix, plan = f"synthesis.{layer.plan.name}", layer.plan
        outputs, inputs = layer.weight.shape
        middle = plan.kernel // 2
        of_code = torch.zeros(plan.in_channels, config.z_dim)
        of_code[:inputs, STYLED] = layer.style.detach()
        weight = torch.zeros(plan.out_channels, plan.in_channels, plan.kernel, plan.kernel)
        weight[:outputs, :inputs, middle, middle] = layer.weight.detach()
        bias = torch.zeros(plan.out_channels)
        bias[:outputs] = layer.bias.detach()
        style_bias = torch.ones(plan.in_channels)
        style_bias[:inputs] = layer.style_bias.detach()
        gain = HEADROOM
        if plan.is_torgb:
            weight, bias = weight / config.output_scale, bias / config.output_scale
            gain = math.sqrt(plan.in_channels)
        else:
            weight[:, plan.in_channels - 1, middle, middle] = HEADROOM
        tensors[f"{prefix}.weight"] = weight
        tensors[f"{prefix}.bias"] = bias
        tensors[f"{prefix}.affine.weight"] = affine(of_code, config.w_dim)
        tensors[f"{prefix}.affine.bias"] = style_bias
        tensors[f"{prefix}.magnitude_ema"] = torch.tensor(gain**-2.0)
    return tensors


def channels_of(reads: Reads, signals: dict[str, torch.Tensor]) -> torch.Tensor:
    """What the last built layer's channels hold, ``(m, k, channels)``, if nothing were lost on the way."""
    parts = []
    for name, gain in reads:
        parts += [functional.leaky_relu(sign * signals[name], SLOPE) * gain for sign in (1.0, -1.0)]
    return torch.stack(parts, dim=-1)


def gains_of(known: dict[str, Carried], outputs: tuple[str, ...]) -> Reads:
    """Name and gain of every signal that the last built layer carries, in the order of its channels."""
    return [(name, 1.0 / ((1.0 + SLOPE) * float(known[name].weights.max()))) for name in outputs]
