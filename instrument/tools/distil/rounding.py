"""Convolution weights that bfloat16 holds exactly, rounded so that the picture hardly notices.

Rounding each weight to the nearest costs far more than the arithmetic does: sums of trained weights cancel. Here the
weights of an output are rounded one after the other, and those that are still to come make up for the error made so
far. Neighbouring taps see nearly the same signal, so nearly all of it can be made up for.
Source: Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers", ICLR 2023.
"""

import numpy as np
import torch
from torch.nn import functional

from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan3.network import SynthesisLayer, SynthesisNetwork
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.tools.distil.construct import Tensors, lift

PLACES = 3000
"""Pixels of a latent that are looked at."""

DAMPING = 1e-6
"""Of the mean square of an input: keeps weights that no signal tells apart where they are."""


def settle(config: NetworkConfig, tensors: Tensors, codes: torch.Tensor, seed: int) -> Tensors:
    """`tensors` with every convolution but ToRGB's exact in bfloat16; codes ``(m, n)`` are what they are fitted on."""
    settled = dict(tensors)
    ws = [w.repeat(config.num_ws, 1) for w in lift(codes, tensors["mapping.w_avg"])]
    with torch.inference_mode():
        for layer in SynthesisNetwork(config, tensors).layers:
            name = f"synthesis.{layer.plan.name}.weight"
            if layer.plan.is_torgb or torch.equal(tensors[name], _nearest(tensors[name])):
                continue
            # The signals are those of the layers that are settled already: their errors are seen and met, too.
            seen = correlations(SynthesisNetwork(config, settled), layer.plan.index, ws, np.random.default_rng(seed))
            weights = tensors[name].flatten(1).double()
            used = weights.any(dim=0).nonzero()[:, 0]  # what is not there is not made up for with
            rounded = torch.zeros_like(weights)
            for row, part, into in zip(weights, seen, rounded, strict=True):
                into[used] = round_row(row[used], part[used[:, None], used])
            settled[name] = rounded.float().view_as(tensors[name])
    return {name: tensor.clone() for name, tensor in settled.items()}


def correlations(
    network: SynthesisNetwork, index: int, ws: list[torch.Tensor], rng: np.random.Generator
) -> torch.Tensor:
    """``(out, in * k * k, in * k * k)``: how the inputs of layer `index` go together, as each output weighs them."""
    layer = network.layers[index]
    total: torch.Tensor | None = None
    for one in ws:
        scale, demodulation = layer.style(one[1 + index])
        patches = _patches(_before(network, layer, one) * scale, layer, rng)
        together = torch.einsum("o,ij->oij", demodulation.double().square(), patches.T @ patches)
        total = together if total is None else total + together
    assert total is not None
    return total


def round_row(weights: torch.Tensor, together: torch.Tensor) -> torch.Tensor:
    """``(n,)`` float64 to values that bfloat16 holds, with inputs that go `together` ``(n, n)``."""
    count = len(weights)
    damped = together + DAMPING * together.diagonal().mean() * torch.eye(count, dtype=torch.float64)
    factor = torch.linalg.cholesky(torch.linalg.inv(damped), upper=True)
    left, rounded = weights.clone(), torch.zeros_like(weights)
    for at in range(count):
        rounded[at] = _nearest(left[at])
        left[at + 1 :] -= (left[at] - rounded[at]) / factor[at, at] * factor[at, at + 1 :]
    return rounded


def _before(network: SynthesisNetwork, layer: SynthesisLayer, ws: torch.Tensor) -> torch.Tensor:
    """The signal ``(h, w, c)`` that reaches `layer`, before its style."""
    trace = network.trace(ws, IDENTITY)
    for _ in range(layer.plan.index):
        next(trace)
    return next(trace)[1]


def _patches(x: torch.Tensor, layer: SynthesisLayer, rng: np.random.Generator) -> torch.Tensor:
    """``(PLACES, c * k * k)`` float64: what the convolution sees at random places inside ``(h, w, c)``."""
    every = functional.unfold(x.permute(2, 0, 1)[None], layer.plan.kernel)[0].T
    return every[torch.from_numpy(rng.integers(len(every), size=PLACES))].double()


def _nearest(values: torch.Tensor) -> torch.Tensor:
    return values.to(torch.bfloat16).to(values.dtype)
