"""The teacher: a procedural picture whose every pixel is a function of a few fields. Pure, torch, seeded by its family.

``Teacher(family).pictures(codes)`` is all that is needed to make pictures; `Teacher.mood_weights` and the family's
words say what is in them.
"""

import math

import torch
from torch.nn import functional

from instrument.tools.distil.codes import KNOBS, MOOD_FIELDS, Canvas, fields_at, grid, make_canvas
from instrument.tools.distil.family import Family, Palette
from instrument.tools.distil.folding import FOLD, HALVES, Folding, fold, folding_of

MOOD_CONTRAST = 3.2
"""Logits a mood field makes: how narrow the seams between the moods are."""
_CHUNK = 8
Signals = dict[str, torch.Tensor]


class Teacher:
    """One family's pictures."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.canvas: Canvas = make_canvas(family)
        self.folding: Folding = folding_of(family)

    def pictures(self, codes: torch.Tensor, size: int = 256) -> torch.Tensor:
        """Codes ``(m, n)`` to pictures ``(m, size, size, 3)`` float32, -1 to 1."""
        points = grid(size)[None]
        parts = [self.colours(part, points.expand(len(part), -1, -1)) for part in torch.split(codes, _CHUNK)]
        return torch.cat(parts).view(len(codes), size, size, 3)

    def colours(self, codes: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        """``(m, k, 3)``, -1 to 1, of codes ``(m, n)`` at points ``(m, k, 2)``, each coordinate -0.5 to 0.5."""
        return self.shade(self.signals(codes, points), codes[:, KNOBS])

    def signals(self, codes: torch.Tensor, points: torch.Tensor) -> Signals:
        """What the last step of the folding knows: ``(m, k)`` each."""
        return fold(self.folding, fields_at(self.canvas, codes, points))

    def mood_weights(self, codes: torch.Tensor, size: int = 32) -> torch.Tensor:
        """Share of the picture that each mood has, ``(m, 3)``, in the order of `family.MOODS`."""
        points = grid(size)[None].expand(len(codes), -1, -1)
        return _moods(self.signals(codes, points)).mean(dim=1)

    def shade(self, signals: Signals, knobs: torch.Tensor) -> torch.Tensor:
        """Colours ``(m, k, 3)`` of signals ``(m, k)`` and knobs ``(m, 4)``."""
        dials = knobs[:, None, :]
        moods = _moods(signals)
        neon = _neon(self.family, signals, dials)
        parts = torch.stack([_fire(self.family, signals, dials), _water(self.family, signals, dials), neon], dim=-1)
        seam = 1.5 * (1.0 - moods.square().sum(dim=-1, keepdim=True))
        mixed = (parts * moods[..., None, :]).sum(dim=-1) + 0.30 * seam * neon
        clipped = mixed.clamp(0.0, 1.0)
        return 2.0 * (clipped + 0.35 * clipped * (1.0 - clipped) * (2.0 * clipped - 1.0)) - 1.0


def _moods(signals: Signals) -> torch.Tensor:
    return torch.softmax(MOOD_CONTRAST * torch.stack([signals[name] for name in MOOD_FIELDS], dim=-1), dim=-1)


def ramp(palette: Palette, t: torch.Tensor) -> torch.Tensor:
    """Colours ``(..., 3)`` of a palette at `t`, 0 to 1, straight lines between."""
    colours = torch.tensor(palette)
    place = t.clamp(0.0, 1.0)[..., None] * (len(palette) - 1)
    steps = (place - torch.arange(len(palette) - 1)).clamp(0.0, 1.0)
    return colours[0] + steps @ colours.diff(dim=0)


def _saw(signals: Signals, phase: str, fall: float) -> torch.Tensor:
    """A ramp of period 1 that rises from 0 to 1 and falls back in `fall` of it."""
    # The later chain's sign says which half of the triangle wave this is.
    rate = ((signals[phase + HALVES[1] + FOLD] - 0.5) / (0.5 * fall)).clamp(-1.0, 1.0)
    return (signals[phase + FOLD] - 0.5 + rate).abs() - 0.5


def _fire(family: Family, signals: Signals, dials: torch.Tensor) -> torch.Tensor:
    first, second = _saw(signals, "flame", family.fall), _saw(signals, "shard", family.fall)
    ridge = (1.0 - 0.95 * signals["spark" + FOLD]).clamp(min=0.0)
    heat = 0.54 * first + 0.36 * second + 0.34 * ridge.square() - 0.20 + 0.10 * signals["veil"]
    blend = torch.sigmoid(1.5 * dials[..., 0] + 0.8 * signals["hue"])[..., None]
    colour = ramp(family.fire[0], heat) * (1.0 - blend) + ramp(family.fire[1], heat) * blend
    return colour + 0.35 * ridge[..., None] ** 10


def _water(family: Family, signals: Signals, dials: torch.Tensor) -> torch.Tensor:
    deep, veil = signals["deep"], signals["veil"]
    depth = 0.46 + family.swing * torch.sin(family.wave * deep + 0.5 * dials[..., 0]) + family.haze * veil
    blend = torch.sigmoid(1.5 * dials[..., 1] + 0.8 * signals["hue"])[..., None]
    colour = ramp(family.water[0], depth) * (1.0 - blend) + ramp(family.water[1], depth) * blend
    return colour + 0.16 * (0.5 + 0.5 * torch.sin(2.2 * veil + 1.2 * deep)[..., None]) ** 3


def _neon(family: Family, signals: Signals, dials: torch.Tensor) -> torch.Tensor:
    """Two families of lines that glow, and facets between them; an exponential tone map keeps the cores white."""
    hue = family.hue_shift + family.hue_span * (0.30 * signals["hue"] + 0.17 * signals["deep"] + 0.16 * dials[..., 2])
    light = torch.tensor([0.03, 0.0, 0.07])
    for phase, width, reach, turn, gain in (("first", 1.0, 0.11, 0.0, 1.0), ("second", 0.8, 0.09, 0.40, 0.85)):
        distance = (signals[phase + FOLD] - 0.5).abs()
        line = torch.exp(-(distance / (width * family.line_width)).square())
        glow = torch.exp(-distance / reach)
        colour = _wheel(hue + turn)
        light = light + gain * (line[..., None] * (0.55 * colour + 0.45) + 0.45 * glow[..., None] * colour)
    first, second = (signals[phase + HALVES[1] + FOLD].clamp(0.0, 1.0) for phase in ("first", "second"))
    facet = first * second
    strength = 0.50 * torch.sigmoid(1.2 * dials[..., 3])
    light = light + (2.0 * strength * facet)[..., None] * _wheel(hue + 0.55)
    return 1.0 - torch.exp(-1.6 * light)


def _wheel(hue: torch.Tensor) -> torch.Tensor:
    """A saturated colour ``(..., 3)`` of a hue in turns."""
    angle = 2.0 * math.pi * (hue[..., None] - torch.tensor([0.0, 1.0 / 3.0, 2.0 / 3.0]))
    return functional.relu(0.5 + 0.5 * torch.cos(angle)) ** 1.25
