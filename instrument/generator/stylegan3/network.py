"""StyleGAN3, configurations T and R, for one picture at a time, on the device that its tensors are on.

Styles and demodulation scale the signal before and after a plain convolution, so that the weights stay as they
are from frame to frame: the same numbers as modulating the weights, without doing so. Signals are ``(h, w, c)``.
Source: Karras et al., "Alias-Free Generative Adversarial Networks", NeurIPS 2021.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from instrument.generator.lrelu.plain import FilteredLreluFactory, PlainFilteredLrelu
from instrument.generator.mapping_network import Tensors, dense
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, input_stage, layer_plan, runs_in_half

_EPSILON = 1e-8

HalfRule = Callable[[NetworkConfig, LayerPlan], bool]
"""Which layers may calculate in half precision."""


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
        self._grid = (torch.arange(size, dtype=torch.float64, device=self._freqs.device) + 0.5 - size / 2) / rate

    def __call__(self, w: torch.Tensor, inverse: torch.Tensor, out_scale: torch.Tensor) -> torch.Tensor:
        """``(size, size, c)``, times `out_scale` ``(c,)``. `inverse` undoes what is done to the picture."""
        matrix = self._coordinates(w, inverse)
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

    def _coordinates(self, w: torch.Tensor, inverse: torch.Tensor) -> torch.Tensor:
        """``(3, 3)`` from picture to pattern coordinates: the player's transform undone, then what `w` asks for.

        Nothing here leaves the device, so that a CUDA graph can hold it.
        """
        asked = torch.addmv(self._affine[1], self._affine[0], w).double()
        length = asked[:2].norm()
        cosine, sine, x, y = asked / (length + (length == 0.0))
        zero, one = torch.zeros_like(x), torch.ones_like(x)
        turn = torch.stack([cosine, -sine, zero, sine, cosine, zero, zero, zero, one]).view(3, 3)
        move = torch.stack([one, zero, -x, zero, one, -y, zero, zero, one]).view(3, 3)
        return turn @ move @ inverse


class SynthesisLayer:
    """Modulated convolution and filtered leaky ReLU; ToRGB, the last one, neither demodulates nor bends."""

    def __init__(
        self,
        config: NetworkConfig,
        plan: LayerPlan,
        tensors: Tensors,
        filtered_lrelu: FilteredLreluFactory,
        half: torch.dtype = torch.float32,
        in_half: HalfRule = runs_in_half,
    ) -> None:
        """`half` is what the layer calculates in where the rule lets it; the paper's is `runs_in_half`."""
        prefix = f"synthesis.{plan.name}"
        self.plan = plan
        self._affine = dense(tensors, f"{prefix}.affine", 1.0)
        self._gain = tensors[f"{prefix}.magnitude_ema"].rsqrt()
        self._bias = tensors[f"{prefix}.bias"]
        self._clamp = math.inf if config.conv_clamp is None else config.conv_clamp
        # The picture itself is not rounded to the eight bits that a bfloat16 has.
        coarse = plan.is_torgb and half is torch.bfloat16
        self._dtype = half if in_half(config, plan) and not coarse else torch.float32
        weight = tensors[f"{prefix}.weight"]
        self._epsilon: float | torch.Tensor = _EPSILON
        if plan.is_torgb:
            self._gain = self._gain / math.sqrt(weight[0].numel())
        else:
            scale = weight.square().mean(dim=(1, 2, 3), keepdim=True).rsqrt()
            if self._dtype is not torch.float32:
                scale, self._epsilon = _exact_scale(scale, weight[0].numel())
            weight = weight * scale
            filters = (tensors[f"{prefix}.up_filter"], tensors[f"{prefix}.down_filter"])
            self._filtered_lrelu = filtered_lrelu(plan, *filters, config.conv_clamp)
        self._power = weight.square().sum(dim=(2, 3))
        self._in_centre = in_centre_taps(weight)
        weight = _centre(weight) if self._in_centre else weight.contiguous(memory_format=torch.channels_last)
        self._weight = weight.to(self._dtype)

    def style(self, w: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scale of the layer's input ``(in,)`` and of its convolution's output ``(out,)`` for `w` ``(w_dim,)``."""
        style = torch.addmv(self._affine[1], self._affine[0], w)
        if self.plan.is_torgb:
            return style * self._gain, torch.ones_like(self._bias)
        style = style * style.square().mean().rsqrt()
        return style * self._gain, torch.rsqrt(self._power @ style.square() + self._epsilon)

    def __call__(self, x: torch.Tensor, demodulation: torch.Tensor, out_scale: torch.Tensor) -> torch.Tensor:
        """`x` ``(h, w, in)``, scaled by the style already, to ``(out_size, out_size, out)`` times `out_scale`."""
        if self.plan.is_torgb:
            return (self.convolve(x).float() + self._bias).clamp_(-self._clamp, self._clamp).mul_(out_scale)
        return self._filtered_lrelu(self.convolve(x), demodulation, self._bias, out_scale)

    def convolve(self, x: torch.Tensor) -> torch.Tensor:
        """The convolution alone: ``(h, w, in)`` to ``(h + kernel - 1, w + kernel - 1, out)``.

        Of centre taps alone, ``(h, w, out)``: the zeros around it are left to the activation.
        """
        x = x.to(self._dtype)
        if self._in_centre:
            # As a product: torch's 1x1 convolution does not keep the channels last.
            return functional.linear(x, self._weight)
        y = functional.conv2d(x.permute(2, 0, 1)[None], self._weight, padding=self.plan.kernel - 1)
        return y[0].permute(1, 2, 0).contiguous()


def in_centre_taps(weight: torch.Tensor) -> bool:
    """Whether a kernel ``(out, in, k, k)`` holds nothing but its centre taps, and is drawn in a ninth of the work.

    So it is in layers that were built, or trained pixel by pixel, and in every kernel of one tap.
    """
    return bool(weight.count_nonzero() == _centre(weight).count_nonzero())


def _centre(weight: torch.Tensor) -> torch.Tensor:
    middle = weight.shape[-1] // 2
    return weight[:, :, middle, middle]


def _exact_scale(scale: torch.Tensor, summed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Powers of two near `scale` ``(out, 1, 1, 1)``, and the epsilon ``(out,)`` that makes up for the difference.

    Demodulation takes any scale of an output back. A power of two rounds nothing, so that weights which a half
    precision holds exactly stay exact; and it keeps the sum of `summed` products inside the range of float16.
    """
    exact = torch.exp2(torch.floor(torch.log2(scale / math.sqrt(summed))))
    return exact, _EPSILON * (exact / scale).square().flatten()


class SynthesisNetwork:
    """From `ws` to a picture. Not to be run by two threads at once."""

    def __init__(
        self,
        config: NetworkConfig,
        tensors: Tensors,
        filtered_lrelu: FilteredLreluFactory = PlainFilteredLrelu,
        half: torch.dtype = torch.float32,
        in_half: HalfRule = runs_in_half,
    ) -> None:
        """`half` is what the layers calculate in that `in_half` names; float32 where it is not given."""
        self._device = tensors["synthesis.input.freqs"].device
        self._output_scale = torch.full((config.img_channels,), config.output_scale, device=self._device)
        self._input = SynthesisInput(config, tensors)
        self.layers = [
            SynthesisLayer(config, plan, tensors, filtered_lrelu, half, in_half) for plan in layer_plan(config)
        ]

    def __call__(self, ws: torch.Tensor, transform: npt.NDArray[np.float64]) -> torch.Tensor:
        """``(num_ws, w_dim)`` to ``(resolution, resolution, 3)``, nominally -1 to 1.

        `transform` ``(3, 3)`` is what is done to the picture; it must have an inverse.
        """
        return self.synthesize(ws, self._undone(transform))

    def synthesize(self, ws: torch.Tensor, inverse: torch.Tensor) -> torch.Tensor:
        """The same from the inverse ``(3, 3)`` float64 of the transform, all on the device."""
        styles = [layer.style(w) for layer, w in zip(self.layers, ws[1:], strict=True)]
        scales = [scale for scale, _ in styles] + [self._output_scale]
        x = self._input(ws[0], inverse, scales[0])
        for layer, (_, demodulation), out_scale in zip(self.layers, styles, scales[1:], strict=True):
            x = layer(x, demodulation, out_scale)
        return x

    def trace(self, ws: torch.Tensor, transform: npt.NDArray[np.float64]) -> Iterator[tuple[str, torch.Tensor]]:
        """The same layer by layer, slower: each one's name and output before the next one's style scales it."""
        x = self._input(ws[0], self._undone(transform), torch.ones(self.layers[0].plan.in_channels))
        yield "input", x
        for layer, w in zip(self.layers, ws[1:], strict=True):
            scale, demodulation = layer.style(w)
            x = layer(x * scale, demodulation, torch.ones(layer.plan.out_channels))
            yield layer.plan.name, x

    def _undone(self, transform: npt.NDArray[np.float64]) -> torch.Tensor:
        return torch.from_numpy(np.linalg.inv(transform)).to(self._device)
