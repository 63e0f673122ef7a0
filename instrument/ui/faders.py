"""The moods: for each a fader for the hand's bias, what the sound asks, and what is played."""

from dataclasses import dataclass

from instrument.params.spec import ParamSpec
from instrument.ui.canvas import Align, Box, Canvas
from instrument.ui.plan import Plan
from instrument.ui.rect import Rect
from instrument.ui.theme import (
    AMBER,
    BODY_PX,
    CLEAR,
    DIM,
    INSET,
    LINE,
    PANEL,
    SMALL_PX,
    TEXT,
    Color,
    faded,
    mood_color,
)
from instrument.ui.view import Target, TargetKind, View
from instrument.units import clamp

PERCENT_PX = 60
NAME_PX = (110, 190)
HANDLE_PX = 14
FIGURES_PX = 100
"""Room a fader's half needs for figures; the line below the panels tells them everywhere."""
WAITING = "move one…"
ASKED_OPACITY = 0.5


@dataclass(frozen=True, slots=True)
class MoodRow:
    """The parts of one mood's row."""

    name: Rect
    track: Rect
    asked: Rect
    played: Rect
    percent: Rect


def mood_row(row: Rect, scale: float) -> MoodRow:
    """Share a row out: name, fader, two bars, per cent. Pure; lengths in pixels of the window."""
    gap = round(10 * scale)
    percent, rest = row.from_right(round(PERCENT_PX * scale), gap)
    width = clamp(0.27 * row.width, NAME_PX[0] * scale, NAME_PX[1] * scale)
    name, rest = rest.from_left(round(width), gap)
    bars, fader = rest.from_right(round(0.34 * rest.width), gap)
    track = fader.middle(fader.width, round(min(row.height - 6 * scale, 30 * scale)))
    bars = bars.middle(bars.width, round(22 * scale))
    asked, below = bars.from_top(round(8 * scale), round(3 * scale))
    return MoodRow(name, track, asked, below, percent)


class MoodFader:
    """One row."""

    def __init__(self, canvas: Canvas, row: Rect, scale: float, spec: ParamSpec, color: Color) -> None:
        self._canvas, self._spec = canvas, spec
        self._parts = mood_row(row, scale)
        track = self._parts.track
        self._frame = canvas.box(row.inset(-canvas.px(4), canvas.px(1)), CLEAR, CLEAR)
        self._names(row)
        self._track = canvas.box(track, INSET, LINE, 6.0)
        self._fill = canvas.box(track, faded(color, 0.75), radius_px=3.0)
        middle = track.centre[0]
        canvas.line([middle, track.y + 1], [middle, track.bottom - 1], DIM, 1.5)
        half = canvas.px(HANDLE_PX) / 2
        left, right = track.columns(2, 4 * half)
        self._left = canvas.label(left.inset(canvas.px(10), 0), "", SMALL_PX, DIM)
        self._right = canvas.label(right.inset(canvas.px(10), 0), "", SMALL_PX, DIM, Align.RIGHT)
        self._figures_fit = left.width >= canvas.px(FIGURES_PX)
        self._handle = canvas.box(track, TEXT, PANEL, 4.0)
        self._asked, self._played = self._bars(color)
        self._percent = canvas.label(self._parts.percent, "", BODY_PX, TEXT, Align.RIGHT, bold=True)
        travel = track.width - 2 * half
        self.target = Target(TargetKind.CONTROL, spec.name, row, travel, upwards=False)

    def update(self, view: View) -> None:
        """Show bias and weights."""
        value = view.values[self._spec.name]
        self._place_handle(self._spec.normalized_of(value))
        waiting = view.learning == self._spec.name
        touched = view.held == self._spec.name or view.hovers(TargetKind.CONTROL, self._spec.name)
        self._track.set(color=AMBER if waiting else DIM if touched else LINE)
        shown = f"{value:+.2f}" if value and self._figures_fit else ""
        self._left.set(
            WAITING if waiting and self._figures_fit else shown if value > 0.0 else "", AMBER if waiting else DIM
        )
        self._right.set(shown if value < 0.0 else "")
        asked, played = self._weights(view)
        _fill(self._asked, self._parts.asked, asked)
        _fill(self._played, self._parts.played, played)
        self._percent.set(f"{round(100 * played)} %")
        self._show_badge(view.badges.get(self._spec.name, ""))

    def _names(self, row: Rect) -> None:
        name = self._parts.name
        tall = row.height >= self._canvas.px(44)
        upper, lower = name.middle(name.width, self._canvas.px(44)).rows(2)
        self._name = self._canvas.label(name, self._spec.label, BODY_PX, TEXT)
        self._name_above = self._canvas.label(upper, "", BODY_PX, TEXT)
        self._badge = self._canvas.label(lower, "", SMALL_PX, DIM) if tall else None

    def _show_badge(self, badge: str) -> None:
        """The badge below the name where there is room; the hint line tells it everywhere."""
        if self._badge is None:
            return
        self._name.set("" if badge else self._spec.label)
        self._name_above.set(self._spec.label if badge else "")
        self._badge.set(badge)

    def _bars(self, color: Color) -> tuple[Box, Box]:
        for part in (self._parts.asked, self._parts.played):
            self._canvas.box(part, INSET, radius_px=3.0)
        asked = self._canvas.box(self._parts.asked, faded(color, ASKED_OPACITY), radius_px=3.0)
        return asked, self._canvas.box(self._parts.played, color, radius_px=3.0)

    def _place_handle(self, position: float) -> None:
        track, width = self._parts.track, self._canvas.px(HANDLE_PX)
        x = track.x + position * (track.width - width)
        self._handle.place(Rect(x, track.y - 2, width, track.height + 4))
        middle, edge = track.centre[0], x + width / 2
        self._fill.place(Rect(min(middle, edge), track.y + 3, abs(edge - middle), track.height - 6))

    def _weights(self, view: View) -> tuple[float, float]:
        moods = view.snapshot.moods
        if self._spec.label not in moods.names:
            return 0.0, 0.0
        index = moods.names.index(self._spec.label)
        return moods.asked[index], moods.played[index]


class Moods:
    """The panel of mood faders."""

    def __init__(self, canvas: Canvas, plan: Plan, specs: tuple[ParamSpec, ...]) -> None:
        canvas.box(plan.moods, PANEL)
        self._header(canvas, plan)
        self._faders = tuple(
            MoodFader(canvas, row, plan.scale, spec, mood_color(index))
            for index, (row, spec) in enumerate(zip(plan.mood_rows, specs, strict=True))
        )

    def targets(self) -> tuple[Target, ...]:
        """Every fader, over its whole row."""
        return tuple(fader.target for fader in self._faders)

    def update(self, view: View) -> None:
        """Show all moods."""
        for fader in self._faders:
            fader.update(view)

    def _header(self, canvas: Canvas, plan: Plan) -> None:
        canvas.label(plan.mood_header, "Moods", SMALL_PX, DIM, bold=True)
        rest = plan.mood_header
        for text, height, opacity in (("played", 11, 1.0), ("sound asks", 8, ASKED_OPACITY)):
            label, rest = rest.from_right(plan.px(62 if text == "played" else 92), plan.px(6))
            swatch, rest = rest.from_right(plan.px(26), plan.px(18))
            canvas.box(swatch.middle(swatch.width, plan.px(height)), faded(TEXT, opacity), radius_px=3.0)
            canvas.label(label, text, SMALL_PX, DIM)


def _fill(bar: Box, room: Rect, share: float) -> None:
    bar.place(Rect(room.x, room.y, room.width * clamp(share, 0.0, 1.0), room.height))
