"""Eight pads that hold looks, each with its picture."""

import numpy as np
import numpy.typing as npt

from instrument.ui.deck import LookPad
from instrument.ui.draw.canvas import Align, Canvas
from instrument.ui.draw.theme import (
    ACCENT,
    AMBER,
    CLEAR,
    DIM,
    HOVERED,
    INSET,
    LINE,
    ON_ACCENT,
    RAISED,
    SMALL_PX,
    TEXT,
    WINDOW,
)
from instrument.ui.layout.plan import Plan
from instrument.ui.layout.rect import Rect
from instrument.ui.view import Button, Target, TargetKind, View
from instrument.ui.widgets.buttons import push_button

THUMB_PX = 96
"""Side of the pictures on the pads, in pixels of their own."""
NAME_PX = 26
EMPTY = "empty"


def thumb(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """An image ``(height, width, 3)`` brought to ``(96, 96, 3)``: the nearest pixels."""
    rows, columns = ((np.arange(THUMB_PX) + 0.5) * side / THUMB_PX for side in image.shape[:2])
    return np.ascontiguousarray(image[rows.astype(int)][:, columns.astype(int)])


class Thumb:
    """The picture of one pad, cut to its shape."""

    def __init__(self, canvas: Canvas, rect: Rect, pad: int) -> None:
        self._texture = canvas.live(f"thumb {pad}", THUMB_PX, THUMB_PX)
        self._layer, self._rect = canvas.layer(), rect
        self._waiting: npt.NDArray[np.uint8] | None = None
        self._shown: LookPad | None = None

    def update(self, look: LookPad | None) -> None:
        """Show the picture of `look`, once it is another one."""
        if look is not self._shown and (self._shown is None or look is None or look.picture is not self._shown.picture):
            self._waiting = None if look is None or look.picture is None else thumb(look.picture)
            self._layer.clear()
        self._shown = look
        if self._waiting is not None and self._texture.show(self._waiting):
            self._waiting = None
            longer = max(self._rect.width, self._rect.height)
            half = [0.5 * side / longer for side in (self._rect.width, self._rect.height)]
            start, end = (0.5 - half[0], 0.5 - half[1]), (0.5 + half[0], 0.5 + half[1])
            self._layer.clear()
            self._layer.image(self._texture.tag, self._rect, start, end)


class Pad:
    """One pad: number, name, picture; lit while its look plays, and told once a hand has changed something since."""

    def __init__(self, canvas: Canvas, rect: Rect, pad: int) -> None:
        self._pad = pad
        self._ground = canvas.bar(rect, INSET)
        strip, room = rect.from_bottom(canvas.px(NAME_PX))
        self._thumb = Thumb(canvas, room, pad)
        self._strip = canvas.bar(strip, RAISED)
        number = Rect(rect.x, rect.y, canvas.px(22), canvas.px(22))
        canvas.bar(number, WINDOW)
        canvas.label(number, str(pad), SMALL_PX, TEXT, Align.CENTRE, bold=True)
        self._name = canvas.label(strip.inset(canvas.px(5), 0), "", SMALL_PX, TEXT)
        chip = Rect(rect.right - canvas.px(62), rect.y + canvas.px(4), canvas.px(58), canvas.px(22))
        self._chip = canvas.box(chip, CLEAR, radius_px=3.0)
        self._edited = canvas.label(chip, "", SMALL_PX, ON_ACCENT, Align.CENTRE)
        self._frame = canvas.frame(rect, LINE, 2.0)
        self.target = Target(TargetKind.PAD, str(pad), rect)

    def update(self, view: View) -> None:
        """Show what is on it and whether it plays."""
        look = next((look for look in view.looks if look.pad == self._pad and look.name is not None), None)
        current, edited = view.current_look
        plays = current == self._pad and look is not None
        hovered = view.hovers(TargetKind.PAD, str(self._pad))
        self._thumb.update(look)
        self._strip.set(fill=ACCENT if plays else HOVERED if hovered else RAISED if look else INSET)
        self._frame.mark(AMBER if view.saving else ACCENT if plays else HOVERED if hovered else LINE)
        name = look.name if look is not None and look.name else EMPTY
        self._name.set(name, ON_ACCENT if plays else TEXT if look else DIM)
        marked = plays and edited
        self._chip.set(fill=AMBER if marked else CLEAR)
        self._edited.set("edited" if marked else "")


class Looks:
    """The panel of the pads."""

    def __init__(self, canvas: Canvas, plan: Plan) -> None:
        save, rest = plan.looks.header.from_right(plan.px(76), plan.px(8))
        undo, rest = rest.from_right(plan.px(76), plan.px(12))
        self._save = push_button(canvas, save, Button.SAVE, "Save")
        self._undo = push_button(canvas, undo, Button.UNDO, "Undo")
        self._title = canvas.label(rest, "Looks", SMALL_PX, DIM, bold=True)
        self._pads = tuple(Pad(canvas, rect, number) for number, rect in enumerate(plan.looks.pads, start=1))

    def targets(self) -> tuple[Target, ...]:
        """The pads and the buttons."""
        return (*(pad.target for pad in self._pads), self._save.target, self._undo.target)

    def update(self, view: View) -> None:
        """Show all pads."""
        self._save.update(view, waiting=view.saving)
        self._undo.update(view)
        self._title.set("Save to which pad?" if view.saving else "Looks", AMBER if view.saving else DIM)
        for pad in self._pads:
            pad.update(view)
