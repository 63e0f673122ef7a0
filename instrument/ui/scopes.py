"""The five descriptors over the last seconds, and the level meter."""

import numpy as np
import numpy.typing as npt

from instrument.features.vector import DESCRIPTORS, Descriptor, FeatureVector, NormalizedFeatures
from instrument.ui.canvas import Align, Box, Canvas
from instrument.ui.meters import (
    METER_FLOOR_DB,
    AutoRange,
    PeakHold,
    level_text,
    meter_position,
)
from instrument.ui.plan import Plan
from instrument.ui.rect import Rect
from instrument.ui.theme import (
    ACCENT,
    ALARM,
    AMBER,
    DIM,
    INSET,
    LINE,
    PAD_PX,
    PANEL,
    SMALL_PX,
    TEXT,
    TRACK,
    VALUE_PX,
    Color,
    faded,
)
from instrument.ui.view import Target, View
from instrument.units import SILENCE_DB, amplitude_to_db

Values = npt.NDArray[np.float64]

POINTS = 100
"""Most points of a trace: more cannot be told apart on its width."""
FIGURES_EVERY_S = 0.1
"""Figures change at most ten times a second, or nobody can read them."""
METER_ZONES: tuple[tuple[float, Color], ...] = ((-12.0, ACCENT), (-3.0, AMBER), (0.0, ALARM))
METER_MARKS_DB = (0, -12, -24, -36, -48)


def value_text(descriptor: Descriptor, value: float) -> str:
    """A raw value as read on its scope: decibels to a tenth, shares to a thousandth."""
    return f"{value:.1f} {descriptor.unit}" if descriptor.unit else f"{value:.3f}"


def trace_points(values: Values, room: Rect) -> list[list[float]]:
    """Points ``[x, y]`` of ``(n,)`` heights in ``[0, 1]`` over `room`, the newest at its right edge."""
    step = room.width / max(POINTS - 1, 1)
    xs = room.right - step * np.arange(len(values) - 1, -1, -1)
    points: list[list[float]] = np.stack([xs, room.bottom - values * room.height], axis=1).tolist()
    return points


class Scope:
    """One descriptor: name, raw value, and a trace that fills its room whatever the range."""

    def __init__(self, canvas: Canvas, plan: Plan, tile: Rect, descriptor: Descriptor) -> None:
        self._descriptor = descriptor
        canvas.box(tile, PANEL)
        name, rest = tile.inset(plan.px(PAD_PX), plan.px(6)).from_top(plan.px(24))
        value, trace = rest.from_top(plan.px(28), plan.px(4))
        canvas.label(name, descriptor.label, SMALL_PX, DIM)
        self._value = canvas.label(value, "–", VALUE_PX, TEXT)
        ground = trace.inset(-plan.px(4), 0)
        canvas.box(ground, INSET, radius_px=5.0)
        bar, room = trace.inset(0, plan.px(5)).from_right(plan.px(5), plan.px(6))
        # A steep peak is drawn with a long pointed join: room for that.
        self._room = room.inset(0, plan.px(8))
        self._bar_room = bar
        canvas.box(bar, TRACK, radius_px=2.0)
        self._bar = canvas.box(bar, ACCENT, radius_px=2.0)
        middle = self._room.y + self._room.height / 2
        canvas.line([self._room.x, middle], [self._room.right, middle], LINE)
        self._trace = canvas.polyline([[0, 0], [0, 0]], ACCENT, 1.5)
        self._range = AutoRange()

    def draw(self, values: Values, gate_open: bool, dt_s: float) -> None:
        """Show the ``(n,)`` normalised values of late, oldest first; paler while the gate is closed."""
        span = self._range.process(values, dt_s)
        if len(values) > 1:
            points = trace_points(span.position(values), self._room)
            self._trace.set(points=points, color=ACCENT if gate_open else faded(ACCENT, 0.5))
            height = self._bar_room.height * float(values[-1])
            self._bar.place(Rect(self._bar_room.x, self._bar_room.bottom - height, self._bar_room.width, height))

    def show_value(self, features: FeatureVector | None) -> None:
        """Show the raw value in figures."""
        if features is not None:
            self._value.set(value_text(self._descriptor, getattr(features, self._descriptor.name)))


class Meter:
    """Level of the sound in dB, with the peak of late."""

    def __init__(self, canvas: Canvas, plan: Plan) -> None:
        canvas.box(plan.meter, PANEL)
        caption, rest = plan.meter.inset(plan.px(PAD_PX), plan.px(6)).from_top(plan.px(24))
        canvas.label(caption, "Level dB", SMALL_PX, DIM)
        figures, rest = rest.from_top(plan.px(28), plan.px(4))
        self._figures = canvas.label(figures, "–", VALUE_PX, TEXT)
        bar, scale = rest.inset(0, plan.px(5)).from_left(plan.px(28), plan.px(8))
        self._bar = bar
        canvas.box(bar, INSET, radius_px=3.0)
        self._zones = tuple(canvas.box(bar, color, radius_px=0.0) for _limit, color in METER_ZONES)
        self._peak_line = canvas.box(bar, TEXT, radius_px=1.0)
        self._peak = PeakHold()
        marks = [mark for mark in METER_MARKS_DB if scale.height > plan.px(110) or mark % 24 == 0]
        for mark in marks:
            y = self._y(mark)
            text = Rect(scale.x, y - plan.px(10), scale.width, plan.px(20))
            canvas.label(text, str(mark), 17, DIM, Align.RIGHT)

    def draw(self, level_db: float, dt_s: float) -> None:
        """Show a level."""
        floor_db = METER_FLOOR_DB
        for zone, (limit_db, _color) in zip(self._zones, METER_ZONES, strict=True):
            self._place_zone(zone, floor_db, min(level_db, limit_db))
            floor_db = limit_db
        peak_db = self._peak.process(level_db, dt_s)
        y = self._y(peak_db)
        height = 3.0 if peak_db > METER_FLOOR_DB else 0.0
        self._peak_line.place(Rect(self._bar.x, y, self._bar.width, height))

    def show_value(self, level_db: float) -> None:
        """Show the level in figures."""
        self._figures.set(level_text(level_db))

    def _place_zone(self, zone: Box, low_db: float, high_db: float) -> None:
        top, foot = self._y(high_db), self._y(low_db)
        zone.place(Rect(self._bar.x, top, self._bar.width, max(foot - top, 0.0)))

    def _y(self, level_db: float) -> float:
        return self._bar.bottom - meter_position(level_db) * self._bar.height


class Scopes:
    """The row of scopes with the meter at its end."""

    def __init__(self, canvas: Canvas, plan: Plan) -> None:
        self._scopes = tuple(
            Scope(canvas, plan, tile, descriptor) for tile, descriptor in zip(plan.scopes, DESCRIPTORS, strict=True)
        )
        self._meter = Meter(canvas, plan)
        self._since_figures_s = FIGURES_EVERY_S

    def targets(self) -> tuple[Target, ...]:
        """There is nothing to touch."""
        return ()

    def update(self, view: View) -> None:
        """Show what was heard."""
        snapshot = view.snapshot
        table = history_table(snapshot.history[-POINTS:])
        for index, scope in enumerate(self._scopes):
            scope.draw(table[:, index], snapshot.normalized.gate_open, view.dt_s)
        level_db = SILENCE_DB if snapshot.features is None else amplitude_to_db(snapshot.features.rms)
        self._meter.draw(level_db, view.dt_s)
        self._since_figures_s += view.dt_s
        if self._since_figures_s >= FIGURES_EVERY_S:
            self._since_figures_s = 0.0
            self._meter.show_value(level_db)
            for scope in self._scopes:
                scope.show_value(snapshot.features)


def history_table(history: tuple[NormalizedFeatures, ...]) -> Values:
    """The past as ``(n, 5)``, oldest first, in the order of `DESCRIPTORS`."""
    if not history:
        return np.zeros((0, len(DESCRIPTORS)))
    return np.stack([features.descriptors() for features in history])
