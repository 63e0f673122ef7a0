"""Eight pads that hold looks."""

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
    INSET,
    LINE,
    ON_ACCENT,
    PANEL,
    RAISED,
    SMALL_PX,
    TEXT,
    Color,
)
from instrument.ui.view import Button, Target, TargetKind, View

NUMBER_PX = 18
EMPTY = "empty"


class Pad:
    """One pad: number, name, lit while its look plays, a dot once a hand has changed something since."""

    def __init__(self, canvas: Canvas, rect: Rect, pad: int) -> None:
        self._pad = pad
        self._box = canvas.box(rect, RAISED, LINE, thickness_px=1.5)
        inner = rect.inset(canvas.px(9), canvas.px(4))
        upper, lower = inner.middle(inner.width, min(inner.height, canvas.px(48))).rows(2)
        number, rest = upper.from_left(canvas.px(NUMBER_PX))
        self._number = canvas.label(number, str(pad), SMALL_PX, DIM, bold=True)
        self._edited = canvas.label(rest, "", SMALL_PX, ON_ACCENT, Align.RIGHT)
        self._name = canvas.label(lower, "", BODY_PX, TEXT)
        self.target = Target(TargetKind.PAD, str(pad), rect)

    def update(self, view: View) -> None:
        """Show what is on it and whether it plays."""
        name = next((look.name for look in view.looks if look.pad == self._pad), None)
        current, edited = view.current_look
        plays = current == self._pad and name is not None
        hovered = view.hovers(TargetKind.PAD, str(self._pad))
        idle = HOVERED if hovered else RAISED if name else INSET
        self._box.set(fill=ACCENT if plays else idle, color=AMBER if view.saving else CLEAR if plays else LINE)
        quiet: Color = ON_ACCENT if plays else DIM
        self._number.set(str(self._pad), quiet)
        self._name.set(name or EMPTY, ON_ACCENT if plays else TEXT if name else DIM)
        self._edited.set("edited" if plays and edited else "")


class Looks:
    """The panel of the pads."""

    def __init__(self, canvas: Canvas, plan: Plan) -> None:
        canvas.box(plan.looks, PANEL)
        save, rest = plan.looks_header.from_right(plan.px(76), plan.px(12))
        self._save = PushButton(canvas, save, Button.SAVE, "Save")
        self._title = canvas.label(rest, "Looks", SMALL_PX, DIM, bold=True)
        self._pads = tuple(Pad(canvas, rect, number) for number, rect in enumerate(plan.pads, start=1))

    def targets(self) -> tuple[Target, ...]:
        """The pads and the save button."""
        return (*(pad.target for pad in self._pads), self._save.target)

    def update(self, view: View) -> None:
        """Show all pads."""
        self._save.update(view, waiting=view.saving)
        self._title.set("Save to which pad?" if view.saving else "Looks", AMBER if view.saving else DIM)
        for pad in self._pads:
            pad.update(view)
