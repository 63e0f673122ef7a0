"""Sentences about pictures, made of the vocabulary, each with the concepts that it claims."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from instrument.tools.scorer.measures import Truths
from instrument.tools.scorer.vocabulary import COLOURS, MANNERS, SHAPES, THINGS, Words

TEMPLATES = (
    "{thing}", "{manner} {thing}", "{colour} {thing}", "{manner} {colour} {thing}", "{thing}, {shape}",
    "{manner} {colour}, {shape}", "{shape}", "{manner} {shape}", "{colour} {shape}", "{manner} {colour} {shape}",
    "{manner}", "{manner} and {manner}", "{colour}", "{colour} and {colour}", "{manner} {colour}",
    "{colour}, {colour} {shape}", "{shape} like {thing}", "a picture of {thing}", "{thing} in {colour}",
    "an abstract image of {colour} {shape}", "a {manner} mood", "it feels {manner}", "{manner} {colour} atmosphere",
    "{thing} and {thing}", "{shape} and {shape}",
)  # fmt: skip
LISTS: dict[str, Words] = {"thing": THINGS, "manner": MANNERS, "colour": COLOURS, "shape": SHAPES}
_SHARPNESS = 2.0
"""A concept is mentioned with the square of its truth: what is plain to see is said more often."""
_ALWAYS = 1e-3
"""Truth that every concept has at least, so that something can be said of any picture."""


@dataclass(frozen=True, slots=True)
class Caption:
    """A sentence and the concepts that must be true of a picture it describes."""

    text: str
    claims: tuple[str, ...]


def caption_of(truths: dict[str, float], rng: np.random.Generator) -> Caption:
    """One of the many things that can be said about a picture, by how true each concept is of it."""
    template = TEMPLATES[rng.integers(len(TEMPLATES))]
    claims: list[str] = []
    parts = template.split("{")
    text = parts[0]
    for part in parts[1:]:
        kind, rest = part.split("}")
        words = LISTS[kind]
        weights = np.array([max(truths[name], _ALWAYS) ** _SHARPNESS for name in words])
        concept = list(words)[rng.choice(len(weights), p=weights / weights.sum())]
        claims.append(concept)
        word = words[concept][rng.integers(len(words[concept]))]
        text += (word.removeprefix("a ").removeprefix("an ") if text else word) + rest
    return Caption(text, tuple(dict.fromkeys(claims)))


def truth_matrix(truths: Truths, captions: Sequence[Caption]) -> torch.Tensor:
    """``(pictures, captions)``: how true each caption is, the geometric mean of its claims'."""
    names = {name: index for index, name in enumerate(truths)}
    logs = torch.stack(list(truths.values()), dim=1).clamp(min=_ALWAYS).log()
    claimed = torch.zeros(len(names), len(captions))
    for column, caption in enumerate(captions):
        for name in caption.claims:
            claimed[names[name], column] = 1.0 / len(caption.claims)
    return (logs @ claimed).exp()
