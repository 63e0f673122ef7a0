"""Where everything stands: rectangles by name, from the size of the window alone. Pure."""

import math
from dataclasses import dataclass

from instrument.params.table import ParamTable
from instrument.ui.deck import PADS
from instrument.ui.draw.theme import GAP_PX, PAD_PX
from instrument.ui.layout.controls import ControlsPlan, controls_plan, lines_height, lines_of
from instrument.ui.layout.flow import MOOD_GROUP, mixing
from instrument.ui.layout.listening import ListeningPlan, listening_plan
from instrument.ui.layout.moods import MoodsPlan, moods_height, moods_plan
from instrument.ui.layout.rect import Rect
from instrument.ui.layout.scaling import fitting_scale, px
from instrument.units import clamp

TOP_PX = 50
STATUS_PX = 40
RIGHT_MIN_PX = 816
"""Width of listening, moods and controls; the picture gets what is left."""
CAPTION_PX = 30
LOOKS_MIN_PX = 196
LOOKS_MAX_PX = 320
LISTENING_PX = 140
LISTENING_MAX_PX = 260
HEADER_PX = 32


@dataclass(frozen=True, slots=True)
class LooksPlan:
    """The panel of the looks, its header, and the pads in order."""

    panel: Rect
    header: Rect
    pads: tuple[Rect, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The layout of one window size. Lengths in pixels of the window; `scale` multiplies those of the theme."""

    scale: float
    window: Rect
    top: Rect
    status: Rect
    picture: Rect
    looks: LooksPlan
    listening: ListeningPlan
    moods: MoodsPlan
    controls: ControlsPlan
    page: Rect
    """Where a page stands while one is open, instead of listening, moods and controls."""

    def px(self, length: float) -> float:
        """A length of the theme at this scale, on whole pixels."""
        return px(length, self.scale)

    def panels(self) -> dict[str, Rect]:
        """The rectangles that share the window out between them."""
        return {
            "top": self.top, "status": self.status, "picture": self.picture, "looks": self.looks.panel,
            "listening": self.listening.panel, "moods": self.moods.panel, "controls": self.controls.panel,
        }  # fmt: skip

    def panels_beside_page(self) -> dict[str, Rect]:
        """As `panels`, while a page is open."""
        beside = {name: rect for name, rect in self.panels().items() if not self.page.overlaps(rect)}
        return beside | {"page": self.page}


def make_plan(width: float, height: float, scale: float | None, table: ParamTable, page: int = 0) -> Plan:
    """The layout for a window of `width` by `height` pixels and the rows of `table`.

    Of the pages of controls it shows `page`, counted from 0 and beginning anew after the last.
    """
    factor = fitting_scale(width, height, scale)
    window = Rect(0.0, 0.0, float(width), float(height))
    gap, moods = px(GAP_PX, factor), len(table.group(MOOD_GROUP))
    top, body = window.from_top(px(TOP_PX, factor))
    status, body = body.from_bottom(px(STATUS_PX, factor))
    left, right = _halves(body.inset(gap), gap, factor)
    looks, picture = left.from_bottom(_looks_height(left, gap, factor), gap)
    lines = lines_of(table, _inner(right, factor), factor)
    listening, mood_panel, controls, fitting = _stack(right, moods, len(lines), gap, factor)
    return Plan(
        factor, window, top, status, picture, _looks(looks, factor), listening_plan(listening, factor),
        moods_plan(mood_panel, moods, len(mixing(table)), factor),
        controls_plan(controls, table, fitting, page, factor), right,
    )  # fmt: skip


def _inner(panel: Rect, scale: float) -> Rect:
    return panel.inset(px(PAD_PX, scale), px(PAD_PX / 2, scale))


def _halves(body: Rect, gap: float, scale: float) -> tuple[Rect, Rect]:
    """Picture and looks on the left, as wide as leaves the rest its room; the rest on the right."""
    square = body.height - gap - px(LOOKS_MIN_PX + CAPTION_PX, scale)
    return body.from_left(min(square, body.width - gap - px(RIGHT_MIN_PX, scale)), gap)


def _looks_height(left: Rect, gap: float, scale: float) -> float:
    """What the square picture and its caption leave, within bounds."""
    spare = left.height - gap - left.width - px(CAPTION_PX, scale)
    return clamp(spare, px(LOOKS_MIN_PX, scale), px(LOOKS_MAX_PX, scale))


def _stack(right: Rect, moods: int, lines: int, gap: float, scale: float) -> tuple[Rect, Rect, Rect, int]:
    """Listening, moods and controls on top of each other, and how many lines of controls fit.

    Room to spare is shared; where it is short, controls go to pages.
    """
    listening_height, mood_height = px(LISTENING_PX, scale), moods_height(moods, scale)
    total = right.height - 2 * gap
    room = total - listening_height - mood_height
    fitting = max((count for count in range(1, lines + 1) if lines_height(count, scale) <= room), default=1)
    controls_height = lines_height(fitting, scale)
    spare = max(0.0, room - controls_height)
    listening_height = min(listening_height + round(0.3 * spare), px(LISTENING_MAX_PX, scale))
    mood_height += round(0.35 * spare)
    listening, rest = right.from_top(listening_height, gap)
    mood_panel, controls = rest.from_top(mood_height, gap)
    return listening, mood_panel, controls, fitting


def _looks(panel: Rect, scale: float) -> LooksPlan:
    inner = panel.inset(px(PAD_PX, scale), px(PAD_PX * 0.75, scale))
    header, below = inner.from_top(px(HEADER_PX, scale), px(PAD_PX / 2, scale))
    gap = px(GAP_PX, scale)
    pads = tuple(pad for row in below.rows(2, gap) for pad in row.columns(math.ceil(PADS / 2), gap))
    return LooksPlan(panel, header, pads)
