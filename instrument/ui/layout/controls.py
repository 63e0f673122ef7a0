"""The places of knobs and switches: lines of sections, in pages where they do not fit. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from instrument.params.table import ParamTable
from instrument.ui.draw import text
from instrument.ui.draw.theme import GAP_PX, PAD_PX, SMALL_PX
from instrument.ui.layout.flow import Line, Section, balanced, knob_groups
from instrument.ui.layout.rect import Rect
from instrument.ui.layout.scaling import px

CELL_MIN_PX = 72
LABEL_MARGIN_PX = 12
CELL_HEIGHT_PX = 74
SECTION_TITLE_PX = 22
SECTION_GAP_PX = 14
LINE_GAP_PX = 2
MOST_STRETCH = 1.8
"""Beyond that controls of one group would no longer look like one."""
PAGER_PX = 48


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of one knob, switch or slider."""

    name: str
    rect: Rect


@dataclass(frozen=True, slots=True)
class Title:
    """The place of a section's title, as wide as the section."""

    text: str
    rect: Rect


@dataclass(frozen=True, slots=True)
class ControlsPlan:
    """The panel of the controls, one page of it."""

    panel: Rect
    titles: tuple[Title, ...]
    cells: tuple[Cell, ...]
    pager: Rect | None
    page: int
    pages: int


def cell_width_px(label: str) -> float:
    """Width at scale 1 that a control with this label wants, so that nothing of it is cut."""
    return max(CELL_MIN_PX, math.ceil(text.width_px(label, SMALL_PX)) + LABEL_MARGIN_PX)


def lines_of(table: ParamTable, inner: Rect, scale: float) -> tuple[Line, ...]:
    """The controls of `table` in lines as wide as `inner`."""
    sections = [
        Section(title, specs, tuple(cell_width_px(spec.label) * scale for spec in specs))
        for title, specs in knob_groups(table)
    ]
    return balanced(sections, inner.width, px(SECTION_GAP_PX, scale))


def lines_height(lines: int, scale: float) -> float:
    """Height of a panel with so many lines."""
    line = px(SECTION_TITLE_PX + CELL_HEIGHT_PX, scale)
    return lines * line + max(0, lines - 1) * px(LINE_GAP_PX, scale) + 2 * px(PAD_PX / 2, scale)


def controls_plan(panel: Rect, table: ParamTable, fitting: int, page: int, scale: float) -> ControlsPlan:
    """The page `page` of the controls, `fitting` lines on each."""
    inner, pager = panel.inset(px(PAD_PX, scale), px(PAD_PX / 2, scale)), None
    lines = lines_of(table, inner, scale)
    if len(lines) > fitting:
        pager, inner = inner.from_right(px(PAGER_PX, scale), px(GAP_PX, scale))
        lines = lines_of(table, inner, scale)
    pages = max(1, math.ceil(len(lines) / fitting))
    page %= pages
    titles, cells = _cells(inner, lines[page * fitting : (page + 1) * fitting], fitting, scale)
    return ControlsPlan(panel, titles, cells, pager, page, pages)


def _cells(inner: Rect, lines: Sequence[Line], rows: int, scale: float) -> tuple[tuple[Title, ...], tuple[Cell, ...]]:
    titles: list[Title] = []
    cells: list[Cell] = []
    for line, row in zip(lines, inner.rows(max(rows, 1), px(LINE_GAP_PX, scale)), strict=False):
        heading, below = row.from_top(px(SECTION_TITLE_PX, scale))
        gaps = line.gap_px * (len(line.sections) - 1)
        stretch = min((inner.width - gaps) / (line.wanted_px - gaps), MOST_STRETCH)
        x = row.x
        for section in line.sections:
            begin = x
            for spec, width in zip(section.specs, section.widths_px, strict=True):
                cells.append(Cell(spec.name, Rect(x, below.y, math.floor(width * stretch), below.height)))
                x += math.floor(width * stretch)
            titles.append(Title(section.title, Rect(begin, heading.y, x - begin, heading.height)))
            x += line.gap_px
    return tuple(titles), tuple(cells)
