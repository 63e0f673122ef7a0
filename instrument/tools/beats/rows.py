"""Beats from the rows of a tracker module, as they were played. Pure.

A beat is four rows as a rule, eight where rows are fast, three where notes come in threes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SLOWEST_BPM, FASTEST_BPM = 62.0, 175.0
THREES = 1.5
"""So much more regular must notes be by threes than by fours."""
FEWEST_BEATS = 8
UNEVEN = 0.25
"""By which share of the usual one an interval between beats may differ."""
UNEVEN_SHARE = 0.03
"""Of the intervals that may differ more."""
BAR = 4
"""Beats, in nearly every module."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was played: when, its number in its pattern, how many notes begin on it."""

    start_s: float
    number: int
    notes: int


def rows_a_beat(rows: Sequence[Row]) -> int:
    """How many rows make a beat, by how long they last and whether the notes come in threes or fours.

    >>> rows_a_beat([Row(0.12 * number, number, int(number % 4 == 0)) for number in range(64)])
    4
    """
    notes = np.array([row.notes for row in rows], float)
    numbers = np.array([row.number for row in rows])
    threes, fours = (abs(np.sum(notes * np.exp(2j * np.pi * numbers / count))) for count in (3, 4))
    row_s = float(np.median(np.diff([row.start_s for row in rows])))
    count = 3 if threes > THREES * fours else 4
    while 60.0 / (count * row_s) > FASTEST_BPM:
        count *= 2
    while 60.0 / (count * row_s) < SLOWEST_BPM and count % 2 == 0:
        count //= 2
    return count


def beats_of(rows: Sequence[Row]) -> list[Row]:
    """The rows that begin a beat; none if more notes begin on others, or the beats are not even."""
    if len(rows) < 2:
        return []
    count = rows_a_beat(rows)
    notes: Counter[int] = Counter()
    for row in rows:
        notes[row.number % count] += row.notes
    beats = [row for row in rows if row.number % count == 0]
    if not notes[0] or notes[0] < max(notes.values()) or len(beats) < FEWEST_BEATS:
        return []
    intervals_s = np.diff([row.start_s for row in beats])
    uneven = np.abs(intervals_s / np.median(intervals_s) - 1.0) > UNEVEN
    return beats if np.mean(uneven) <= UNEVEN_SHARE else []


def bar_of(beats: Sequence[Row]) -> int:
    """The beats of a bar, of which the first begins one: 4 if patterns begin whole bars apart, 0 if nobody knows."""
    starts = [at for at, row in enumerate(beats) if row.number == 0]
    return BAR if starts and all(at % BAR == 0 for at in starts) else 0
