"""Stretches of pieces as the network is fitted to them: at another pace, through another room, with their targets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.features.beat.front_end import BANDS, LAG
from instrument.features.beat.network import DELAY_S, TEMPI_BPM

Floats = npt.NDArray[np.float32]

NEIGHBOUR = 0.5
"""Target in the hops beside that of a beat."""
STRETCH = 0.2
"""How much faster or slower a piece may be played, in natural logarithms."""
SLOWEST_BPM, FASTEST_BPM = 60.0, 188.0
"""But not beyond these."""
EQUALISER = (5, 0.5)
"""Knots of the gain over the bands, and its spread in natural logarithms."""
HISS_SHARE = 0.3
HISS = (0.3, 12.0)
"""Share of the crops that get noise, and its least and most level before compression (the loudest hop has 300)."""
SHIFT_SHARE, SHIFT = 0.5, 1.5
"""Of the crops, and by how many bands at most they are moved up or down."""
DYNAMICS_SHARE, DYNAMICS = 0.5, (0.75, 1.15)
"""Of the crops, and what their levels are multiplied with."""
ROOM_SHARE, ROOM = 0.3, (7, 0.8)
"""Of the crops that get a second, rougher equaliser, and its knots and spread."""
LOST_SHARE, LOST_BANDS = 0.2, 7
"""Of the crops that lose their lowest or their highest bands, and how many these are fewer than."""
BREAK_SHARE, BREAK_HOPS, BREAK_LEVEL = 0.15, (20, 150), 0.5
"""Of the crops with a stretch that is softer, its length and the most that is left of its levels."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """What was heard of a piece, ``(hops, INPUTS)`` and ``(hops, PITCHES)``, seconds a hop, and what is known of it.

    That is times of its beats, of which the first begins a bar, and beats of a bar (0 unknown).
    """

    heard: npt.NDArray[np.floating]
    pitches: npt.NDArray[np.floating]
    hop_s: float
    beats_s: npt.NDArray[np.float64]
    bar: int


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """Levels ``(hops, BANDS)``, pitches ``(hops, PITCHES)``, marks as of `targets` ``(hops, 3)``, and the tempo.

    That is as of `tempo_of` ``(hops,)``.
    """

    levels: Floats
    pitches: Floats
    marks: Floats
    tempo: Floats


def targets(marks: npt.NDArray[np.float64], hops: int, bar: int) -> Floats:
    """``(hops, 3)``: beat, first beat of a bar, and whether the latter is known; `marks` in hops, first the bar's."""
    rows = np.zeros((hops, 3), np.float32)
    for number, mark in enumerate(np.round(marks).astype(int)):
        columns = [0, 1] if bar and number % bar == 0 else [0]
        for row, value in ((mark - 1, NEIGHBOUR), (mark, 1.0), (mark + 1, NEIGHBOUR)):
            if 0 <= row < hops:
                rows[row, columns] = np.maximum(rows[row, columns], value)
    rows[:, 2] = 1.0 if bar in (3, 4) else 0.0
    return rows


def marks_of(example: Example, start: float = 0.0, pace: float = 1.0) -> npt.NDArray[np.float64]:
    """The hops that should be marked when it is played `pace` times as fast from hop `start`."""
    # Hop t ends at (t + 1) hops; what it is asked about lies DELAY_S before that.
    return (example.beats_s / example.hop_s - 1.0 - start) / pace + DELAY_S / example.hop_s


def tempo_of(marks: npt.NDArray[np.float64], hops: int, hop_s: float) -> Floats:
    """Where each hop's tempo lies among `TEMPI_BPM`, ``(hops,)``, between two of them as a fraction; -1 without one."""
    if len(marks) < 2:
        return np.full(hops, -1.0, np.float32)
    periods = np.interp(np.arange(hops), 0.5 * (marks[1:] + marks[:-1]), np.diff(marks))
    at = np.log(60.0 / (periods * hop_s) / TEMPI_BPM[0]) / np.log(TEMPI_BPM[1] / TEMPI_BPM[0])
    return np.asarray(np.clip(at, 0.0, len(TEMPI_BPM) - 1.0), np.float32)


def long_enough(examples: Sequence[Example], hops: int) -> list[Example]:
    """Those of which a crop can be taken at any pace."""
    return [example for example in examples if len(example.heard) > hops * np.exp(STRETCH) + 2]


def draw(
    made: Sequence[Example], tunes: Sequence[Example], tunes_share: float, hops: int, rng: np.random.Generator
) -> Crop:
    """A crop of one of the `tunes`, if there are any, or of what was `made`."""
    pieces = tunes if rng.random() < tunes_share and tunes else made
    return crop(pieces[int(rng.integers(len(pieces)))], hops, rng)


def crop(example: Example, hops: int, rng: np.random.Generator) -> Crop:
    """A stretch of a piece, drawn from `rng` with all that is done to it."""
    pace = float(np.exp(rng.uniform(-STRETCH, STRETCH)))
    if len(example.beats_s) > 1:
        tempo_bpm = 60.0 / float(np.median(np.diff(example.beats_s)))
        lowest, highest = min(SLOWEST_BPM / tempo_bpm, 1.0), max(FASTEST_BPM / tempo_bpm, 1.0)
        pace = min(max(pace, lowest), highest)
    start = float(rng.uniform(0.0, len(example.heard) - 1 - hops * pace))
    at = start + pace * np.arange(hops)
    low = at.astype(int)
    part = (at - low)[:, None]
    levels = example.heard[low, :BANDS] * (1.0 - part) + example.heard[low + 1, :BANDS] * part
    levels = _equalised(levels, EQUALISER, rng)
    if rng.random() < HISS_SHARE:
        hiss = np.exp(rng.uniform(*np.log(HISS))) * rng.uniform(0.4, 1.0, levels.shape)
        levels = np.log1p(np.expm1(levels) + hiss)
    marks = marks_of(example, start, pace)
    return Crop(
        _elsewhere(levels.astype(np.float32), rng),
        example.pitches[low].astype(np.float32),
        targets(marks, hops, example.bar),
        tempo_of(marks, hops, example.hop_s),
    )


def with_rises(levels: Floats) -> Floats:
    """``(batch, hops, INPUTS)`` of levels ``(batch, hops, BANDS)``, as the front end has them once it goes."""
    before = np.zeros((*levels.shape[:2], BANDS + 2), np.float32)
    before[:, LAG:, 1:-1] = levels[:, :-LAG]
    widest = np.maximum(np.maximum(before[..., :-2], before[..., 2:]), before[..., 1:-1])
    rises = np.maximum(levels - widest, 0.0)
    rises[:, :LAG] = 0.0
    return np.concatenate([levels, rises], axis=2)


def _elsewhere(levels: Floats, rng: np.random.Generator) -> Floats:
    """The same played by other instruments, over other loudspeakers."""
    hops, bands = levels.shape
    changed: npt.NDArray[np.floating] = levels
    if rng.random() < SHIFT_SHARE:
        at = np.clip(np.arange(bands) + rng.uniform(-SHIFT, SHIFT), 0, bands - 1)
        low = np.minimum(at.astype(int), bands - 2)
        changed = changed[:, low] * (1.0 - (at - low)) + changed[:, low + 1] * (at - low)
    if rng.random() < DYNAMICS_SHARE:
        changed = changed * rng.uniform(*DYNAMICS)
    if rng.random() < ROOM_SHARE:
        changed = _equalised(changed, ROOM, rng)
    if rng.random() < LOST_SHARE:
        lost = int(rng.integers(1, LOST_BANDS))
        changed = changed.copy()
        changed[:, slice(lost) if rng.random() < 0.5 else slice(bands - lost, bands)] = 0.0
    if rng.random() < BREAK_SHARE:
        begin, length = int(rng.integers(0, hops)), int(rng.integers(*BREAK_HOPS))
        changed = changed.copy()
        changed[begin : begin + length] *= rng.uniform(0.0, BREAK_LEVEL)
    return changed.astype(np.float32)


def _equalised(
    levels: npt.NDArray[np.floating], shape: tuple[int, float], rng: np.random.Generator
) -> npt.NDArray[np.floating]:
    """Through a random gain over the bands; silence stays silence."""
    knots, spread = shape
    bands = levels.shape[1]
    bend = np.interp(np.arange(bands), np.linspace(0, bands - 1, knots), rng.normal(0.0, spread, knots))
    return np.where(levels > 0.0, np.maximum(levels + bend, 0.0), 0.0)
