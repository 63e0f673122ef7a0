"""The five descriptors over the last seconds, and the level meter."""

import numpy as np
import numpy.typing as npt

from instrument.features.vector import DESCRIPTORS, Descriptor, FeatureVector, NormalizedFeatures
from instrument.ui.draw import raster
from instrument.ui.draw.canvas import Align, Bar, Canvas
from instrument.ui.draw.theme import (
    ACCENT,
    ALARM,
    AMBER,
    CLEAR,
    DIM,
    INSET,
    ON_ACCENT,
    SMALL_PX,
    TEXT,
    VALUE_PX,
    Color,
    between_colors,
)
from instrument.ui.layout.plan import Plan
from instrument.ui.layout.rect import Rect
from instrument.ui.view import Target, View
from instrument.ui.widgets.meters import METER_FLOOR_DB, AutoRange, PeakHold, level_text, meter_position
from instrument.units import SILENCE_DB, amplitude_to_db

Values = npt.NDArray[np.float64]

POINTS = 140
"""Hops that a trace reaches back."""
FIGURES_EVERY_S = 0.1
"""Figures change at most ten times a second, or nobody can read them."""
METER_ZONES: tuple[tuple[float, Color], ...] = ((-12.0, ACCENT), (-3.0, AMBER), (0.0, ALARM))
METER_MARKS_DB = (0, -24, -48)
NAME_PX = 22
FIGURES_PX = 27


def value_text(descriptor: Descriptor, value: float) -> str:
    """A raw value as read on its scope: decibels to a tenth, shares to a thousandth."""
    return f"{value:.1f} {descriptor.unit}" if descriptor.unit else f"{value:.3f}"


def columns_of(values: Values, width: int) -> Values:
    """``(n,)`` values spread over `width` pixel columns, the newest on the right; flat before the first.

    >>> columns_of(np.array([0.0, 1.0]), 3).tolist()
    [0.0, 0.5, 1.0]
    """
    if len(values) == 0:
        return np.zeros(width)
    ages = (POINTS - 1.0) * np.arange(width - 1, -1, -1) / (width - 1) if len(values) >= POINTS else None
    places = np.linspace(0.0, len(values) - 1.0, width) if ages is None else np.maximum(len(values) - 1.0 - ages, 0.0)
    return np.interp(places, np.arange(len(values)), values)


def history_table(history: tuple[NormalizedFeatures, ...]) -> Values:
    """The past as ``(n, 5)``, oldest first, in the order of `DESCRIPTORS`."""
    if not history:
        return np.zeros((0, len(DESCRIPTORS)))
    return np.stack([features.descriptors() for features in history])


class Scopes:
    """Five traces in one texture, each under its name and raw value, each filling its room whatever the range."""

    def __init__(self, canvas: Canvas, plan: Plan) -> None:
        rooms, self._values = [], []
        for tile, descriptor in zip(plan.listening.scopes, DESCRIPTORS, strict=True):
            name, rest = tile.from_top(plan.px(NAME_PX))
            value, room = rest.from_top(plan.px(FIGURES_PX), plan.px(3))
            canvas.label(name, descriptor.label, SMALL_PX, DIM)
            self._values.append(canvas.label(value, "–", VALUE_PX, TEXT))
            rooms.append(room)
        self._size = round(rooms[0].height), int(min(room.width for room in rooms))
        height, width = self._size
        self._texture = canvas.live("scopes", height, len(rooms) * width)
        self._layer, self._tag, self._rooms = canvas.layer(), self._texture.tag, rooms
        self._show_images()
        self._ranges = tuple(AutoRange() for _ in rooms)
        self._newest_s: float | None = None
        self._table = history_table(())
        self._thickness_px = 2.0 * max(1.0, plan.scale)

    def draw(self, view: View) -> None:
        """Show the normalised values of late; paler while the gate is closed."""
        history = view.snapshot.history[-POINTS:]
        newest_s = history[-1].capture_time_s if history else None
        if newest_s == self._newest_s and self._newest_s is not None:
            return
        table = self._table = self._grown(history)
        heights = np.stack([self._heights(index, table[:, index], view.dt_s) for index in range(len(self._ranges))])
        color = ACCENT if view.snapshot.normalized.gate_open else between_colors(INSET, ACCENT, 0.5)
        if self._texture.show(raster.traces(heights, self._size, INSET, color, self._thickness_px)):
            self._newest_s = newest_s
        if self._texture.tag != self._tag:
            self._tag = self._texture.tag
            self._show_images()

    def _grown(self, history: tuple[NormalizedFeatures, ...]) -> Values:
        """The past as a table, of which only what is new is made."""
        newest_s = self._newest_s
        fresh = tuple(features for features in history if newest_s is None or features.capture_time_s > newest_s)
        if len(fresh) >= len(history):
            return history_table(history)
        return np.concatenate([self._table, history_table(fresh)])[-len(history) :]

    def show_values(self, features: FeatureVector | None) -> None:
        """Show the raw values in figures."""
        if features is not None:
            for label, descriptor in zip(self._values, DESCRIPTORS, strict=True):
                label.set(value_text(descriptor, getattr(features, descriptor.name)))

    def _heights(self, index: int, values: Values, dt_s: float) -> Values:
        return columns_of(self._ranges[index].process(values, dt_s).position(values), self._size[1])

    def _show_images(self) -> None:
        self._layer.clear()
        count, (height, width) = len(self._rooms), self._size
        for index, room in enumerate(self._rooms):
            place = Rect(room.x, room.y, width, height)
            self._layer.image(self._tag, place, (index / count, 0.0), ((index + 1) / count, 1.0))


class Meter:
    """Level of the sound in dB, with the peak of late, and a lamp for full scale."""

    def __init__(self, canvas: Canvas, plan: Plan) -> None:
        caption, rest = plan.listening.meter.from_top(plan.px(NAME_PX))
        figures, rest = rest.from_top(plan.px(FIGURES_PX), plan.px(3))
        self._clip = canvas.box(caption.inset(0, 1), CLEAR, radius_px=3.0)
        self._caption = canvas.label(caption, "", SMALL_PX, DIM, Align.LEFT, bold=True)
        self._figures = canvas.label(figures, "–", VALUE_PX, TEXT)
        bar, scale = rest.from_left(plan.px(26), plan.px(6))
        self._bar = bar
        canvas.bar(bar, INSET)
        self._zones = tuple(canvas.bar(bar, color) for _limit, color in METER_ZONES)
        self._peak_line = canvas.bar(bar, TEXT)
        self._peak = PeakHold()
        for mark in METER_MARKS_DB:
            y = min(max(self._y(mark) - plan.px(10), bar.y - plan.px(4)), bar.bottom - plan.px(18))
            canvas.label(Rect(scale.x, y, scale.width, plan.px(20)), str(mark), SMALL_PX, DIM, Align.RIGHT)

    def draw(self, level_db: float, clipped: bool, dt_s: float) -> None:
        """Show a level."""
        floor_db = METER_FLOOR_DB
        for zone, (limit_db, _color) in zip(self._zones, METER_ZONES, strict=True):
            self._place_zone(zone, floor_db, min(level_db, limit_db))
            floor_db = limit_db
        peak_db = self._peak.process(level_db, dt_s)
        height = 3.0 if peak_db > METER_FLOOR_DB else 0.0
        self._peak_line.place(Rect(self._bar.x, self._y(peak_db), self._bar.width, height))
        self._clip.set(fill=ALARM if clipped else CLEAR)
        self._caption.set(" CLIP" if clipped else "Level dB", ON_ACCENT if clipped else DIM)

    def show_value(self, level_db: float) -> None:
        """Show the level in figures."""
        self._figures.set(level_text(level_db))

    def _place_zone(self, zone: Bar, low_db: float, high_db: float) -> None:
        top, foot = self._y(high_db), self._y(low_db)
        zone.place(Rect(self._bar.x, top, self._bar.width, max(foot - top, 0.0)))

    def _y(self, level_db: float) -> float:
        return self._bar.bottom - meter_position(level_db) * self._bar.height


class Listening:
    """The scopes with the meter at their end."""

    def __init__(self, canvas: Canvas, plan: Plan) -> None:
        self._scopes, self._meter = Scopes(canvas, plan), Meter(canvas, plan)
        self._since_figures_s = FIGURES_EVERY_S

    def targets(self) -> tuple[Target, ...]:
        """There is nothing to touch."""
        return ()

    def update(self, view: View) -> None:
        """Show what was heard."""
        snapshot = view.snapshot
        level_db = SILENCE_DB if snapshot.features is None else amplitude_to_db(snapshot.features.rms)
        self._scopes.draw(view)
        self._meter.draw(level_db, snapshot.clipped, view.dt_s)
        self._since_figures_s += view.dt_s
        if self._since_figures_s >= FIGURES_EVERY_S:
            self._since_figures_s = 0.0
            self._meter.show_value(level_db)
            self._scopes.show_values(snapshot.features)
