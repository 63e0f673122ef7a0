"""StyleGAN2 and StyleGAN2-ADA synthesis with skip connections, for one picture at a time.

A style scales the input channels of a convolution, demodulation its output channels. Both go into the weights where
these are fewer numbers than the signal, and onto the signal where they are more: the same numbers either way.
Signals are ``(1, channels, height, width)`` with the channels last in memory.
Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", CVPR 2020, section 2.2 and appendix B;
"Training Generative Adversarial Networks with Limited Data", NeurIPS 2020, for the clamp.
"""

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from instrument.generator.mapping_network import Tensors, dense
from instrument.generator.stylegan2.plan import Kind, StyleGAN2Config, StyleGAN2Layer, stylegan2_layers

Noise = Literal["const", "none"]
"""The noise that training left in the network, or none at all."""

_EPSILON = 1e-8
_SLOPE = 0.2
_GAIN = math.sqrt(2.0)
"""Restores the variance that the leaky ReLU takes. It commutes with it, so that all factors before carry it."""


class ModulatedConv:
    """3x3 modulated convolution, up-sampling where the plan says so, with noise, bias, leaky ReLU and clamp."""

    def __init__(self, config: StyleGAN2Config, plan: StyleGAN2Layer, tensors: Tensors, noise: Noise) -> None:
        prefix = f"synthesis.{plan.name}"
        weight = tensors[f"{prefix}.weight"]
        self._is_up = plan.kind is Kind.UP
        self._affine = dense(tensors, f"{prefix}.affine", 1.0)
        self._power = weight.square().sum(dim=(2, 3))
        self._bias = tensors[f"{prefix}.bias"] * _GAIN
        self._noise = tensors[f"{prefix}.noise_const"] * tensors[f"{prefix}.noise_strength"] * _GAIN
        self._has_noise = noise == "const" and bool(self._noise.any())
        self._clamp = math.inf if config.conv_clamp is None else config.conv_clamp
        in_size = plan.size // 2 if self._is_up else plan.size
        self._modulates_weights = weight.numel() <= plan.in_channels * in_size**2
        if self._is_up:
            # A transposed convolution wants input channels first; its gaps are filled by the filter, times 4 for them.
            weight = weight.transpose(0, 1)
            taps = tensors[f"{prefix}.resample_filter"].flip((0, 1)) * 4.0
            self._filter = taps.expand(plan.out_channels, 1, -1, -1)
        self._weight = weight.contiguous(memory_format=torch.channels_last)

    def __call__(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """``(1, in, h, w)`` and ``(w_dim,)`` to ``(1, out, size, size)``; `x` is left as it is."""
        style = torch.addmv(self._affine[1], self._affine[0], w)
        demodulation = torch.rsqrt(self._power @ style.square() + _EPSILON) * _GAIN
        y = self._up(x, style, demodulation) if self._is_up else self._same(x, style, demodulation)
        if self._has_noise:
            y.add_(self._noise)
        functional.leaky_relu_(y, _SLOPE)
        return y.clamp_(-self._clamp, self._clamp)

    def _same(self, x: torch.Tensor, style: torch.Tensor, demodulation: torch.Tensor) -> torch.Tensor:
        if self._modulates_weights:
            weight = self._weight * style[:, None, None] * demodulation[:, None, None, None]
            return functional.conv2d(x, weight, self._bias, padding=1)
        y = functional.conv2d(x * style[:, None, None], self._weight, padding=1)
        return torch.addcmul(self._bias[:, None, None], y, demodulation[:, None, None])

    def _up(self, x: torch.Tensor, style: torch.Tensor, demodulation: torch.Tensor) -> torch.Tensor:
        """Twice the size: a transposed convolution, then the low-pass filter, which also demodulates."""
        if self._modulates_weights:
            y = functional.conv_transpose2d(x, self._weight * style[:, None, None, None], stride=2)
        else:
            y = functional.conv_transpose2d(x * style[:, None, None], self._weight, stride=2)
        taps = self._filter * demodulation[:, None, None, None]
        return functional.conv2d(y, taps, self._bias, padding=1, groups=len(taps))


class ToRGB:
    """1x1 modulated convolution to colours, without demodulation; the colours of the block before are enlarged."""

    def __init__(self, config: StyleGAN2Config, plan: StyleGAN2Layer, tensors: Tensors) -> None:
        prefix = f"synthesis.{plan.name}"
        weight = tensors[f"{prefix}.weight"][:, :, 0, 0]
        self._affine = dense(tensors, f"{prefix}.affine", 1.0)
        self._weight = weight / math.sqrt(plan.in_channels)
        self._bias = tensors[f"{prefix}.bias"]
        self._clamp = math.inf if config.conv_clamp is None else config.conv_clamp
        taps = tensors.get(f"synthesis.{plan.block}.resample_filter")
        self._filter = None if taps is None else (taps * 4.0).expand(plan.out_channels, 1, -1, -1).contiguous()

    def __call__(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """``(1, in, size, size)`` and ``(w_dim,)`` to ``(1, colours, size, size)``."""
        style = torch.addmv(self._affine[1], self._affine[0], w)
        # As a product: torch's 1x1 convolution does not keep the channels last.
        rgb = torch.matmul(x[0].permute(1, 2, 0), (self._weight * style).T).add_(self._bias)
        return rgb.clamp_(-self._clamp, self._clamp).permute(2, 0, 1)[None]

    def enlarge(self, rgb: torch.Tensor) -> torch.Tensor:
        """``(1, colours, size / 2, size / 2)`` to ``(1, colours, size, size)``."""
        assert self._filter is not None, "the first block has nothing to enlarge"
        return functional.conv_transpose2d(rgb, self._filter, stride=2, padding=1, groups=len(self._filter))


class StyleGAN2Synthesis:
    """From `ws` to a picture."""

    def __init__(self, config: StyleGAN2Config, tensors: Tensors, noise: Noise = "const") -> None:
        self._plans = stylegan2_layers(config)
        self._layers = [
            ToRGB(config, plan, tensors) if plan.kind is Kind.TORGB else ModulatedConv(config, plan, tensors, noise)
            for plan in self._plans
        ]
        self._const = tensors["synthesis.b4.const"][None].contiguous(memory_format=torch.channels_last)

    def __call__(self, ws: torch.Tensor, transform: npt.NDArray[np.float64]) -> torch.Tensor:
        """``(num_ws, w_dim)`` to ``(resolution, resolution, 3)``, nominally -1 to 1.

        `transform` is ignored: the network begins with a constant that cannot be turned or moved.
        """
        del transform
        x, picture = self._const, torch.empty(0)
        for plan, layer in zip(self._plans, self._layers, strict=True):
            if isinstance(layer, ToRGB):
                rgb = layer(x, ws[plan.row])
                picture = layer.enlarge(picture).add_(rgb) if picture.numel() else rgb
            else:
                x = layer(x, ws[plan.row])
        return picture[0].permute(1, 2, 0).contiguous()

    def trace(self, ws: torch.Tensor) -> Iterator[tuple[str, torch.Tensor]]:
        """Each layer's name and output ``(size, size, channels)``; ToRGB's before the blocks are added up."""
        x = self._const
        for plan, layer in zip(self._plans, self._layers, strict=True):
            y = layer(x, ws[plan.row])
            yield plan.name, y[0].permute(1, 2, 0)
            x = x if plan.kind is Kind.TORGB else y
