"""A knob and a switch: each stands for one row of the parameter table."""

import math
from collections.abc import Sequence

from instrument.params.spec import Kind, ParamSpec
from instrument.ui.draw import raster
from instrument.ui.draw.canvas import Align, Canvas
from instrument.ui.draw.tags import Tag
from instrument.ui.draw.theme import (
    ACCENT,
    AMBER,
    CLEAR,
    DIM,
    HOVERED,
    ON_ACCENT,
    RAISED,
    SMALL_PX,
    TEXT,
    TRACK,
    Color,
)
from instrument.ui.layout.rect import Rect
from instrument.ui.view import Target, TargetKind, View

SWEEP_FROM_DEG = 135.0
SWEEP_DEG = 270.0
RING_PX = 5.0
NAME_PX = 22
KNOB_TRAVEL_PX = 200
DIAL_MAX_PX = 96
HEADROOM_PX = 2
"""Between the line under a section's title and its dials."""
FIGURES_SHARE = 0.8
"""Part of the dial's width that figures may take."""


def arc_points(centre: tuple[float, float], radius: float, start: float, end: float) -> list[list[float]]:
    """Points ``[x, y]`` along a knob's ring between two positions in ``[0, 1]``, at most 9 degrees apart."""
    steps = max(1, math.ceil(abs(end - start) * SWEEP_DEG / 9.0))
    positions = (start + (end - start) * step / steps for step in range(steps + 1))
    angles = (math.radians(SWEEP_FROM_DEG + SWEEP_DEG * position) for position in positions)
    return [[centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)] for angle in angles]


def ring_start(spec: ParamSpec) -> float:
    """Where the lit part of the ring begins: at zero for a range on both sides of it, else at the minimum."""
    return spec.normalized_of(0.0) if spec.minimum < 0.0 < spec.maximum else 0.0


def figures(spec: ParamSpec, value: float) -> str:
    """The value without its unit, short enough for a dial.

    >>> figures(ParamSpec("x", "X", "g", 0.0, -24.0, 24.0, "", unit="dB"), -1.5)
    '-1.5'
    """
    span = spec.maximum - spec.minimum
    decimals = 0 if span >= 100.0 else 1 if span > 10.0 else 2
    return f"{value + 0.0:.{decimals}f}"


class Knob:
    """An arc that fills to the value, with the value in figures inside, and the name below."""

    def __init__(self, canvas: Canvas, cell: Rect, spec: ParamSpec, side: float) -> None:
        """`side` is that of the dial, in pixels of the window."""
        self._spec = spec
        block = cell.middle(cell.width, min(cell.height, side + canvas.px(NAME_PX)))
        name, room = block.from_bottom(canvas.px(NAME_PX))
        dial = Rect(room.centre[0] - side // 2, room.bottom - side + canvas.px(1), side, side)
        self._centre = dial.centre
        ring = canvas.px(RING_PX)
        self._radius = side / 2 - 1.0 - ring / 2
        size = round(side)
        self._dials = tuple(canvas.image(_dial(canvas, size, ring, cap), dial) for cap in (RAISED, HOVERED))
        self._arc = canvas.polyline([[0, 0], [0, 0]], ACCENT, RING_PX)
        self._tip = canvas.circle([0, 0], ring * 0.8, TEXT)
        self._value = canvas.label(dial.inset(side * (1.0 - FIGURES_SHARE) / 2, 0), "", SMALL_PX, TEXT, Align.CENTRE)
        foot = Rect(dial.x, dial.bottom - canvas.px(11), dial.width, canvas.px(8))
        self._bound = canvas.bar(foot.middle(canvas.px(12), canvas.px(5)), AMBER)
        self._name = canvas.label(name, spec.label, SMALL_PX, DIM, Align.CENTRE)
        self._frame = canvas.frame(cell.inset(canvas.px(1), -canvas.px(1)), CLEAR)
        self.target = Target(TargetKind.CONTROL, spec.name, cell, canvas.px(KNOB_TRAVEL_PX))

    def update(self, view: View) -> None:
        """Show the value, who holds it and what it is bound to."""
        name, value = self._spec.name, view.values[self._spec.name]
        position, start = self._spec.normalized_of(value), ring_start(self._spec)
        self._arc.set(points=arc_points(self._centre, self._radius, start, position), show=abs(position - start) > 1e-3)
        (tip,) = arc_points(self._centre, self._radius, position, position)[:1]
        self._tip.set(center=tip)
        plain, lifted = self._dials
        touched, waiting = view.touches(name), view.learning == name
        plain.set(show=not touched)
        lifted.set(show=touched)
        self._frame.mark(AMBER if waiting else DIM if view.selected == name else CLEAR)
        badge = view.badges.get(name, "")
        self._bound.set(show=bool(badge))
        shows_badge = badge and (view.picking or view.learning is not None)
        self._value.set(badge if shows_badge else figures(self._spec, value), AMBER if shows_badge else TEXT)
        self._name.set("move one…" if waiting else self._spec.label, AMBER if waiting else TEXT if touched else DIM)


def _dial(canvas: Canvas, size: int, ring: float, cap: Color) -> Tag:
    def paint() -> raster.Rgba:
        return raster.dial(size, ring, cap, TRACK, SWEEP_FROM_DEG, SWEEP_DEG)

    return canvas.painted(paint, f"dial {size} {cap}")


class Switch:
    """A toggle, lit while on, and its name."""

    def __init__(self, canvas: Canvas, cell: Rect, spec: ParamSpec, side: float) -> None:
        """`side` is that of the dials beside it, in pixels of the window."""
        self._spec = spec
        block = cell.middle(cell.width, min(cell.height, side + canvas.px(NAME_PX)))
        name, room = block.inset(canvas.px(4), 0).from_bottom(canvas.px(NAME_PX))
        rect = room.middle(min(room.width, canvas.px(64)), min(room.height - canvas.px(8), canvas.px(38)))
        self._box = canvas.box(rect, RAISED)
        self._state = canvas.label(rect, "", SMALL_PX, TEXT, Align.CENTRE)
        self._name = canvas.label(name, spec.label, SMALL_PX, DIM, Align.CENTRE)
        foot = Rect(rect.x, rect.bottom + canvas.px(1), rect.width, canvas.px(5))
        self._bound = canvas.bar(foot.middle(canvas.px(12), canvas.px(5)), AMBER)
        self._frame = canvas.frame(cell.inset(canvas.px(1), -canvas.px(1)), CLEAR)
        self.target = Target(TargetKind.CONTROL, spec.name, cell)

    def update(self, view: View) -> None:
        """Show its state and what it is bound to."""
        name, value = self._spec.name, view.values[self._spec.name]
        on = value >= 0.5 * (self._spec.minimum + self._spec.maximum)
        touched, waiting, badge = view.touches(name), view.learning == name, view.badges.get(name, "")
        self._box.set(fill=ACCENT if on else HOVERED if touched else RAISED)
        shows_badge = badge and (view.picking or view.learning is not None)
        told = badge if shows_badge else self._spec.text_of(value).capitalize()
        self._state.set(told, ON_ACCENT if on else AMBER if shows_badge else TEXT)
        self._bound.set(show=bool(badge))
        self._frame.mark(AMBER if waiting else DIM if view.selected == name else CLEAR)
        self._name.set("move one…" if waiting else self._spec.label, AMBER if waiting else TEXT if touched else DIM)


def dial_side(canvas: Canvas, cells: Sequence[Rect]) -> float:
    """The side of a dial that fits every one of `cells`: all knobs are alike."""
    most = canvas.px(DIAL_MAX_PX)
    above = canvas.px(NAME_PX + HEADROOM_PX)
    fitting = min((min(cell.width - 4, cell.height - above) for cell in cells), default=most)
    return float(min(fitting, most) // 1)


def control(canvas: Canvas, cell: Rect, spec: ParamSpec, side: float) -> Knob | Switch:
    """What the row wants."""
    return Switch(canvas, cell, spec, side) if spec.kind is Kind.SWITCH else Knob(canvas, cell, spec, side)
