"""Second training: windows of the real network, with its filters and neighbours, against the teacher's picture.

The built half is run once for a pool of latents; from there on a layer evaluated on a window with StyleGAN3's own
margins equals the same part of the whole picture.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from instrument.generator.checkpoint import Card, Checkpoint
from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig
from instrument.generator.torch_engine import TorchGenerator
from instrument.tools.distil.bending import Filters
from instrument.tools.distil.construct import Tensors, lift
from instrument.tools.distil.optimisers import Adam, falling
from instrument.tools.distil.pointwise import draw_batch_codes
from instrument.tools.distil.teacher import Teacher
from instrument.tools.distil.upper import UpperLayer
from instrument.tools.render import FASTER_S

WINDOW = 96
"""Side of a window in pixels."""
RIM = 2
"""Pixels at its edge that are not compared: the convolutions met the window's end there, not the picture's."""
BATCH = 4
RATE = 1.5e-4
WARM_UP = 60
CONSTANT = 0.3
EDGES = 1.0
"""Weight of the differences between neighbouring pixels."""


def window_plan(plan: LayerPlan, window: int, resolution: int) -> LayerPlan:
    """The same layer on a window: what is left of its sizes, with the margins they have."""

    def size(whole: int, rate: int) -> int:
        return whole - rate + rate * window // resolution

    return replace(plan, in_size=size(plan.in_size, plan.in_rate), out_size=size(plan.out_size, plan.out_rate))


class WindowNetwork:
    """The trained half on windows of one size."""

    def __init__(self, layers: list[UpperLayer], resolution: int, window: int = WINDOW) -> None:
        self._layers = layers
        self._filters = [Filters(window_plan(layer.plan, window, resolution)) for layer in layers[:-1]]

    def __call__(self, x: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        """Junction ``(m, c, s, s)`` and codes ``(m, n)`` to pictures ``(m, 3, window, window)``."""
        for layer, filters in zip(self._layers, [*self._filters, None], strict=True):
            scale, demodulation = layer.scales(codes)
            y = layer.convolve(x * scale[:, :, None, None]) * demodulation[:, :, None, None]
            y = y + layer.bias[:, None, None]
            x = y if filters is None else filters(y)
        return x


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Latents with what is needed to train on them: `junction` ``(m, c, s, s)``, `target` ``(m, 3, size, size)``."""

    codes: torch.Tensor
    junction: torch.Tensor
    target: torch.Tensor


def junctions(config: NetworkConfig, tensors: Tensors, codes: torch.Tensor, built: int, used: int) -> torch.Tensor:
    """What the built half hands on for codes ``(m, n)``: ``(m, used, s, s)``."""
    network = SynthesisNetwork(config, tensors)
    parts = []
    with torch.no_grad():
        for w in lift(codes, tensors["mapping.w_avg"]):
            trace = network.trace(w.repeat(config.num_ws, 1), IDENTITY)
            for _ in range(built):
                next(trace)
            parts.append(next(trace)[1][:, :, :used].permute(2, 0, 1).clone())
    return torch.stack(parts)


def make_pool(
    config: NetworkConfig,
    teacher: Teacher,
    tensors: Tensors,
    layers: list[UpperLayer],
    count: int,
    built: int,
    rng: np.random.Generator,
) -> Pool:
    """`count` latents, rendered by both."""
    codes = draw_batch_codes(teacher, count, rng)
    with torch.no_grad():
        target = teacher.pictures(codes, config.resolution).permute(0, 3, 1, 2).contiguous()
    return Pool(codes, junctions(config, tensors, codes, built, layers[0].weight.shape[1]), target)


def cut(pool: Pool, plan: LayerPlan, resolution: int, rng: np.random.Generator, batch: int = BATCH) -> tuple[
    torch.Tensor, torch.Tensor, torch.Tensor
]:  # fmt: skip
    """A batch of windows at random places: codes, junction and target."""
    size = window_plan(plan, WINDOW, resolution).in_size
    step = resolution // plan.in_rate
    chosen = rng.integers(len(pool.codes), size=batch)
    places = rng.integers((resolution - WINDOW) // step + 1, size=(batch, 2))
    inputs = [pool.junction[m, :, i : i + size, j : j + size] for m, (i, j) in zip(chosen, places, strict=True)]
    targets = [
        pool.target[m, :, step * i : step * i + WINDOW, step * j : step * j + WINDOW]
        for m, (i, j) in zip(chosen, places, strict=True)
    ]
    return pool.codes[torch.from_numpy(chosen)], torch.stack(inputs), torch.stack(targets)


def window_loss(picture: torch.Tensor, target: torch.Tensor, sharpness: float) -> tuple[torch.Tensor, torch.Tensor]:
    """What is trained on, and the L1 in it; `sharpness` is the family's."""
    inner = (..., slice(RIM, -RIM), slice(RIM, -RIM))
    error = (picture - target)[inner]
    l1 = error.abs().mean()
    edges = error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()
    dull = (_sharpness(picture[inner]) - _sharpness(target[inner])).abs().mean()
    return l1 + 0.5 * error.square().mean() + EDGES * edges + sharpness * dull, l1


def _sharpness(picture: torch.Tensor) -> torch.Tensor:
    """Mean difference between neighbouring pixels of each window ``(m,)``, wherever in it they are."""
    return picture.diff(dim=-1).abs().mean(dim=(1, 2, 3)) + picture.diff(dim=-2).abs().mean(dim=(1, 2, 3))


def train_windows(
    network: WindowNetwork, plan: LayerPlan, pool: Pool, optimiser: Adam, steps: range, of: int, resolution: int,
    sharpness: float, rng: np.random.Generator,
) -> float:  # fmt: skip
    """Train in place for `steps` out of `of` in all; returns their mean L1 (range -1 to 1)."""
    total = 0.0
    for step in steps:
        codes, x, target = cut(pool, plan, resolution, rng)
        loss, l1 = window_loss(network(x, codes), target, sharpness)
        optimiser.step(loss, RATE * falling(step, of, WARM_UP, CONSTANT))
        total += float(l1.detach())
    return total / len(steps)


def pictures(config: NetworkConfig, tensors: Tensors, codes: torch.Tensor) -> torch.Tensor:
    """The whole network's pictures of codes ``(m, n)``: ``(m, size, size, 3)``, -1 to 1 and beyond."""
    return pictures_of_w(config, tensors, lift(codes, tensors["mapping.w_avg"]))


def pictures_of_w(config: NetworkConfig, tensors: Tensors, w: torch.Tensor) -> torch.Tensor:
    """The same of `w` ``(m, w_dim)``, by the engine that plays."""
    generator = TorchGenerator(Checkpoint(config, tensors, Card("distilled"), ""), threads=1)
    generator.wait_until_fast(FASTER_S)
    ws = w.numpy()[:, None].repeat(config.num_ws, axis=1)
    return torch.stack([torch.from_numpy(generator.render_raw(one, IDENTITY)) for one in ws])
