"""The mapping network of StyleGAN2 and StyleGAN3, from normal deviates to `w`, and truncation.

Source: Karras et al., "A Style-Based Generator Architecture for Generative Adversarial Networks", CVPR 2019.
"""

import math
from collections.abc import Mapping

import torch
from torch.nn import functional

from instrument.generator import ordered_sums
from instrument.generator.architectures import Architecture

Tensors = Mapping[str, torch.Tensor]

_EPSILON = 1e-8
FEW = 8
"""Latents mapped at once with sums in the reference's order; for more, that would take too long."""
MAPPING_RATE = 0.01
"""Learning rate multiplier that the mapping's stored weights and biases were divided by."""


class MappingNetwork:
    """From normal deviates `z` (and a label) to `w`; StyleGAN2's is the same with more layers."""

    def __init__(self, config: Architecture, tensors: Tensors) -> None:
        self._embed = dense(tensors, "mapping.embed", 1.0) if config.c_dim else None
        self._dense = [dense(tensors, f"mapping.fc{index}", MAPPING_RATE) for index in range(config.mapping_layers)]

    def __call__(self, z: torch.Tensor, c: torch.Tensor | None = None) -> torch.Tensor:
        """``(n, z_dim)`` and, where the network is conditional, labels ``(n, c_dim)`` to ``(n, w_dim)``."""
        linear = ordered_sums.linear if len(z) <= FEW else functional.linear
        x = _normalize(z)
        if self._embed is not None:
            assert c is not None, "a conditional network needs labels"
            x = torch.cat([x, _normalize(functional.linear(c, *self._embed))], dim=1)
        for weight, bias in self._dense:
            x = functional.leaky_relu(linear(x, weight, bias), 0.2).mul(math.sqrt(2.0))
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
