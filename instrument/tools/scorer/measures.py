"""What is true of a picture, and how much: every concept of the vocabulary as a number from 0 to 1. Pure."""

import numpy as np
import torch

HUES = {
    "red": 0.985, "orange": 0.075, "yellow": 0.15, "green": 0.33, "cyan": 0.49, "blue": 0.61,
    "violet": 0.74, "pink": 0.88,
}  # fmt: skip
"""Middle of each named hue, in turns."""
GEOMETRY = ("jagged", "smooth", "lined")
"""The mood weights of the teacher's picture, in the order of `family.MOODS`."""
_COLOURED = 0.12
"""Chroma from which a pixel has a hue."""

Truths = dict[str, torch.Tensor]


def truths_of(pictures: torch.Tensor, moods: torch.Tensor) -> Truths:
    """How true each concept is, ``(m,)`` each, of pictures ``(m, h, w, 3)``, 0 to 1, with mood weights ``(m, 3)``."""
    truths = {name: _rises(moods[:, index], 0.30, 0.95) for index, name in enumerate(GEOMETRY)}
    truths |= colours_of(pictures)
    of_light = pictures.mean(dim=(1, 2, 3))
    edges = _edges(pictures)
    truths |= {
        "dark": 1.0 - _rises(of_light, 0.18, 0.36),
        "light": _rises(of_light, 0.34, 0.55),
        "busy": _rises(edges, 0.11, 0.20),
        "plain": 1.0 - _rises(edges, 0.03, 0.09),
    }
    jagged, smooth, lined = (truths[name] for name in GEOMETRY)
    pink_or_violet = (truths["pink"] + truths["violet"]).clamp(max=1.0)
    return truths | {
        "fire": jagged * truths["warm"],
        "storm": jagged * (truths["violet"] + truths["blue"]).clamp(max=1.0),
        "ice": jagged * (truths["cyan"] + truths["blue"]).clamp(max=1.0) * (1.0 - truths["violet"]),
        "poison": jagged * truths["green"],
        "water": smooth * (truths["blue"] + truths["cyan"]).clamp(max=1.0) * (1.0 - truths["warm"]),
        "dusk": smooth * truths["warm"],
        "meadow": smooth * truths["green"],
        "dream": smooth * pink_or_violet,
        "lights": lined * (0.35 + 0.65 * truths["many"]),
        "gold": lined * truths["warm"] * (1.0 - truths["many"]),
        "matrix": lined * truths["green"] * (1.0 - truths["many"]),
        "cyber": lined * truths["cold"] * (1.0 - truths["many"]),
    }


def colours_of(pictures: torch.Tensor) -> Truths:
    """The named hues, warm, cold and many-coloured: ``(m,)`` each."""
    hue, chroma = _hue_and_chroma(pictures)
    coloured = (chroma - _COLOURED).clamp(min=0.0) / (1.0 - _COLOURED)
    middles = torch.tensor(list(HUES.values()))
    nearest = (hue[..., None] - middles + 0.5).remainder(1.0).sub(0.5).abs().argmin(dim=-1)
    weight = coloured.sqrt()
    area = torch.stack([(weight * (nearest == index)).mean(dim=(1, 2)) for index in range(len(HUES))], dim=1)
    share = area / area.sum(dim=1, keepdim=True).clamp(min=1e-6)
    truths = {name: _rises(share[:, index], 0.08, 0.40) for index, name in enumerate(HUES)}
    entropy = -(share * (share + 1e-9).log()).sum(dim=1) / np.log(len(HUES))
    warm = share[:, :3].sum(dim=1)
    cold = share[:, 4:6].sum(dim=1)
    return truths | {
        "warm": _rises(warm, 0.35, 0.80),
        "cold": _rises(cold, 0.35, 0.80),
        "many": _rises(entropy, 0.45, 0.75),
    }


def _hue_and_chroma(pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    red, green, blue = pictures.unbind(dim=-1)
    chroma = pictures.amax(dim=-1) - pictures.amin(dim=-1)
    angle = torch.atan2(3.0**0.5 * (green - blue), 2.0 * red - green - blue)
    return (angle / (2.0 * np.pi)).remainder(1.0), chroma


def _edges(pictures: torch.Tensor) -> torch.Tensor:
    light = pictures.mean(dim=-1)
    return light.diff(dim=1).abs().mean(dim=(1, 2)) + light.diff(dim=2).abs().mean(dim=(1, 2))


def _rises(values: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """0 below `low`, 1 above `high`, a smooth step between."""
    t = ((values - low) / (high - low)).clamp(0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
