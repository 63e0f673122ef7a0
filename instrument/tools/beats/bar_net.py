"""The fit of the network that finds the first beats of bars.

It sees sketches of beats, at the times of the true ones or a little beside them.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from instrument.features.beat.steps import STEP_S
from instrument.features.rhythm import BEATS_IN_BAR
from instrument.tools.beats.beatwise_net import Plan, Shape, fit_beatwise, sketches
from instrument.tools.beats.crops import STRETCH, Crop, Example, crop, draw, long_enough

Floats = npt.NDArray[np.float32]

SHAPE = Shape(found=40, units=64, outputs=1)
CROP_S = 24.0
FIRST_WEIGHT = 3.0
"""Firsts are one beat in four."""
SKIPPED = 8
"""Fewer beats than this are left out at the start of a crop: it shall not learn that music begins with a bar."""
NOT_COUNTED = 4
"""Beats at the start of what is left."""
TUNES_SHARE = 0.5
FEWEST_BEATS = 24


def beats_of(drawn: Crop, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Sketches ``(beats, VALUES)`` of the beats of a crop, and which of them begin a bar ``(beats, 1)``.

    They begin with one of the first `SKIPPED`.
    """
    marks = np.flatnonzero(drawn.marks[:, 0] == 1.0)[rng.integers(SKIPPED) :]
    firsts = drawn.marks[marks[:-1], 1] == 1.0
    return sketches(drawn, marks, rng), firsts.astype(np.float32)[:, None]


def fit_bars(
    made: Sequence[Example], tunes: Sequence[Example], steps: int, seed: int, tell: Callable[[int, float], None]
) -> dict[str, Floats]:
    """The network's arrays by name, fitted to those pieces of both kinds that are in bars of four.

    Raises
    ------
    ValueError
        If none that was `made` is as long as a crop.
    """
    hops = round(CROP_S / STEP_S)
    made, tunes = _usable(made, hops), _usable(tunes, hops)
    if not made:
        raise ValueError(f"no piece in bars of four is longer than {np.exp(STRETCH) * CROP_S:.1f} s")
    rng = np.random.default_rng(0)
    sample = np.concatenate([beats_of(crop(example, hops, rng), rng)[0] for example in (*made, *tunes)[::9]])

    def one(rng: np.random.Generator) -> tuple[Floats, Floats]:
        return beats_of(draw(made, tunes, TUNES_SHARE, hops, rng), rng)

    return fit_beatwise(SHAPE, sample, one, Plan(steps, seed, (1.0,), (FIRST_WEIGHT,), NOT_COUNTED), tell)


def _usable(examples: Sequence[Example], hops: int) -> list[Example]:
    return [
        example
        for example in long_enough(examples, hops)
        if example.bar == BEATS_IN_BAR and len(example.beats_s) >= FEWEST_BEATS
    ]
