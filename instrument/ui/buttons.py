"""Small things that several panels use: push buttons, lamps, and the protocol of a widget."""

from typing import Protocol

from instrument.engine.snapshot import Lamp
from instrument.ui.canvas import Align, Canvas
from instrument.ui.rect import Rect
from instrument.ui.theme import ACCENT, AMBER, BODY_PX, HOVERED, LAMPS, LINE, ON_ACCENT, RAISED, TEXT, Color
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

    def __init__(self, canvas: Canvas, rect: Rect, button: Button, text: str = "") -> None:
        self._button = button
        self._box = canvas.box(rect, RAISED, LINE)
        self._label = canvas.label(rect.inset(canvas.px(6), 0), text, BODY_PX, align=Align.CENTRE)
        self._text = text
        self.target = Target(TargetKind.BUTTON, button.value, rect)

    def update(self, view: View, lit: bool = False, waiting: bool = False, text: str | None = None) -> None:
        """Show its state."""
        ground = HOVERED if view.hovers(TargetKind.BUTTON, self._button.value) else RAISED
        ground = AMBER if waiting else ACCENT if lit else ground
        self._box.set(fill=ground)
        self._label.set(self._text if text is None else text, ON_ACCENT if lit or waiting else TEXT)


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
            Lamp.BAD: canvas.box(box.middle(2 * r, 2 * r), LAMPS[Lamp.BAD], radius_px=1.0),
        }
        self.set(None)

    def set(self, lamp: Lamp | None) -> None:
        """Show one state; None shows nothing."""
        for state, shape in self._shapes.items():
            shape.set(show=state is lamp)


def panel(canvas: Canvas, rect: Rect, fill: Color) -> None:
    """The ground of a panel."""
    canvas.box(rect, fill)
