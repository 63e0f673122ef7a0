"""What the numbers of a code mean, and how a code becomes the fields of a picture. Pure, torch, seeded.

A code is ``(n,)``, standard normal: two numbers place it on the mood plane, four are knobs of colour, three turn and
move the canvas, the rest weigh the patterns of the fields.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch

from instrument.tools.distil.family import Family

MOOD_AXES = slice(0, 2)
KNOBS = slice(2, 6)
"""Fire's palette, water's palette, hue, and how much the facets glow."""
STYLED = slice(0, 6)
"""What the layers above the fields are modulated by."""
CANVAS = slice(6, 9)
FIRST_WEIGHT = 9
CORNERS = np.array([[math.cos(math.pi * t), math.sin(math.pi * t)] for t in (0.5, 7 / 6, 11 / 6)])
"""``(3, 2)``: where the moods lie on the mood plane, as in `MOODS`."""
MOOD_REACH = 2.2
"""How far out on the mood plane a code is of one mood only."""
WAVES = 15
"""Frequency vectors, each a cosine and a sine."""
MOOD_FIELDS = ("mood.0", "mood.1", "mood.2")
_PATTERN_SLOPE = 1.6
_KEPT = 0.5
"""Share of the waves that a pattern is made of."""


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """The patterns of one family. All float64.

    `freqs` ``(waves, 2)`` and `phases` ``(waves,)`` of the sines; `mix` ``(rows, waves)`` makes patterns of unit
    variance; `styles` ``(rows, n)`` and `style_bias` ``(rows,)`` make a row's weight of a code; `owner` ``(rows,)`` is
    the field a row belongs to, in the order of `names`.
    """

    names: tuple[str, ...]
    freqs: torch.Tensor
    phases: torch.Tensor
    mix: torch.Tensor
    styles: torch.Tensor
    style_bias: torch.Tensor
    owner: torch.Tensor
    turn: float
    travel: float

    @property
    def code_size(self) -> int:
        """Numbers in a code: n."""
        return int(self.styles.shape[1])


def make_canvas(family: Family) -> Canvas:
    """The patterns of a family; they depend on nothing but it."""
    rng = np.random.default_rng(family.seed)
    freqs, phases = _waves(family, rng)
    specs = [(name, spec.rows, spec.slope, spec.fixed) for name, spec in family.fields.items()]
    specs += [(name, 3, _PATTERN_SLOPE, family.patches) for name in MOOD_FIELDS]
    size = FIRST_WEIGHT + sum(rows - 1 for _, rows, _, _ in specs) - len(MOOD_FIELDS)
    mix, styles, bias, owner = [], [], [], []
    code = FIRST_WEIGHT
    for index, (name, rows, slope, fixed) in enumerate(specs):
        for row in range(rows):
            style = np.zeros(size)
            is_level = name in MOOD_FIELDS and row == rows - 1
            if is_level:
                style[MOOD_AXES] = CORNERS[MOOD_FIELDS.index(name)]
            elif row > 0:
                style[code] = 0.8 / math.sqrt(rows - 1) if name not in MOOD_FIELDS else family.patches
                code += 1
            mix.append(_level(len(freqs)) if is_level else _pattern(freqs, slope, rng))
            styles.append(style)
            bias.append(fixed if row == 0 else 0.0)
            owner.append(index)
    assert code == size, (code, size)
    return Canvas(
        names=tuple(name for name, *_ in specs),
        freqs=torch.from_numpy(freqs),
        phases=torch.from_numpy(phases),
        mix=torch.from_numpy(np.array(mix)),
        styles=torch.from_numpy(np.array(styles)),
        style_bias=torch.tensor(bias, dtype=torch.float64),
        owner=torch.tensor(owner),
        turn=family.turn,
        travel=family.travel,
    )


def _waves(family: Family, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies ``(2 * WAVES + 2, 2)`` and phases: cosine and sine of each vector, then the constant twice."""
    steps = np.arange(WAVES) / (WAVES - 1)
    length = family.low_frequency * (family.high_frequency / family.low_frequency) ** steps
    # The golden angle spreads the directions; the jitter keeps them from lining up.
    angle = np.arange(WAVES) * 0.618034 * math.pi + rng.normal(0.0, 0.3, WAVES)
    vectors = length[:, None] * np.stack([family.stretch * np.cos(angle), np.sin(angle) / family.stretch], axis=1)
    freqs = np.concatenate([np.repeat(vectors, 2, axis=0), np.zeros((2, 2))])
    phases = np.concatenate([np.tile([0.25, 0.0], WAVES), [0.25, 0.25]])
    return freqs, phases


def _pattern(freqs: np.ndarray, slope: float, rng: np.random.Generator) -> np.ndarray:
    length = np.linalg.norm(freqs[:-2], axis=1)
    kept = rng.random(WAVES).repeat(2) < _KEPT
    kept[0:2] |= not kept.any()
    amplitude = rng.normal(size=len(length)) * length**-slope * kept
    # A sine's variance is a half.
    amplitude *= math.sqrt(2.0) / np.linalg.norm(amplitude)
    return np.concatenate([amplitude, [0.0, 0.0]])


def _level(waves: int) -> np.ndarray:
    row = np.zeros(waves)
    row[-2] = 1.0
    return row


def canvas_matrix(canvas: Canvas, codes: torch.Tensor) -> torch.Tensor:
    """``(m, 2, 3)``: from picture coordinates ``(x, y, 1)`` to the patterns', as StyleGAN3's input moves them."""
    turn, x, y = (canvas.turn * codes[:, 6], canvas.travel * codes[:, 7], canvas.travel * codes[:, 8])
    length = torch.sqrt(1.0 + turn.square())
    cosine, sine, x, y = 1.0 / length, turn / length, x / length, y / length
    rows = torch.stack([cosine, -sine, sine, cosine], dim=1).view(-1, 2, 2)
    shift = -(rows @ torch.stack([x, y], dim=1)[:, :, None])
    return torch.cat([rows, shift], dim=2)


def fields_at(canvas: Canvas, codes: torch.Tensor, points: torch.Tensor) -> dict[str, torch.Tensor]:
    """Every field ``(m, k)`` float32 of codes ``(m, n)`` at points ``(m, k, 2)``, x and y from -0.5 to 0.5.

    A field is of unit variance whatever the code: a weaker code changes what is seen, never its contrast.
    """
    codes = codes.double()
    matrix = canvas_matrix(canvas, codes)
    freqs = canvas.freqs @ matrix[:, :, :2]  # (m, waves, 2)
    phases = canvas.phases + matrix[:, :, 2] @ canvas.freqs.T
    angle = points @ freqs.transpose(1, 2).float() + phases[:, None].float()
    waves = torch.sin(2.0 * math.pi * angle)
    weights = codes @ canvas.styles.T + canvas.style_bias
    power = torch.zeros(len(codes), len(canvas.names), dtype=torch.float64)
    power.index_add_(1, canvas.owner, weights.square())
    scaled = weights / power.sqrt()[:, canvas.owner]
    mixes = torch.zeros(len(codes), len(canvas.names), canvas.mix.shape[1], dtype=torch.float64)
    mixes.index_add_(1, canvas.owner, scaled[:, :, None] * canvas.mix)
    values = waves @ mixes.transpose(1, 2).float()
    return {name: values[:, :, index] for index, name in enumerate(canvas.names)}


def draw_codes(canvas: Canvas, count: int, rng: np.random.Generator) -> torch.Tensor:
    """``(count, n)``, as the mapping network makes them: normal, on a sphere of radius sqrt(n)."""
    z = rng.standard_normal((count, canvas.code_size))
    z *= math.sqrt(canvas.code_size) / np.linalg.norm(z, axis=1, keepdims=True)
    return torch.from_numpy(z).float()


def mood_code(canvas: Canvas, mood: int, rng: np.random.Generator | None = None) -> torch.Tensor:
    """``(n,)``: a code of one mood only; the rest of it zero, or drawn."""
    code = torch.zeros(canvas.code_size) if rng is None else draw_codes(canvas, 1, rng)[0]
    code[MOOD_AXES] = torch.from_numpy(MOOD_REACH * CORNERS[mood]).float()
    return code


def grid(size: int) -> torch.Tensor:
    """``(size * size, 2)``: pixel centres of a picture, x then y, row by row."""
    line = (torch.arange(size, dtype=torch.float32) + 0.5) / size - 0.5
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x, y], dim=-1).view(-1, 2)
