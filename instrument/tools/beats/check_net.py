"""The fit of the network that checks the beats that are played.

It sees sketches of true beats, or of what could be taken for them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.features.beat.beat_checker import HEARD_FROM
from instrument.features.beat.beat_sketch import VALUES
from instrument.features.beat.steps import STEP_S
from instrument.tools.beats.beatwise_net import Plan, Shape, fit_beatwise, sketches
from instrument.tools.beats.crops import STRETCH, Crop, Example, draw, long_enough

Floats = npt.NDArray[np.float32]

SHAPE = Shape(found=48, units=80, outputs=3)
ASKED = 2
"""Of its outputs; the last is whether a bar begins. Who has learned that as well knows beats of other music better."""
SHARES, YES_WEIGHTS = (0.5, 0.5, 0.5), (1.0, 1.0, 3.0)
"""Of the questions in the loss, and what a yes weighs: a bar begins on one beat in four."""
CROP_S = 24.0
TUNES_SHARE = 0.6
SKIPPED = 4
"""Fewer beats than this are left out at the start of a crop."""
FEWEST_BEATS, FEWEST_PLAYED = 6, 4
"""In a crop, true ones and played ones."""
SAME = 0.1
"""Up to this, in periods, from a true beat it is one."""
SAMPLE_CROPS = 150
OUTPUTS = ("weight_out", "bias_out")
"""Arrays with a row for each output."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Beats that could be played: how often, one in how many true ones, and where the first may lie, in true ones."""

    share: float
    every: float
    begins: tuple[float, ...]


MISTAKES = (
    Mistake(0.30, 1.0, (0.0,)),  # none
    Mistake(0.23, 1.0, (0.5,)),
    Mistake(0.14, 0.5, (0.0,)),
    Mistake(0.11, 2.0, (0.0, 1.0)),
    Mistake(0.04, 2.0, (0.5, 1.5)),
    Mistake(0.05, 2.0 / 3.0, (0.0,)),
    Mistake(0.05, 1.5, (0.0, 0.5, 1.0)),
    Mistake(0.03, 4.0 / 3.0, (0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0)),
    Mistake(0.02, 0.75, (0.0, 0.25, 0.5)),
    Mistake(0.02, 1.25, (0.0, 0.25, 0.5, 0.75)),
    Mistake(0.01, 0.8, (0.0, 0.2, 0.4)),
)


def beats_of(drawn: Crop, mistake: Mistake, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Sketches ``(beats, VALUES)`` of the beats that `mistake` plays in a crop, and what is right ``(beats, 3)``.

    That is whether each is a true one, whether there is one half way to the next, and whether it begins a bar, NaN
    where nobody knows. Where there are too few, no rows.
    """
    marks = np.flatnonzero(drawn.marks[:, 0] == 1.0)
    played = np.arange(rng.choice(mistake.begins), len(marks) - 1 + 1e-6, mistake.every)[rng.integers(SKIPPED) :]
    if len(marks) < FEWEST_BEATS or len(played) < FEWEST_PLAYED:
        return np.zeros((0, VALUES), np.float32), np.zeros((0, SHAPE.outputs), np.float32)
    on_beat, half_way = _is_beat(played[:-1]), _is_beat(0.5 * (played[1:] + played[:-1]))
    nearest = drawn.marks[marks[np.rint(played[:-1]).astype(int)]]
    first = np.where(nearest[:, 2] == 1.0, on_beat * (nearest[:, 1] == 1.0), np.nan)
    right = np.stack([on_beat, half_way, first], axis=1).astype(np.float32)
    return sketches(drawn, np.interp(played, np.arange(len(marks)), marks), rng), right


def fit_checks(
    made: Sequence[Example], tunes: Sequence[Example], steps: int, seed: int, tell: Callable[[int, float], None]
) -> dict[str, Floats]:
    """The network's arrays by name, fitted to pieces of both kinds.

    Raises
    ------
    ValueError
        If none that was `made` is as long as a crop and has beats.
    """
    hops = round(CROP_S / STEP_S)
    made, tunes = _usable(made, hops), _usable(tunes, hops)
    if not made:
        raise ValueError(f"no piece with beats is longer than {np.exp(STRETCH) * CROP_S:.1f} s")
    shares = np.array([mistake.share for mistake in MISTAKES])

    def one(rng: np.random.Generator) -> tuple[Floats, Floats]:
        while True:
            drawn = draw(made, tunes, TUNES_SHARE, hops, rng)
            beats, right = beats_of(drawn, MISTAKES[rng.choice(len(MISTAKES), p=shares)], rng)
            if len(beats):
                return beats, right

    rng = np.random.default_rng(seed)
    sample = np.concatenate([one(rng)[0] for _ in range(SAMPLE_CROPS)])
    arrays = fit_beatwise(SHAPE, sample, one, Plan(steps, seed, SHARES, YES_WEIGHTS, HEARD_FROM), tell)
    return {name: array[:ASKED] if name in OUTPUTS else array for name, array in arrays.items()}


def _usable(examples: Sequence[Example], hops: int) -> list[Example]:
    """Those with beats throughout: in any stretch of them there are enough."""
    return [
        example
        for example in long_enough(examples, hops)
        if len(example.beats_s) > len(example.heard) * example.hop_s / CROP_S * 2 * FEWEST_BEATS
    ]


def _is_beat(played: npt.NDArray[np.floating]) -> Floats:
    return np.asarray(np.abs(played - np.rint(played)) < SAME, np.float32)
