"""Which announced beats came true: the measures of beat tracking, for beats that were announced early enough."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from mir_eval import beat as measures

from instrument.features.rhythm import BEATS_IN_BAR, BeatState

Floats = npt.NDArray[np.float64]

TRIM_S = 5.0
TOLERANCE_S = 0.07
LEADS_S = (0.05, 0.1, 0.15, 0.2)
LEAD_S = 0.1
"""How early a beat must have been announced to count."""
SAME_BEAT = 0.4
"""Announcements nearer than this to the last one, in periods, are of the same beat."""
RIGHT_IN_A_ROW = 4


class Schedule:
    """Keeps each announced beat at what it was when `lead_s` was left, as a light that must be sent ahead would."""

    def __init__(self, lead_s: float) -> None:
        self._lead_s = lead_s
        self._waiting_s = math.inf
        self.beats_s: list[float] = []

    def take(self, state: BeatState, now_s: float) -> None:
        """Believe the newest state, unless it comes too late."""
        if self._waiting_s - now_s < self._lead_s:
            self.beats_s.append(self._waiting_s)
        self._waiting_s = math.inf
        after_s = self.beats_s[-1] + SAME_BEAT * state.period_s if self.beats_s else -math.inf
        for beat_s in state.next_beats_s:
            if beat_s - now_s >= self._lead_s and beat_s > after_s:
                self._waiting_s = beat_s
                break


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """One piece: measures in ``[0, 1]``, distances of the hits in seconds, time of the 4th right beat in a row."""

    f: float
    cmlt: float
    amlt: float
    errors_s: Floats
    locked_s: float


def judge(beats_s: Floats, announced_s: Floats) -> Score:
    """Compare with the true beats; the first `TRIM_S` seconds do not count."""
    truth, found = measures.trim_beats(beats_s, TRIM_S), measures.trim_beats(announced_s, TRIM_S)
    if len(truth) < 2:
        raise ValueError("no beats to judge by")
    locked_s = first_lock_s(beats_s, announced_s)
    if len(found) < 2:
        return Score(0.0, 0.0, 0.0, np.zeros(0), locked_s)
    _, cmlt, _, amlt = measures.continuity(truth, found)
    errors_s = found - truth[np.argmin(np.abs(found[:, None] - truth[None, :]), axis=1)]
    hits_s = errors_s[np.abs(errors_s) <= TOLERANCE_S]
    return Score(float(measures.f_measure(truth, found)), float(cmlt), float(amlt), hits_s, locked_s)


def first_lock_s(beats_s: Floats, announced_s: Floats) -> float:
    """When four beats in a row had been right; infinite if never."""
    right = 0
    for beat_s in beats_s:
        hit = len(announced_s) > 0 and bool(np.min(np.abs(announced_s - beat_s)) <= TOLERANCE_S)
        right = right + 1 if hit else 0
        if right == RIGHT_IN_A_ROW:
            return float(beat_s)
    return math.inf


def places_right(beats_s: Floats, counted: Iterable[tuple[float, int]]) -> float:
    """Share of the beats counted, times and places in a bar of four, that have the right place; NaN if none was hit.

    The first of the true beats begins a bar. Beats that were not hit, and the first `TRIM_S` seconds, do not count.
    """
    right = []
    for beat_s, place in counted:
        nearest = int(np.argmin(np.abs(beats_s - beat_s)))
        if beat_s >= TRIM_S and abs(beats_s[nearest] - beat_s) <= TOLERANCE_S:
            right.append((nearest - place) % BEATS_IN_BAR == 0)
    return mean(map(float, right)) if right else math.nan


def mean(values: Iterable[float]) -> float:
    """Arithmetic mean; 0 of nothing."""
    kept = list(values)
    return sum(kept) / len(kept) if kept else 0.0
