"""What every scorer is, and which there are: each one file, imported only when it is made."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from instrument.errors import SettingsError, candidates

Images = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.float32]
Seen = npt.NDArray[np.float32]
"""What a scorer sees in pictures, ``(n, width)``, each of length 1: enough to compare them with any words later."""


class Scorer(Protocol):
    """Says how well words fit pictures. One owner thread."""

    @property
    def identity(self) -> str:
        """What tells this scorer from another, its weights included: a run goes on with none but its own."""
        ...

    @property
    def width(self) -> int:
        """Numbers in which a picture is seen."""
        ...

    def see(self, images: Images) -> Seen:
        """``(n, width)`` for images ``(n, h, w, 3)``."""
        ...

    def compare(self, seen: Seen, prompts: Sequence[str]) -> Scores:
        """``(n, k)``: what `score` says of the pictures that were seen so."""
        ...

    def score(self, images: Images, prompts: Sequence[str]) -> Scores:
        """``(n, k)`` for images ``(n, h, w, 3)`` and k prompts: logits, the higher the better the fit.

        The score of a picture and a prompt does not depend on the others that are asked with them.
        """
        ...


@dataclass(frozen=True, slots=True)
class ScorerRow:
    """How one scorer is found."""

    name: str
    module: str
    class_name: str
    help: str


SCORERS: tuple[ScorerRow, ...] = (
    ScorerRow(
        "builtin",
        "instrument.mining.builtin",
        "BuiltinScorer",
        "a small tower trained on the default checkpoints' teachers; needs no download",
    ),
    ScorerRow(
        "openclip", "instrument.mining.openclip", "OpenClipScorer", "CLIP by open_clip, from weights on this machine"
    ),
)
DEFAULT = SCORERS[0].name


class _ScorerClass(Protocol):
    def __call__(self, weights: Path | None = None, model: str = "") -> Scorer: ...


def make_scorer(name: str, weights: Path | None = None, model: str = "") -> Scorer:
    """The scorer of this name; `weights` is its file and `model` its architecture, where it can be told.

    Raises SettingsError for a name that is not in the table, MiningError if the scorer cannot be had here.
    """
    row = next((row for row in SCORERS if row.name == name), None)
    if row is None:
        raise SettingsError(f"scorer '{name}' is not one of: {candidates(row.name for row in SCORERS)}")
    made = cast(_ScorerClass, getattr(importlib.import_module(row.module), row.class_name))
    return made(weights, model)
