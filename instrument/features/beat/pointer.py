"""How far the beat has come and how fast it goes, as odds over all of both: a bar pointer's forward filter."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.features.beat.network import TEMPI_BPM
from instrument.units import clamp

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

SLOWEST_BPM, FASTEST_BPM = 55.0, 215.0
USUAL_BPM = 106.0
USUAL_SPREAD = 0.34
"""Of the tempo before anything was heard, in natural logarithms."""
PULL = 0.6
"""How much of that is held against an unusual tempo again each second.

Where marks are scarce every other beat has one, or none, and half or double the tempo would explain them as well.
"""
STIFFNESS = 70.0
"""How unlikely a beat's period is to change, per relative change (lambda of Krebs, Böck and Widmer)."""
LEAP = 5e-4
"""Odds that a beat takes any other tempo."""
SETTLE_EVERY = 4
"""Hops between two times that the odds are brought back to a sum of 1; a look at them comes then too."""
RESTART = 2e-3
"""Odds a second that everything begins anew, tempo and phase."""
BEAT_WIDTHS = (0.6, 1.0, 0.6)
"""How much of a mark counts, a hop before the beat, on it, a hop after."""
NEUTRAL_MARK = 0.2
"""Mark at which beat and no beat are equally likely."""
NEUTRAL_ODDS = NEUTRAL_MARK / (1.0 - NEUTRAL_MARK)
LEAST_MARK = 0.05
CLEAR_MARK = 0.35
"""Height of marks in music whose beat is plain."""
MARK_MEMORY_S = 2.0
TRUST = 0.4
"""Exponent on the odds of a mark, since neighbouring hops say the same."""
NEAR_TEMPO = 0.06
NEAR_PHASE = 0.1
"""What counts as the same beat, relative to the period."""

HEED = 0.01
"""Exponent on the odds of tempi from elsewhere each time that they are told, since the next time says the same."""
LEAST_TEMPO = -3.0
"""Log-odds against the likeliest of those tempi below which all are alike: several may be meant, the others are out."""

FAVOUR = 0.9
"""Share of the odds that a hand moves."""
FAVOURED = 0.025


@dataclass(frozen=True, slots=True)
class Reading:
    """The likeliest beat: hops a period, phase ``[0, 1)`` since the last beat, and the share of the odds near it."""

    period: float
    phase: float
    share: float


class BeatPointer:
    """Forward filter over whole periods and positions within them, one step a hop.

    The states are those of Krebs, Böck and Widmer, "An efficient state-space model for joint tempo and meter tracking"
    (2015): a period of ``n`` hops has ``n`` positions. They lie in rings, so that going on by a hop moves
    nothing: only a pointer turns, and tempi mix where it passes the beat.
    """

    def __init__(self, step_s: float) -> None:
        shortest = max(int(np.floor(60.0 / FASTEST_BPM / step_s)), 4)
        longest = max(int(np.ceil(60.0 / SLOWEST_BPM / step_s)), shortest + 8)
        self._periods = np.arange(shortest, longest + 1)
        self._edges = np.concatenate([[0], np.cumsum(self._periods)])
        self._starts = self._edges[:-1]
        self._around = np.arange(len(BEAT_WIDTHS))[:, None] - len(BEAT_WIDTHS) // 2
        self._widths = np.array(BEAT_WIDTHS)[:, None]
        self._mixing = _mixing(self._periods)
        octaves = np.log(60.0 / (self._periods * step_s) / USUAL_BPM) / USUAL_SPREAD
        self._fresh = np.repeat(np.exp(-0.5 * octaves**2) / self._periods, self._periods)
        self._pull = np.repeat(np.exp(-0.5 * octaves**2 * PULL * SETTLE_EVERY * step_s), self._periods)
        self._fresh /= self._fresh.sum()
        at = np.interp(60.0 / (self._periods * step_s), TEMPI_BPM, np.arange(len(TEMPI_BPM)))
        self._below = np.minimum(at.astype(np.intp), len(TEMPI_BPM) - 2)
        self._part = at - self._below
        self._restart = RESTART * step_s * SETTLE_EVERY
        self._odds = self._fresh.copy()
        self._scratch = np.empty_like(self._odds)
        self._keep = math.exp(-step_s / MARK_MEMORY_S)
        self._highest = 0.0
        self._turn = 0

    def reset(self) -> None:
        """As if nothing had been heard."""
        self._odds[:] = self._fresh
        self._highest = 0.0
        self._turn = 0

    def step(self, mark: float) -> None:
        """Go on by a hop in which the beat was marked with `mark`, ``(0, 1)``."""
        self._turn += 1
        odds = self._odds
        on_beat = self._starts + (-self._turn) % self._periods
        odds[on_beat] = self._mixing @ odds[on_beat]
        mark = clamp(mark, LEAST_MARK, 1.0 - LEAST_MARK)
        self._highest = max(mark, self._highest * self._keep)
        # Where nothing is marked for long, a beat without a mark says nothing against it.
        likely = max((mark / (1.0 - mark) / NEUTRAL_ODDS) ** TRUST, 1.0 - self._highest / CLEAR_MARK)
        near = self._starts + (self._around - self._turn) % self._periods
        odds[near] *= 1.0 + self._widths * (likely - 1.0)
        if self._turn % SETTLE_EVERY == 0:
            self._settle()

    def _settle(self) -> None:
        """Make the odds sum to 1 again, usual tempi a little likelier and a little of it fresh."""
        self._odds *= self._pull
        self._odds *= (1.0 - self._restart) / np.add.reduce(self._odds)
        np.multiply(self._fresh, self._restart, out=self._scratch)
        self._odds += self._scratch

    def heed(self, tempi: npt.NDArray[np.floating]) -> None:
        """Lean towards tempi by the log-odds ``(tempi,)`` of `TEMPI_BPM`, up to what is added to all."""
        odds = tempi[self._below] * (1.0 - self._part) + tempi[self._below + 1] * self._part
        odds -= odds.max()
        np.maximum(odds, LEAST_TEMPO, out=odds)
        self._odds *= np.repeat(np.exp(HEED * odds), self._periods)

    def weigh(self, period: float, phase: float, on_beat: float, half_way: float) -> None:
        """Weigh the beat that has this period and phase against others that share some of its beats.

        Those are the off-beat, half and double the tempo, and tempi in threes and fours to it. `on_beat`
        is how likely the beat before the last one was one, `half_way` how likely one lay between the two.
        """
        rarely, never = on_beat * (1.0 - half_way), (1.0 - on_beat) * (1.0 - half_way)
        beside, often = (1.0 - on_beat) * half_way, on_beat * half_way
        # Beats of these tempi are those that are played, half way between them or neither, in turns.
        turns: tuple[tuple[float, tuple[float, ...]], ...] = (
            (3.0 / 2.0, (rarely, beside, never)),
            (2.0 / 3.0, (rarely, never)),
            (4.0 / 3.0, (rarely, never, never, never)),
            (3.0 / 4.0, (rarely, beside, never)),
        )
        for length, each in turns:
            mean = math.prod(likely / rarely for likely in each) ** (1.0 / len(each))
            low, high = self._alike(length * period)
            self._odds[self._edges[low] : self._edges[high]] *= mean
        others = (
            (1.0, phase + 0.5, beside),
            (0.5, 2.0 * phase, often),
            (2.0, 0.5 * phase + 0.5, rarely),
            (2.0, 0.5 * phase, never),
            (2.0, 0.5 * phase + 0.25, beside),
            (2.0, 0.5 * phase + 0.75, never),
        )
        for length, there, likely in others:
            near = self._near(length * period, there % 1.0)[0]
            self._odds[near] *= likely / rarely

    def favour(self, period: float, phase: float) -> None:
        """Take it from elsewhere that the beat has about this period and phase."""
        self._odds *= 1.0 - FAVOUR
        low, high = np.searchsorted(self._periods, (period * (1.0 - FAVOURED), period * (1.0 + FAVOURED)))
        for number in range(low, high):
            length = int(self._periods[number])
            at = self._starts[number] + (round(phase * length) + np.arange(-1, 2) - self._turn) % length
            self._odds[at] += FAVOUR / (3 * (high - low))

    def tempi(self) -> Floats:
        """Odds of each period, ``(periods,)``."""
        return np.asarray(np.add.reduceat(self._odds, self._starts))

    def read(self) -> Reading:
        """The beat with the largest share of the odds."""
        smooth = _smoothed(self.tempi())
        best = int(smooth[1:-1].argmax()) + 1
        ring = _smoothed(self._ring(best))
        return self.about(float(self._periods[best]), float(ring.argmax()) / len(ring))

    def about(self, period: float, phase: float) -> Reading:
        """The mean of the odds near a period and phase, and their share."""
        where, lengths, positions = self._near(period, phase)
        near = self._odds[where]
        total = float(np.add.reduce(near, axis=None))
        if total <= 0.0:
            return Reading(period, phase, 0.0)
        rows = np.add.reduce(near, axis=1)
        across = float(np.add.reduce(near * (positions / lengths - phase), axis=None)) / total
        whole = float(np.add.reduce(self._odds))
        return Reading(float(np.dot(rows, lengths[:, 0])) / total, (phase + across) % 1.0, total / whole)

    def _near(self, period: float, phase: float) -> tuple[Indices, Indices, Indices]:
        """Places of the odds near a period and phase, ``(periods, positions)``; those periods and positions."""
        low, high = self._alike(period)
        lengths = self._periods[low:high, None]
        reach = max(int(NEAR_PHASE * period), 1)
        positions = np.rint(phase * lengths).astype(np.intp) + np.arange(-reach, reach + 1)
        return self._starts[low:high, None] + (positions - self._turn) % lengths, lengths, positions

    def _alike(self, period: float) -> tuple[int, int]:
        """The first period that counts as the same tempo, and the first after them."""
        low, high = np.searchsorted(self._periods, (period * (1.0 - NEAR_TEMPO), period * (1.0 + NEAR_TEMPO)))
        return int(low), int(high)

    def _ring(self, number: int) -> Floats:
        """Odds of the positions of one period, from the beat on."""
        length, start = int(self._periods[number]), int(self._starts[number])
        split = -self._turn % length
        ring = self._odds[start : start + length]
        return np.concatenate([ring[split:], ring[:split]])


def _smoothed(values: Floats) -> Floats:
    """Each with half of its neighbours, around the ring."""
    smooth = values.copy()
    smooth[1:] += 0.5 * values[:-1]
    smooth[:-1] += 0.5 * values[1:]
    smooth[0] += 0.5 * values[-1]
    smooth[-1] += 0.5 * values[0]
    return smooth


def _mixing(periods: npt.NDArray[np.int_]) -> Floats:
    """Odds ``(to, from)`` of the next period at a beat."""
    ratio = periods[:, None] / periods[None, :]
    stay = np.exp(-STIFFNESS * np.abs(ratio - 1.0))
    leap = np.ones_like(stay) / periods[:, None]
    stay /= stay.sum(axis=0)
    leap /= leap.sum(axis=0)
    return np.asarray((1.0 - LEAP) * stay + LEAP * leap)
