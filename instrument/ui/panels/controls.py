"""Knobs and switches, one for each row of the parameter table that the moods do not take."""

from collections.abc import Mapping

from instrument.params.spec import ParamSpec
from instrument.ui.draw.canvas import Canvas
from instrument.ui.draw.theme import DIM, LINE, SMALL_PX
from instrument.ui.layout.plan import Plan
from instrument.ui.view import Button, Target, View
from instrument.ui.widgets.buttons import push_button
from instrument.ui.widgets.knobs import control, dial_side


class Controls:
    """The panel of knobs and switches under their groups' titles, in pages where they do not fit."""

    def __init__(self, canvas: Canvas, plan: Plan, table: Mapping[str, ParamSpec]) -> None:
        controls = plan.controls
        for title in controls.titles:
            canvas.label(title.rect, title.text, SMALL_PX, DIM, bold=True)
            y = title.rect.bottom
            canvas.line([title.rect.x, y], [title.rect.right, y], LINE)
        side = dial_side(canvas, [cell.rect for cell in controls.cells])
        self._controls = tuple(control(canvas, cell.rect, table[cell.name], side) for cell in controls.cells)
        self._pager = None if controls.pager is None else push_button(canvas, controls.pager, Button.NEXT_PAGE)
        self._page_text = f"{controls.page + 1}/{controls.pages}"

    def targets(self) -> tuple[Target, ...]:
        """Every control, and the pager if there is one."""
        controls = tuple(control.target for control in self._controls)
        return controls if self._pager is None else (*controls, self._pager.target)

    def update(self, view: View) -> None:
        """Show all values."""
        for each in self._controls:
            each.update(view)
        if self._pager is not None:
            self._pager.update(view, text=self._page_text)
