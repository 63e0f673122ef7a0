"""Knobs and switches, one for each row of the parameter table that is not a mood."""

import math
from collections.abc import Mapping

from instrument.params.spec import Kind, ParamSpec
from instrument.ui.buttons import PushButton
from instrument.ui.canvas import Align, Canvas
from instrument.ui.plan import Plan
from instrument.ui.rect import Rect
from instrument.ui.theme import (
    ACCENT,
    AMBER,
    BODY_PX,
    CLEAR,
    DIM,
    HOVERED,
    LINE,
    ON_ACCENT,
    PANEL,
    RAISED,
    SMALL_PX,
    TEXT,
    TRACK,
)
from instrument.ui.view import Button, Target, TargetKind, View

SWEEP_FROM_DEG = 135.0
SWEEP_DEG = 270.0
RING_PX = 6.0
TEXT_ROW_PX = 23
KNOB_TRAVEL_PX = 200
BADGE_PX = 17


def arc_points(centre: tuple[float, float], radius: float, start: float, end: float) -> list[list[float]]:
    """Points ``[x, y]`` along a knob's ring between two positions in ``[0, 1]``, at most 6 degrees apart."""
    steps = max(1, math.ceil(abs(end - start) * SWEEP_DEG / 6.0))
    positions = (start + (end - start) * step / steps for step in range(steps + 1))
    angles = (math.radians(SWEEP_FROM_DEG + SWEEP_DEG * position) for position in positions)
    return [[centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)] for angle in angles]


def ring_start(spec: ParamSpec) -> float:
    """Where the lit part of the ring begins: at zero for a range on both sides of it, else at the minimum."""
    return spec.normalized_of(0.0) if spec.minimum < 0.0 < spec.maximum else 0.0


class Knob:
    """An arc that fills to the value, the value in figures, and the name."""

    def __init__(self, canvas: Canvas, cell: Rect, spec: ParamSpec) -> None:
        self._spec = spec
        self._frame = canvas.box(cell.inset(canvas.px(2)), PANEL)
        name, rest = cell.inset(canvas.px(3)).from_bottom(canvas.px(TEXT_ROW_PX))
        value, dial = rest.from_bottom(canvas.px(TEXT_ROW_PX))
        self._centre = dial.centre[0], dial.centre[1] + canvas.px(2)
        self._radius = min(dial.width, dial.height) / 2 - canvas.px(RING_PX / 2)
        self._cap = canvas.circle(self._centre, self._radius - canvas.px(RING_PX), RAISED)
        canvas.polyline(arc_points(self._centre, self._radius, 0.0, 1.0), TRACK, RING_PX)
        self._arc = canvas.polyline([[0, 0], [0, 0]], ACCENT, RING_PX)
        self._hand = canvas.line([0, 0], [0, 0], TEXT, 3.0)
        side = 2 * (self._radius - canvas.px(RING_PX))
        badge = Rect(self._centre[0] - side / 2, self._centre[1] - side / 2, side, side)
        self._badge = canvas.label(badge, "", BADGE_PX, DIM, Align.CENTRE)
        self._value = canvas.label(value, "", BODY_PX, TEXT, Align.CENTRE)
        canvas.label(name, spec.label, SMALL_PX, DIM, Align.CENTRE)
        travel = canvas.px(KNOB_TRAVEL_PX)
        self.target = Target(TargetKind.CONTROL, spec.name, cell, travel)

    def update(self, view: View) -> None:
        """Show the value, who holds it and what it is bound to."""
        value = view.values[self._spec.name]
        position = self._spec.normalized_of(value)
        start = ring_start(self._spec)
        self._arc.set(points=arc_points(self._centre, self._radius, start, position), show=abs(position - start) > 1e-3)
        (tip,) = arc_points(self._centre, self._radius * 0.92, position, position)[:1]
        (root,) = arc_points(self._centre, self._radius * 0.6, position, position)[:1]
        self._hand.set(p1=root, p2=tip)
        touched = view.held == self._spec.name or view.hovers(TargetKind.CONTROL, self._spec.name)
        self._cap.set(fill=HOVERED if touched else RAISED)
        waiting = view.learning == self._spec.name
        self._frame.set(color=AMBER if waiting else CLEAR)
        self._badge.set(view.badges.get(self._spec.name, ""))
        self._value.set("move one…" if waiting else self._spec.text_of(value), AMBER if waiting else TEXT)


class Switch:
    """A toggle, lit while on, and its name."""

    def __init__(self, canvas: Canvas, cell: Rect, spec: ParamSpec) -> None:
        self._spec = spec
        self._frame = canvas.box(cell.inset(canvas.px(2)), PANEL)
        name, rest = cell.inset(canvas.px(3)).from_bottom(canvas.px(TEXT_ROW_PX))
        badge, above = rest.from_bottom(canvas.px(TEXT_ROW_PX))
        side = min(above.width, canvas.px(76))
        rect = above.middle(side, min(above.height, canvas.px(44)))
        self._box = canvas.box(rect, RAISED, LINE)
        self._state = canvas.label(rect, "", BODY_PX, TEXT, Align.CENTRE)
        self._badge = canvas.label(badge, "", SMALL_PX, DIM, Align.CENTRE)
        canvas.label(name, spec.label, SMALL_PX, DIM, Align.CENTRE)
        self.target = Target(TargetKind.CONTROL, spec.name, cell)

    def update(self, view: View) -> None:
        """Show its state and what it is bound to."""
        value = view.values[self._spec.name]
        on = value >= 0.5 * (self._spec.minimum + self._spec.maximum)
        waiting = view.learning == self._spec.name
        hovered = view.hovers(TargetKind.CONTROL, self._spec.name)
        self._box.set(fill=ACCENT if on else HOVERED if hovered else RAISED)
        self._state.set(self._spec.text_of(value).capitalize(), ON_ACCENT if on else TEXT)
        self._frame.set(color=AMBER if waiting else CLEAR)
        badge = view.badges.get(self._spec.name, "")
        self._badge.set("move one…" if waiting else badge, AMBER if waiting else DIM)


class Controls:
    """The panel of knobs and switches under their groups' titles, in pages where they do not fit."""

    def __init__(self, canvas: Canvas, plan: Plan, table: Mapping[str, ParamSpec]) -> None:
        canvas.box(plan.controls, PANEL)
        for title in plan.titles:
            canvas.label(title.rect, title.text, SMALL_PX, DIM, bold=True)
            y = title.rect.bottom - plan.px(1)
            canvas.line([title.rect.x, y], [title.rect.right, y], LINE)
        self._controls = tuple(_control(canvas, cell.rect, table[cell.name]) for cell in plan.cells)
        self._pager = None if plan.pager is None else PushButton(canvas, plan.pager, Button.NEXT_PAGE)
        self._page_text = f"{plan.page + 1}/{plan.pages}"

    def targets(self) -> tuple[Target, ...]:
        """Every control, and the pager if there is one."""
        controls = tuple(control.target for control in self._controls)
        return controls if self._pager is None else (*controls, self._pager.target)

    def update(self, view: View) -> None:
        """Show all values."""
        for control in self._controls:
            control.update(view)
        if self._pager is not None:
            self._pager.update(view, text=self._page_text)


def _control(canvas: Canvas, cell: Rect, spec: ParamSpec) -> Knob | Switch:
    if spec.kind is Kind.SWITCH:
        return Switch(canvas, cell, spec)
    # On a large window a cell grows, a knob only half as far: rings the size of a plate read no better.
    height = min(cell.height, canvas.px(156))
    return Knob(canvas, cell.middle(cell.width, height), spec)
