"""The places of the moods: a row for each, the pad, the strip that says why, and what teaches them. Pure."""

import math
from dataclasses import dataclass

from instrument.ui.draw.theme import GAP_PX, PAD_PX
from instrument.ui.layout.rect import Rect
from instrument.ui.layout.scaling import px
from instrument.units import clamp

HEADER_PX = 28
WHY_PX = 28
TEACH_PX = 34
ROW_PX = 38
ROW_MIN_PX = 35
IN_ONE_COLUMN = 4
PAD_SIDE_PX = (140, 300)
MIX_PX = 300
PERCENT_PX = 50
SQUARE_PX = 32
NARROW_PX = 26
NAME_PX = (80, 150)
BESIDE_PX = 560
"""A row from this width on has everything side by side; a narrower one its name above a fader of the whole width."""
NAME_LINE_PX = 20


@dataclass(frozen=True, slots=True)
class MoodRow:
    """The parts of one mood's row."""

    solo: Rect
    name: Rect
    track: Rect
    asked: Rect
    played: Rect
    percent: Rect
    teach: Rect


@dataclass(frozen=True, slots=True)
class TeachPlan:
    """The line that makes moods: the prompt, what was collected, and the lesson's buttons."""

    prompt: Rect
    collected: Rect
    learn: Rect
    compare: Rect
    undo: Rect


@dataclass(frozen=True, slots=True)
class MoodsPlan:
    """The panel. `mix` are the places of the rows of `flow.mixing`; `pad` is None where there is nothing to mix."""

    panel: Rect
    header: Rect
    mix: tuple[Rect, ...]
    rows: tuple[MoodRow, ...]
    places: tuple[Rect, ...]
    """Each row as a whole."""
    pad: Rect | None
    whys: tuple[Rect, ...]
    """A strip for each mood that is explained: one, and the runner-up's where there is room."""
    teach: TeachPlan


def moods_height(moods: int, scale: float) -> float:
    """Height that `moods` rows want."""
    return px(HEADER_PX + _rows_px(moods) + WHY_PX + TEACH_PX + 2 * PAD_PX + 2, scale)


def moods_plan(panel: Rect, moods: int, mix: int, scale: float) -> MoodsPlan:
    """Share the panel out between `moods` rows and `mix` sliders."""
    inner = panel.inset(px(PAD_PX, scale), px(PAD_PX / 2, scale))
    gap = px(GAP_PX, scale)
    header, rest = inner.from_top(px(HEADER_PX, scale), px(2, scale))
    teach, rest = rest.from_bottom(px(TEACH_PX, scale), px(6, scale))
    pad = None
    if moods > 1:
        side = clamp(rest.height, px(PAD_SIDE_PX[0], scale), min(px(PAD_SIDE_PX[1], scale), 0.27 * inner.width))
        pad, rest = rest.from_right(round(min(side, rest.height)), px(18, scale))
        pad = pad.middle(pad.width, min(pad.width, pad.height))
    whys, rest = _whys(rest, moods, scale)
    places = _places(rest, moods, scale)
    sliders, strip = [], header
    for _ in range(mix):
        slider, strip = strip.from_right(px(MIX_PX, scale), gap)
        sliders.append(slider)
    rows = tuple(mood_row(place, scale) for place in places)
    return MoodsPlan(panel, strip, tuple(sliders), rows, places, pad, whys, _teach(teach, gap, scale))


def mood_row(row: Rect, scale: float) -> MoodRow:
    """Share a row out: solo, name, fader, bars, per cent, teach."""
    beside = row.width >= BESIDE_PX * scale
    gap = px(8 if beside else 6, scale)
    square = min(px(SQUARE_PX if beside else NARROW_PX, scale), row.height - px(4, scale))
    solo, rest = row.from_left(square, gap)
    teach, rest = rest.from_right(square, gap)
    name, track, asked, played, percent = (_beside if beside else _below)(rest, row.width, gap, scale)
    return MoodRow(
        solo.middle(square, square), name, track, asked, played, percent, teach.middle(square, square)
    )  # fmt: skip


def _rows(moods: int) -> int:
    return max(2, math.ceil(moods / _columns(moods)))


def _rows_px(moods: int) -> float:
    return max(_rows(moods) * (ROW_PX if _rows(moods) <= IN_ONE_COLUMN else ROW_MIN_PX), 3 * ROW_PX)


def _whys(room: Rect, moods: int, scale: float) -> tuple[tuple[Rect, ...], Rect]:
    """The strips, and what they leave."""
    gap = px(6, scale)
    spare = room.height - px(_rows(moods) * ROW_MIN_PX + 2 * WHY_PX, scale) - 2 * gap
    if moods < 2 or spare < 0.0:
        why, rest = room.from_bottom(px(WHY_PX, scale), gap)
        return (why,), rest
    whys, rest = room.from_bottom(px(2 * WHY_PX, scale) + px(3, scale), gap)
    return whys.rows(2, px(3, scale)), rest


def _columns(moods: int) -> int:
    return 1 if moods <= IN_ONE_COLUMN else 2


def _places(room: Rect, moods: int, scale: float) -> tuple[Rect, ...]:
    if moods == 0:
        return ()
    count = _columns(moods)
    columns = room.columns(count, px(2 * GAP_PX, scale))
    rows = [column.rows(math.ceil(moods / count)) for column in columns]
    return tuple(row for column in rows for row in column)[:moods]


Parts = tuple[Rect, Rect, Rect, Rect, Rect]
"""Name, fader, bar of what is asked, bar of what is played, per cent."""


def _beside(room: Rect, width: float, gap: float, scale: float) -> Parts:
    percent, rest = room.from_right(px(PERCENT_PX, scale), gap)
    name, rest = rest.from_left(round(clamp(0.24 * width, NAME_PX[0] * scale, NAME_PX[1] * scale)), gap)
    bars, fader = rest.from_right(round(0.4 * rest.width), gap)
    track = fader.middle(fader.width, min(rest.height - px(8, scale), px(30, scale)))
    asked, played = bars.middle(bars.width, px(23, scale)).from_top(px(8, scale), px(3, scale))
    return name, track, asked, played, percent


def _below(room: Rect, _width: float, gap: float, scale: float) -> Parts:
    room = room.middle(room.width, min(room.height - px(1, scale), px(44, scale)))
    line, rest = room.from_top(px(NAME_LINE_PX, scale))
    percent, name = line.from_right(px(PERCENT_PX, scale), gap)
    gap = max(1.0, px(1, scale))
    played, rest = rest.from_bottom(max(1.0, round(0.22 * rest.height)), gap)
    asked, track = rest.from_bottom(max(1.0, round(0.6 * played.height)), gap)
    return name, track, asked, played, percent


def _teach(strip: Rect, gap: float, scale: float) -> TeachPlan:
    undo, rest = strip.from_right(px(70, scale), px(6, scale))
    compare, rest = rest.from_right(px(96, scale), px(6, scale))
    learn, rest = rest.from_right(px(76, scale), gap)
    prompt, collected = rest.from_left(round(0.52 * rest.width), gap)
    return TeachPlan(prompt, collected, learn, compare, undo)
