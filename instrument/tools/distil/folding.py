"""The steps from fields to folded phases, written once: the teacher runs them, the network is built from them.

Each step is a row of signals, and each signal a linear combination of those before it. A signal `s` comes out of its
step as two things, itself and its absolute value `s.fold`, because a pair of leaky ReLUs carries exactly these two.
Folding a number three times makes a triangle wave of it without any long sum, so that rounding stays small.
"""

from dataclasses import dataclass

import torch

from instrument.tools.distil.codes import MOOD_FIELDS
from instrument.tools.distil.family import Family, Mix

FOLD = ".fold"
FOLDS = (0.0, 2.0, 1.0)
"""Where a phase is folded, one after the other: a triangle wave of period 2 and height 1 for phases from -4 to 4."""
QUADRATURE = 0.5
"""Second chain of every phase, a quarter of the wave's period later: the two together tell rise from fall."""
HALVES = ("", "'")
BEFORE, AFTER = ".before", ".after"
"""A creased field is folded at its centre and to both sides of it, which makes a zigzag of three."""

Step = dict[str, Mix]


@dataclass(frozen=True, slots=True)
class Folding:
    """All steps in order; the first reads the fields."""

    steps: tuple[Step, ...]

    @property
    def outputs(self) -> tuple[str, ...]:
        """Signals of the last step."""
        return tuple(self.steps[-1])


def folding_of(family: Family) -> Folding:
    """The steps of a family: creases, phases, and the phases' folds."""
    centres = {name: spec.centre for name, spec in family.fields.items()} | dict.fromkeys(MOOD_FIELDS, 0.0)
    first: Step = {name: {name: 1.0, "": centre} for name, centre in centres.items()}
    for name in family.creases:
        first[name + BEFORE] = {name: 1.0, "": centres[name] - family.crease_width}
        first[name + AFTER] = {name: 1.0, "": centres[name] + family.crease_width}
    plain = {f"{name}{half}": mix | {"": mix.get("", 0.0) + index * QUADRATURE}
             for name, mix in family.phases.items() for index, half in enumerate(HALVES)}  # fmt: skip
    carried = family.linear | {name: {name: 1.0} for name in MOOD_FIELDS}
    phases: Step = {name: _spread(mix, centres, family.crease_width) for name, mix in (plain | carried).items()}
    keep: Step = {name: {name: 1.0} for name in carried}
    folds = [{name: {name + FOLD: 1.0, "": -width} for name in plain} | keep for width in FOLDS[1:]]
    return Folding((first, phases, *folds))


def _spread(mix: Mix, centres: Mix, width: float) -> Mix:
    """A family's mix of fields and creases by what the first step makes: fields come shifted, creases in three."""
    spread: Mix = {"": mix.get("", 0.0)}
    for name, weight in mix.items():
        if name.endswith(FOLD):
            field = name.removesuffix(FOLD)
            # | |x| - width | = |x - width| + |x + width| - |x| - width
            parts = {field + BEFORE + FOLD: weight, field + AFTER + FOLD: weight, field + FOLD: -weight}
            spread = spread | {part: spread.get(part, 0.0) + share for part, share in parts.items()}
            spread[""] -= weight * width
        elif name:
            spread[name] = spread.get(name, 0.0) + weight
            spread[""] -= weight * centres[name]
    return spread


def fold(folding: Folding, fields: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Signals of the last step, and their folds, at every point that `fields` are given at."""
    known = fields
    for step in folding.steps:
        made = {name: combine(mix, known) for name, mix in step.items()}
        known = made | {name + FOLD: value.abs() for name, value in made.items()}
    return known


def combine(mix: Mix, known: dict[str, torch.Tensor]) -> torch.Tensor:
    """The linear combination `mix` of what is known."""
    terms = [weight * known[name] for name, weight in mix.items() if name]
    return torch.stack(terms).sum(dim=0) + mix.get("", 0.0)


def shapes_of(family: Family) -> tuple[Mix, ...]:
    """Where the first trained layer begins to bend: hinges at what the pictures are made of, one a channel.

    They are a start only, and trained with the rest; without them the lines and the edges are not found.
    """
    hinges: list[Mix] = []
    for name in ("first", "second"):
        hinges += [{name + FOLD: 1.0, "": -0.5 - at} for at in (-0.12, -0.03, 0.03, 0.12)]
    for name in ("flame", "shard"):
        hinges += [{name + HALVES[1] + FOLD: 1.0, "": -0.5 - at} for at in (-0.5 * family.fall, 0.5 * family.fall)]
        hinges += [{name + FOLD: sign, "": -0.5 * sign} for sign in (1.0, -1.0)]
    hinges += [{name + HALVES[1] + FOLD: 1.0, "": -0.2} for name in ("first", "second")]
    hinges += [{"spark" + FOLD: -1.0, "": at} for at in (1.05, 0.65, 0.30)]
    hinges += [{"deep": 1.0, "": at} for at in (0.8, 0.0, -0.8)] + [{"veil": 1.0}]
    hinges += [{"hue": 1.0, "": at} for at in (0.6, 0.0, -0.6)]
    pairs = zip(MOOD_FIELDS, (*MOOD_FIELDS[1:], MOOD_FIELDS[0]), strict=True)
    return (*hinges, *({one: 1.0, other: -1.0} for one, other in pairs))
