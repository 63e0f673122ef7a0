"""Small things that several panels use: push buttons, lamps, sliders, and the protocol of a panel."""

from typing import Protocol

from instrument.engine.snapshot import Lamp
from instrument.params.spec import ParamSpec
from instrument.ui.draw.canvas import Align, Canvas
from instrument.ui.draw.theme import (
    ACCENT,
    AMBER,
    BODY_PX,
    DIM,
    HOVERED,
    INSET,
    LAMPS,
    LINE,
    ON_ACCENT,
    RAISED,
    SMALL_PX,
    TEXT,
    TRACK,
)
from instrument.ui.layout.rect import Rect
from instrument.ui.view import Button, Target, TargetKind, View


class Widget(Protocol):
    """Drawn once where the plan puts it, then shown one view after another."""

    def targets(self) -> tuple[Target, ...]:
        """What a hand can touch on it."""
        ...

    def update(self, view: View) -> None:
        """Show `view`."""
        ...


class PushButton:
    """A button with a text; lit while its state is on, amber while it waits for the hand."""

    def __init__(
        self,
        canvas: Canvas,
        rect: Rect,
        name: str,
        text: str = "",
        kind: TargetKind = TargetKind.BUTTON,
        size_px: float = BODY_PX,
    ) -> None:
        self._box = canvas.box(rect, RAISED, radius_px=6.0)
        self._label = canvas.label(rect.inset(canvas.px(4), 0), text, size_px, align=Align.CENTRE)
        self._text = text
        self.target = Target(kind, name, rect)

    def update(self, view: View, lit: bool = False, waiting: bool = False, text: str | None = None) -> None:
        """Show its state."""
        ground = HOVERED if view.hovers(self.target.kind, self.target.name) else RAISED
        ground = AMBER if waiting else ACCENT if lit else ground
        self._box.set(fill=ground)
        self._label.set(self._text if text is None else text, ON_ACCENT if lit or waiting else TEXT)


def push_button(canvas: Canvas, rect: Rect, button: Button, text: str = "", size_px: float = BODY_PX) -> PushButton:
    """One of the surface's own buttons."""
    return PushButton(canvas, rect, button.value, text, size_px=size_px)


class LampLight:
    """A lamp that differs in shape as well as in colour: disc good, triangle warning, square bad, ring off."""

    def __init__(self, canvas: Canvas, box: Rect) -> None:
        x, y = box.centre
        r = canvas.px(6)
        triangle = [[x, y - r], [x + r, y + r * 0.8], [x - r, y + r * 0.8], [x, y - r]]
        self._shapes = {
            Lamp.OFF: canvas.circle([x, y], r - 1, (0, 0, 0, 0), LAMPS[Lamp.OFF], 2.0),
            Lamp.GOOD: canvas.circle([x, y], r, LAMPS[Lamp.GOOD]),
            Lamp.WARN: canvas.polygon(triangle, LAMPS[Lamp.WARN]),
            Lamp.BAD: canvas.bar(box.middle(2 * r, 2 * r), LAMPS[Lamp.BAD]),
        }
        self.set(None)

    def set(self, lamp: Lamp | None) -> None:
        """Show one state; None shows nothing."""
        for state, shape in self._shapes.items():
            shape.set(show=state is lamp)


class Slider:
    """A parameter on a level bar: name, bar, value."""

    def __init__(self, canvas: Canvas, rect: Rect, spec: ParamSpec) -> None:
        self._spec = spec
        name, rest = rect.from_left(canvas.px(104), canvas.px(8))
        value, bar = rest.from_right(canvas.px(48), canvas.px(8))
        self._name = canvas.label(name, spec.label, SMALL_PX, DIM, Align.RIGHT)
        self._value = canvas.label(value, "", BODY_PX, TEXT, Align.RIGHT)
        self._room = bar.middle(bar.width, canvas.px(14))
        self._rail = canvas.box(self._room, INSET, LINE, 5.0)
        self._fill = canvas.bar(self._room, ACCENT)
        self._handle = canvas.bar(self._room, TEXT)
        self._width = canvas.px(8)
        self.target = Target(TargetKind.CONTROL, spec.name, rect, self._room.width - self._width, upwards=False)

    def update(self, view: View) -> None:
        """Show the value, and who waits for it or holds it."""
        value, name = view.values[self._spec.name], self._spec.name
        waiting, badge = view.learning == name, view.badges.get(name, "")
        self._rail.set(color=AMBER if waiting else TEXT if view.selected == name else LINE)
        x = self._room.x + self._spec.normalized_of(value) * (self._room.width - self._width)
        self._fill.place(Rect(self._room.x, self._room.y, x - self._room.x, self._room.height))
        self._handle.place(Rect(x, self._room.y - 4, self._width, self._room.height + 8))
        told = badge if badge and (view.picking or view.learning) else self._spec.label
        self._name.set("move one…" if waiting else told, AMBER if waiting else TEXT if view.touches(name) else DIM)
        self._value.set(f"{value:.2f}")


class Progress:
    """A thin bar that fills while something is being done."""

    def __init__(self, canvas: Canvas, room: Rect) -> None:
        self._room = room
        self._rail = canvas.bar(room, TRACK)
        self._fill = canvas.bar(room, ACCENT)

    def show(self, share: float | None) -> None:
        """Fill it to `share` in ``[0, 1]``; None shows nothing."""
        self._rail.set(show=share is not None)
        room, done = self._room, 0.0 if share is None else min(max(share, 0.0), 1.0)
        self._fill.place(Rect(room.x, room.y, room.width * done, room.height))
