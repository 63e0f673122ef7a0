"""How well a mapping hears music it was not fitted to: the confusion table and the bass test. Pure."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

from instrument.mapping.mapper import softmax
from instrument.mapping.network import MoodNetwork
from instrument.tools.fit.character import CHARACTERS, MEASURES, character_scores
from instrument.tools.fit.examples import Roles
from instrument.tools.fit.material import Heard

FloatArray = npt.NDArray[np.float64]

EXCERPT_S = 10.0
BASS_QUANTILE = 0.75
"""An excerpt is low-frequency-heavy if its share of energy below 150 Hz is in the top quarter of all judged..."""
QUIET_DB = -30.0
"""...that are not quiet: there must be energy for it to be bass-heavy energy. Fixed before any figure was seen."""

ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Share of energy below 150 Hz, level in dB, whether the heavy mood has the largest mean weight, or the score."""

    bass_share: float
    level_db: float
    leads: bool
    by_rule: bool


@dataclass(frozen=True, slots=True)
class BassTest:
    """Low-frequency-heavy excerpts, and those in which the heavy mood has the largest mean weight.

    `by_rule` counts those that the rule itself calls heavy; `share` is the least share of bass among them.
    """

    excerpts: int
    heavy: int
    by_rule: int
    share: float

    @property
    def passed(self) -> bool:
        """Whether the heavy mood leads in nine of ten."""
        return self.excerpts > 0 and self.heavy >= ENOUGH * self.excerpts

    def text(self) -> str:
        """One line."""
        if not self.excerpts:
            return "bass test: no excerpt is low-frequency-heavy"
        return (
            f"bass test: the heavy mood leads in {self.heavy} of {self.excerpts} low-frequency-heavy excerpts of "
            f"{EXCERPT_S:g} s, {self.heavy / self.excerpts:.0%} (at least {self.share:.0%} of their energy below "
            f"150 Hz, louder than {QUIET_DB:g} dB; the rule itself says heavy in {self.by_rule / self.excerpts:.0%})"
        )


def confusion(network: MoodNetwork, heard: Sequence[Heard], roles: Roles) -> npt.NDArray[np.int64]:
    """Hops by the mood of the rule (rows) and the strongest mood (columns), ``(K, K)``."""
    count = len(roles.moods)
    table = np.zeros((count, count), np.int64)
    for one in heard:
        labels = roles.labels(np.eye(len(CHARACTERS))[character_scores(one.measured).argmax(axis=1)])
        known = labels.sum(axis=1) > 0.0
        strongest = network.process(one.inputs[known])[0].argmax(axis=1)
        np.add.at(table, (labels[known].argmax(axis=1), strongest), 1)
    return table


def bass_test(rows: Sequence[Excerpt]) -> BassTest:
    """Choose the low-frequency-heavy ones among excerpts, each judged by a network that did not learn from it."""
    table = np.array([astuple(row) for row in rows], np.float64).reshape(-1, 4)
    loud = table[:, 1] > QUIET_DB
    if not loud.any():
        return BassTest(0, 0, 0, 0.0)
    least = float(np.quantile(table[loud, 0], BASS_QUANTILE))
    chosen = table[loud & (table[:, 0] >= least)]
    return BassTest(len(chosen), int(chosen[:, 2].sum()), int(chosen[:, 3].sum()), least)


def table_text(table: npt.NDArray[np.int64], names: Sequence[str]) -> str:
    """The confusion table in percent of each row."""
    width = max(len(name) for name in names) + 2
    lines = ["rule \\ heard".ljust(width + 4) + "".join(name.rjust(width) for name in names)]
    for name, row in zip(names, table, strict=True):
        cells = "".join(f"{share:.0%}".rjust(width) for share in row / max(int(row.sum()), 1))
        lines.append(name.ljust(width + 4) + cells + f"   of {row.sum()} hops")
    balanced = float(np.mean(np.diag(table) / np.maximum(table.sum(axis=1), 1)))
    overall = float(np.trace(table) / max(int(table.sum()), 1))
    return "\n".join([*lines, f"agreement {overall:.1%}, mean over the moods {balanced:.1%}"])


def excerpts(network: MoodNetwork, one: Heard, roles: Roles) -> list[Excerpt]:
    """The whole excerpts of a track, as a network hears them; none of one that is shorter."""
    heavy = roles.table[CHARACTERS.index("heavy")] > 0.0
    hops = round(EXCERPT_S / one.hop_s)
    logits = network.process(one.inputs)[0].astype(np.float64)
    weights = np.array([softmax(row) for row in logits])
    rows = []
    for start in range(0, len(weights) - hops + 1, hops):
        part = slice(start, start + hops)
        means = one.measured[part].mean(axis=0)
        by_rule = character_scores(one.measured[part]).mean(axis=0).argmax() == CHARACTERS.index("heavy")
        leads = bool(heavy[weights[part].mean(axis=0).argmax()])
        share, level_db = (float(means[MEASURES.index(name)]) for name in ("bass_share", "level_db"))
        rows.append(Excerpt(share, level_db, leads, bool(by_rule)))
    return rows
