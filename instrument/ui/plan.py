"""Where everything stands: rectangles by name, from the size of the window alone. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from instrument.features.vector import DESCRIPTORS
from instrument.ui.deck import PADS
from instrument.ui.flow import Line, Section, flow
from instrument.ui.rect import Rect
from instrument.ui.theme import GAP_PX, PAD_PX
from instrument.units import clamp

REFERENCE_PX = (1280, 800)
"""The window in which scale 1 fits."""

TOP_PX = 64
STATUS_PX = 44
CONTROLS_MIN_WIDTH_PX = 770
LOOKS_MIN_PX = 166
LOOKS_MAX_PX = 220
SCOPES_PX = 180
SCOPES_MIN_PX = 120
METER_WIDTH_PX = 96
HEADER_PX = 30
MOOD_ROW_PX = 46
MOOD_ROW_MIN_PX = 32
MOODS_IN_ONE_COLUMN = 4
MOODS_IN_TWO_COLUMNS = 14
CELL_WIDTH_PX = 104
CELL_HEIGHT_PX = 108
SECTION_TITLE_PX = 26
PAGER_PX = 44


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of one knob or switch."""

    name: str
    rect: Rect


@dataclass(frozen=True, slots=True)
class Title:
    """The place of a section's title, as wide as the section."""

    text: str
    rect: Rect


@dataclass(frozen=True, slots=True)
class Plan:
    """The layout of one window size. Lengths in pixels of the window; `scale` multiplies those of the theme."""

    scale: float
    window: Rect
    top: Rect
    status: Rect
    picture: Rect
    looks: Rect
    looks_header: Rect
    pads: tuple[Rect, ...]
    scopes: tuple[Rect, ...]
    meter: Rect
    moods: Rect
    mood_header: Rect
    mood_rows: tuple[Rect, ...]
    controls: Rect
    titles: tuple[Title, ...]
    cells: tuple[Cell, ...]
    pager: Rect | None
    page: int
    pages: int

    def px(self, length: float) -> float:
        """A length of the theme at this scale, on whole pixels."""
        return px(length, self.scale)

    def panels(self) -> dict[str, Rect]:
        """The rectangles that share the window out between them."""
        scopes = {f"scope {number}": rect for number, rect in enumerate(self.scopes)}
        named = ("top", "status", "picture", "looks", "meter", "moods", "controls")
        return {name: getattr(self, name) for name in named} | scopes


def px(length: float, scale: float) -> float:
    """`length` at `scale`, on whole pixels."""
    return float(round(length * scale))


def fitting_scale(width: float, height: float, wanted: float | None) -> float:
    """The scale to draw at: `wanted` if that fits, else the largest that does; None follows the window.

    >>> fitting_scale(1920, 1080, None), fitting_scale(1920, 1080, 1.0), fitting_scale(1280, 800, 2.0)
    (1.35, 1.0, 1.0)
    """
    largest = min(width / REFERENCE_PX[0], height / REFERENCE_PX[1])
    # Steps of a twentieth: text sizes would otherwise change with every pixel a window is pulled.
    largest = max(math.floor(largest * 20.0 + 1e-6) / 20.0, 0.05)
    return largest if wanted is None else min(wanted, largest)


def make_plan(
    width: float, height: float, scale: float | None, moods: int, sections: Sequence[Section], page: int = 0
) -> Plan:
    """The layout for a window of `width` by `height` pixels with `moods` faders and the controls of `sections`.

    Of the pages of controls it shows `page`, counted from 0 and beginning anew after the last.
    """
    factor = fitting_scale(width, height, scale)
    window = Rect(0.0, 0.0, float(width), float(height))
    gap = px(GAP_PX, factor)
    top, body = window.from_top(px(TOP_PX, factor))
    status, body = body.from_bottom(px(STATUS_PX, factor))
    left, right = _halves(body.inset(gap), gap, factor)
    looks, picture = left.from_bottom(_looks_height(left, gap, factor), gap)
    room = _inner(right, factor)
    lines = _lines(sections, room, factor)
    scopes, mood_panel, controls, fitting = _stack(right, moods, len(lines), gap, factor)
    inner, pager = _inner(controls, factor), None
    if fitting < len(lines):
        pager, inner = inner.from_right(px(PAGER_PX, factor), gap)
        lines = _lines(sections, inner, factor)
    meter, traces = scopes.from_right(px(METER_WIDTH_PX, factor), gap)
    pages = max(1, math.ceil(len(lines) / fitting))
    page %= pages
    shown = lines[page * fitting : (page + 1) * fitting]
    titles, cells = _cells(inner, shown, fitting, factor)
    looks_header, pads = _pads(looks, factor)
    mood_header, mood_rows = _mood_rows(mood_panel, moods, factor)
    return Plan(
        factor, window, top, status, picture, looks, looks_header, pads,
        traces.columns(len(DESCRIPTORS), gap), meter, mood_panel, mood_header, mood_rows,
        controls, titles, cells, pager, page, pages,
    )  # fmt: skip


def _inner(panel: Rect, scale: float) -> Rect:
    return panel.inset(px(PAD_PX, scale), px(PAD_PX / 2, scale))


def _lines(sections: Sequence[Section], inner: Rect, scale: float) -> tuple[Line, ...]:
    return flow(sections, max(1, int(inner.width // px(CELL_WIDTH_PX, scale))))


def _halves(body: Rect, gap: float, scale: float) -> tuple[Rect, Rect]:
    """Picture and looks on the left, as wide as leaves the controls their room; the controls on the right."""
    square = body.height - gap - px(LOOKS_MIN_PX, scale)
    return body.from_left(min(square, body.width - gap - px(CONTROLS_MIN_WIDTH_PX, scale)), gap)


def _looks_height(left: Rect, gap: float, scale: float) -> float:
    return clamp(left.height - gap - left.width, px(LOOKS_MIN_PX, scale), px(LOOKS_MAX_PX, scale))


def _mood_columns(moods: int) -> int:
    if moods <= MOODS_IN_ONE_COLUMN:
        return 1
    return 2 if moods <= MOODS_IN_TWO_COLUMNS else 3


def _stack(right: Rect, moods: int, lines: int, gap: float, scale: float) -> tuple[Rect, Rect, Rect, int]:
    """Scopes, moods and controls on top of each other, and how many lines of controls fit.

    Room to spare is shared in proportion; where it is short, scopes give way first and then controls go to pages.
    """
    rows = max(1, math.ceil(moods / _mood_columns(moods)))
    row = MOOD_ROW_PX if rows <= MOODS_IN_ONE_COLUMN else MOOD_ROW_MIN_PX
    mood_height = px(HEADER_PX + rows * row + PAD_PX, scale)
    total = right.height - 2 * gap
    room = total - mood_height - px(SCOPES_MIN_PX, scale)
    fitting = max(1, min(lines, int(room // _lines_height(1, scale))))
    controls_height = _lines_height(fitting, scale)
    scopes_height = clamp(total - mood_height - controls_height, px(SCOPES_MIN_PX, scale), px(SCOPES_PX, scale))
    stretch = total / (scopes_height + mood_height + controls_height)
    scopes, rest = right.from_top(round(scopes_height * stretch), gap)
    mood_panel, controls = rest.from_top(round(mood_height * stretch), gap)
    return scopes, mood_panel, controls, fitting


def _lines_height(lines: int, scale: float) -> float:
    return lines * px(SECTION_TITLE_PX + CELL_HEIGHT_PX + PAD_PX / 2, scale) + px(PAD_PX / 2, scale)


def _cells(inner: Rect, lines: Sequence[Line], rows: int, scale: float) -> tuple[tuple[Title, ...], tuple[Cell, ...]]:
    titles: list[Title] = []
    cells: list[Cell] = []
    for line, row in zip(lines, inner.rows(max(rows, 1), px(PAD_PX / 2, scale)), strict=False):
        heading, below = row.from_top(px(SECTION_TITLE_PX, scale))
        columns, headings = below.columns(line.cells), heading.columns(line.cells)
        start = 0
        for section in line.sections:
            end = start + len(section.specs)
            first, last = headings[start], headings[end - 1]
            span = Rect(first.x, first.y, last.right - first.x - px(GAP_PX, scale), first.height)
            titles.append(Title(section.title, span))
            cells += [Cell(spec.name, rect) for spec, rect in zip(section.specs, columns[start:end], strict=True)]
            start = end
    return tuple(titles), tuple(cells)


def _pads(looks: Rect, scale: float) -> tuple[Rect, tuple[Rect, ...]]:
    inner = looks.inset(px(PAD_PX, scale), px(PAD_PX * 0.75, scale))
    header, below = inner.from_top(px(HEADER_PX, scale), px(PAD_PX / 2, scale))
    gap = px(GAP_PX * 0.8, scale)
    return header, tuple(pad for row in below.rows(2, gap) for pad in row.columns(PADS // 2, gap))


def _mood_rows(panel: Rect, moods: int, scale: float) -> tuple[Rect, tuple[Rect, ...]]:
    header, below = panel.inset(px(PAD_PX, scale), 0).from_top(px(HEADER_PX, scale))
    if moods == 0:
        return header, ()
    count = _mood_columns(moods)
    inner = below.from_bottom(px(PAD_PX / 2, scale))[1]
    columns = inner.columns(count, px(2 * GAP_PX, scale))
    rows = [column.rows(math.ceil(moods / count)) for column in columns]
    return header, tuple(row for column in rows for row in column)[:moods]
