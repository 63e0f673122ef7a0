"""StyleGAN3, configurations T and R, for one picture at a time.

Styles and demodulation scale the signal before and after a plain convolution, so that the weights stay as they
are from frame to frame: the same numbers as modulating the weights, without doing so. Signals are ``(h, w, c)``.
Source: Karras et al., "Alias-Free Generative Adversarial Networks", NeurIPS 2021.
"""

import math
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from instrument.generator.architectures import Architecture
from instrument.generator.filtered_lrelu import FilteredLreluFactory, PlainFilteredLrelu
from instrument.generator.plan import LayerPlan, NetworkConfig, input_stage, layer_plan

Tensors = Mapping[str, torch.Tensor]

_EPSILON = 1e-8
_MAPPING_RATE = 0.01


class MappingNetwork:
    """From normal deviates `z` (and a label) to `w`; StyleGAN2's is the same with more layers."""

    def __init__(self, config: Architecture, tensors: Tensors) -> None:
        self._embed = dense(tensors, "mapping.embed", 1.0) if config.c_dim else None
        self._dense = [dense(tensors, f"mapping.fc{index}", _MAPPING_RATE) for index in range(config.mapping_layers)]

    def __call__(self, z: torch.Tensor, c: torch.Tensor | None = None) -> torch.Tensor:
        """``(n, z_dim)`` and, where the network is conditional, labels ``(n, c_dim)`` to ``(n, w_dim)``."""
        x = _normalize(z)
        if self._embed is not None:
            assert c is not None, "a conditional network needs labels"
            x = torch.cat([x, _normalize(functional.linear(c, *self._embed))], dim=1)
        for weight, bias in self._dense:
            x = functional.leaky_relu(functional.linear(x, weight, bias), 0.2).mul(math.sqrt(2.0))
        return x


def truncate(w: torch.Tensor, w_avg: torch.Tensor, num_ws: int, psi: float, cutoff: int | None = None) -> torch.Tensor:
    """``(w_dim,)`` to `ws` ``(num_ws, w_dim)``; the first `cutoff` rows (default all) pulled to `w_avg` by `psi`."""
    ws = w.repeat(num_ws, 1)
    ws[:cutoff] = w_avg + psi * (ws[:cutoff] - w_avg)
    return ws


def dense(tensors: Tensors, name: str, rate: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Weight and bias as used at run time: stored ones are divided by the learning rate multiplier."""
    weight = tensors[f"{name}.weight"]
    return weight * (rate / math.sqrt(weight.shape[1])), tensors[f"{name}.bias"] * rate


def _normalize(x: torch.Tensor) -> torch.Tensor:
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + _EPSILON)


class SynthesisInput:
    """Fourier features that `w` turns and moves, and so does the player."""

    def __init__(self, config: NetworkConfig, tensors: Tensors) -> None:
        size, channels, rate, cutoff = input_stage(config)
        self._affine = dense(tensors, "synthesis.input.affine", 1.0)
        self._freqs = tensors["synthesis.input.freqs"].double()
        self._phases = tensors["synthesis.input.phases"].double()
        self._mix = tensors["synthesis.input.weight"] / math.sqrt(channels)
        self._fade = (cutoff, rate / 2 - cutoff)
        # Pixel centres; the picture proper spans -0.5 to 0.5, its margin lies outside.
        self._grid = (torch.arange(size, dtype=torch.float64) + 0.5 - size / 2) / rate

    def __call__(self, w: torch.Tensor, transform: npt.NDArray[np.float64], out_scale: torch.Tensor) -> torch.Tensor:
        """``(size, size, c)``, times `out_scale` ``(c,)``. `transform` is what is done to the picture."""
        matrix = self._coordinates(w, transform)
        phases = self._phases + self._freqs @ matrix[:2, 2]
        freqs = self._freqs @ matrix[:2, :2]
        low, width = self._fade
        amplitude = (1.0 - (freqs.norm(dim=1) - low) / width).clamp(0.0, 1.0)
        # sin(a + b) separates: two tables a row and a column instead of a sine for every sample.
        across = 2.0 * math.pi * self._grid[:, None] * freqs[:, 0]
        down = 2.0 * math.pi * (self._grid[:, None] * freqs[:, 1] + phases)
        sin_a, cos_a = across.sin().float(), across.cos().float()
        sin_b, cos_b = (down.sin() * amplitude).float(), (down.cos() * amplitude).float()
        waves: torch.Tensor = sin_b[:, None] * cos_a + cos_b[:, None] * sin_a
        return waves @ (self._mix * out_scale[:, None]).T

    def _coordinates(self, w: torch.Tensor, transform: npt.NDArray[np.float64]) -> torch.Tensor:
        """``(3, 3)`` from picture to pattern coordinates: the player's transform undone, then what `w` asks for."""
        cosine, sine, x, y = torch.addmv(self._affine[1], self._affine[0], w).double().tolist()
        length = math.hypot(cosine, sine) or 1.0
        cosine, sine, x, y = cosine / length, sine / length, x / length, y / length
        turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        move = np.array([[1.0, 0.0, -x], [0.0, 1.0, -y], [0.0, 0.0, 1.0]])
        return torch.from_numpy(turn @ move @ np.linalg.inv(transform))


class SynthesisLayer:
    """Modulated convolution and filtered leaky ReLU; ToRGB, the last one, neither demodulates nor bends."""

    def __init__(
        self, config: NetworkConfig, plan: LayerPlan, tensors: Tensors, filtered_lrelu: FilteredLreluFactory
    ) -> None:
        prefix = f"synthesis.{plan.name}"
        self.plan = plan
        self._affine = dense(tensors, f"{prefix}.affine", 1.0)
        self._gain = tensors[f"{prefix}.magnitude_ema"].rsqrt()
        self._bias = tensors[f"{prefix}.bias"]
        self._clamp = math.inf if config.conv_clamp is None else config.conv_clamp
        weight = tensors[f"{prefix}.weight"]
        if plan.is_torgb:
            self._gain = self._gain / math.sqrt(weight[0].numel())
        else:
            weight = weight * weight.square().mean(dim=(1, 2, 3), keepdim=True).rsqrt()
            filters = (tensors[f"{prefix}.up_filter"], tensors[f"{prefix}.down_filter"])
            self._filtered_lrelu = filtered_lrelu(plan, *filters, config.conv_clamp)
        self._power = weight.square().sum(dim=(2, 3))
        self._weight = weight.contiguous(memory_format=torch.channels_last)
        self._matrix = weight[:, :, 0, 0].T.contiguous()

    def style(self, w: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scale of the layer's input ``(in,)`` and of its convolution's output ``(out,)`` for `w` ``(w_dim,)``."""
        style = torch.addmv(self._affine[1], self._affine[0], w)
        if self.plan.is_torgb:
            return style * self._gain, torch.ones_like(self._bias)
        style = style * style.square().mean().rsqrt()
        return style * self._gain, torch.rsqrt(self._power @ style.square() + _EPSILON)

    def __call__(self, x: torch.Tensor, demodulation: torch.Tensor, out_scale: torch.Tensor) -> torch.Tensor:
        """`x` ``(h, w, in)``, scaled by the style already, to ``(out_size, out_size, out)`` times `out_scale`."""
        if self.plan.is_torgb:
            return (self.convolve(x) + self._bias).clamp_(-self._clamp, self._clamp).mul_(out_scale)
        return self._filtered_lrelu(self.convolve(x), demodulation, self._bias, out_scale)

    def convolve(self, x: torch.Tensor) -> torch.Tensor:
        """The convolution alone: ``(h, w, in)`` to ``(h + kernel - 1, w + kernel - 1, out)``."""
        if self.plan.kernel == 1:
            # As a product: torch's 1x1 convolution does not keep the channels last.
            return x @ self._matrix
        y = functional.conv2d(x.permute(2, 0, 1)[None], self._weight, padding=self.plan.kernel - 1)
        return y[0].permute(1, 2, 0).contiguous()


class SynthesisNetwork:
    """From `ws` to a picture. Not to be run by two threads at once."""

    def __init__(
        self, config: NetworkConfig, tensors: Tensors, filtered_lrelu: FilteredLreluFactory = PlainFilteredLrelu
    ) -> None:
        self._output_scale = torch.full((config.img_channels,), config.output_scale)
        self._input = SynthesisInput(config, tensors)
        self._layers = [SynthesisLayer(config, plan, tensors, filtered_lrelu) for plan in layer_plan(config)]

    def __call__(self, ws: torch.Tensor, transform: npt.NDArray[np.float64]) -> torch.Tensor:
        """``(num_ws, w_dim)`` to ``(resolution, resolution, 3)``, nominally -1 to 1.

        `transform` ``(3, 3)`` is what is done to the picture; it must have an inverse.
        """
        styles = [layer.style(w) for layer, w in zip(self._layers, ws[1:], strict=True)]
        scales = [scale for scale, _ in styles] + [self._output_scale]
        x = self._input(ws[0], transform, scales[0])
        for layer, (_, demodulation), out_scale in zip(self._layers, styles, scales[1:], strict=True):
            x = layer(x, demodulation, out_scale)
        return x

    def trace(self, ws: torch.Tensor, transform: npt.NDArray[np.float64]) -> Iterator[tuple[str, torch.Tensor]]:
        """The same layer by layer, slower: each one's name and output before the next one's style scales it."""
        x = self._input(ws[0], transform, torch.ones(self._layers[0].plan.in_channels))
        yield "input", x
        for layer, w in zip(self._layers, ws[1:], strict=True):
            scale, demodulation = layer.style(w)
            x = layer(x * scale, demodulation, torch.ones(layer.plan.out_channels))
            yield layer.plan.name, x
