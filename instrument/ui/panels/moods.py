"""The moods: for each a fader for the hand's bias, what the sound asks, and what is played."""

from instrument.params.spec import ParamSpec
from instrument.params.table import ParamTable
from instrument.ui.draw.canvas import Align, Bar, Canvas
from instrument.ui.draw.theme import AMBER, BODY_PX, DIM, INSET, LINE, SMALL_PX, TEXT, Color, faded, mood_color
from instrument.ui.layout.flow import MOOD_GROUP, mixing
from instrument.ui.layout.moods import MoodRow
from instrument.ui.layout.plan import Plan
from instrument.ui.layout.rect import Rect
from instrument.ui.panels.mood_pad import MoodPad
from instrument.ui.panels.teaching import TeachLine
from instrument.ui.panels.why import WhyStrip
from instrument.ui.view import Target, TargetKind, View
from instrument.ui.widgets.buttons import PushButton, Slider
from instrument.units import clamp

HANDLE_PX = 14
FIGURES_PX = 96
"""Room a fader's half needs for figures; the line below the panels tells them everywhere."""
WAITING = "move one…"
ASKED_OPACITY = 0.5


class MoodFader:
    """One row."""

    def __init__(self, canvas: Canvas, parts: MoodRow, place: Rect, spec: ParamSpec, color: Color) -> None:
        self._canvas, self._spec, self._parts = canvas, spec, parts
        self._solo = PushButton(canvas, parts.solo, spec.label, "S", TargetKind.SOLO, SMALL_PX)
        self._teach = PushButton(canvas, parts.teach, spec.label, "T", TargetKind.TEACH, SMALL_PX)
        swatch, name = parts.name.from_left(canvas.px(5), canvas.px(7))
        canvas.bar(swatch.middle(swatch.width, min(swatch.height - 6, canvas.px(22))), color)
        low = parts.track.height < canvas.px(SMALL_PX)
        self._name = canvas.label(name, spec.label, SMALL_PX if low else BODY_PX, TEXT)
        self._track = canvas.box(parts.track, INSET, LINE, 5.0)
        self._fill = canvas.bar(parts.track, faded(color, 0.75))
        middle = parts.track.centre[0]
        canvas.line([middle, parts.track.y + 1], [middle, parts.track.bottom - 1], DIM, 1.5)
        half = canvas.px(HANDLE_PX) / 2
        left, right = parts.track.columns(2, 4 * half)
        self._left = canvas.label(left.inset(canvas.px(8), 0), "", SMALL_PX, DIM)
        self._right = canvas.label(right.inset(canvas.px(8), 0), "", SMALL_PX, DIM, Align.RIGHT)
        self._figures_fit = left.width >= canvas.px(FIGURES_PX) and not low
        self._lip = 1.0 if low else 2.0
        self._handle = canvas.bar(parts.track, TEXT)
        self._asked, self._played = self._bars(color)
        self._percent = canvas.label(parts.percent, "", SMALL_PX if low else BODY_PX, TEXT, Align.RIGHT, bold=True)
        travel = parts.track.width - 2 * half
        wide = Rect(parts.name.x, place.y, parts.percent.right - parts.name.x, place.height)
        self.targets = (
            self._solo.target,
            self._teach.target,
            Target(TargetKind.CONTROL, spec.name, wide, travel, upwards=False),
        )

    def update(self, view: View) -> None:
        """Show bias and weights."""
        name, value = self._spec.name, view.values[self._spec.name]
        self._place_handle(self._spec.normalized_of(value))
        waiting = view.learning == name
        marked = view.touches(name) or view.selected == name
        self._track.set(color=AMBER if waiting else DIM if marked else LINE)
        told = WAITING if waiting else self._badge(view) or f"{value:+.2f}"
        shown = told if self._figures_fit and (value or waiting or self._badge(view)) else ""
        color = AMBER if waiting or self._badge(view) else TEXT
        # Where the fader is too low for letters, its name says what is bound.
        renamed = color is AMBER and not self._figures_fit
        self._name.set(told if renamed else self._spec.label, AMBER if renamed else TEXT)
        self._left.set(shown if value >= 0.0 else "", color)
        self._right.set(shown if value < 0.0 else "", color)
        asked, played = self._weights(view)
        _fill(self._asked, self._parts.asked, asked)
        _fill(self._played, self._parts.played, played)
        self._percent.set(f"{round(100 * played)} %")
        self._solo.update(view, lit=view.soloed == self._spec.label)
        self._teach.update(view, waiting=view.snapshot.teaching.held == self._spec.label)

    def _badge(self, view: View) -> str:
        """What is bound, while that is being changed."""
        binding = view.picking or view.learning is not None
        return view.badges.get(self._spec.name, "") if binding else ""

    def _bars(self, color: Color) -> tuple[Bar, Bar]:
        for part in (self._parts.asked, self._parts.played):
            self._canvas.bar(part, INSET)
        asked = self._canvas.bar(self._parts.asked, faded(color, ASKED_OPACITY))
        return asked, self._canvas.bar(self._parts.played, color)

    def _place_handle(self, position: float) -> None:
        track, width = self._parts.track, self._canvas.px(HANDLE_PX)
        x = track.x + position * (track.width - width)
        self._handle.place(Rect(x, track.y - self._lip, width, track.height + 2 * self._lip))
        middle, edge = track.centre[0], x + width / 2
        margin = min(3.0, track.height // 4)
        self._fill.place(Rect(min(middle, edge), track.y + margin, abs(edge - middle), track.height - 2 * margin))

    def _weights(self, view: View) -> tuple[float, float]:
        moods = view.snapshot.moods
        if self._spec.label not in moods.names:
            return 0.0, 0.0
        index = moods.names.index(self._spec.label)
        return moods.asked[index], moods.played[index]


class Moods:
    """The panel of the moods."""

    def __init__(self, canvas: Canvas, plan: Plan, table: ParamTable) -> None:
        moods, specs = plan.moods, table.group(MOOD_GROUP)
        self._header(canvas, plan)
        self._sliders = tuple(Slider(canvas, rect, spec) for rect, spec in zip(moods.mix, mixing(table), strict=True))
        self._faders = tuple(
            MoodFader(canvas, row, place, spec, mood_color(index))
            for index, (row, place, spec) in enumerate(zip(moods.rows, moods.places, specs, strict=True))
        )
        self._pad = None if moods.pad is None else MoodPad(canvas, moods.pad, specs)
        self._whys = tuple(WhyStrip(canvas, strip, place) for place, strip in enumerate(moods.whys))
        self._teach = TeachLine(canvas, moods.teach)

    @property
    def pad(self) -> MoodPad | None:
        """The pad, if there is anything to mix."""
        return self._pad

    def targets(self) -> tuple[Target, ...]:
        """Everything on it that can be touched."""
        pad = () if self._pad is None else (self._pad.target,)
        faders = tuple(target for fader in self._faders for target in fader.targets)
        sliders = (slider.target for slider in self._sliders)
        return (*sliders, *faders, *pad, self._whys[0].target, *self._teach.targets())

    def update(self, view: View) -> None:
        """Show all moods."""
        for slider in self._sliders:
            slider.update(view)
        for fader in self._faders:
            fader.update(view)
        if self._pad is not None:
            self._pad.update(view)
        for why in self._whys:
            why.update(view)
        self._teach.update(view)

    def _header(self, canvas: Canvas, plan: Plan) -> None:
        title, rest = plan.moods.header.from_left(plan.px(72), plan.px(10))
        canvas.label(title, "Moods", SMALL_PX, DIM, bold=True)
        for text, width, height, opacity in (("sound asks", 96, 8, ASKED_OPACITY), ("played", 64, 12, 1.0)):
            swatch, rest = rest.from_left(plan.px(26), plan.px(6))
            canvas.bar(swatch.middle(swatch.width, plan.px(height)), faded(TEXT, opacity))
            label, rest = rest.from_left(plan.px(width), plan.px(14))
            canvas.label(label, text, SMALL_PX, DIM)


def _fill(bar: Bar, room: Rect, share: float) -> None:
    bar.place(Rect(room.x, room.y, room.width * clamp(share, 0.0, 1.0), room.height))
