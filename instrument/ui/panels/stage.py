"""Everything on the surface, for one layout; what stands where a page opens makes room for it."""

from instrument.params.table import ParamTable
from instrument.ui.draw.canvas import Canvas
from instrument.ui.layout.mixing import Points
from instrument.ui.layout.plan import Plan
from instrument.ui.panels.backdrop import draw_backdrop
from instrument.ui.panels.controls import Controls
from instrument.ui.panels.listening import Listening
from instrument.ui.panels.looks import Looks
from instrument.ui.panels.moods import Moods
from instrument.ui.panels.picture import Picture, PicturePanel, PictureTexture
from instrument.ui.panels.rhythm import RhythmPanel
from instrument.ui.panels.status import Status
from instrument.ui.panels.transport import Transport
from instrument.ui.view import Target, View
from instrument.ui.widgets.buttons import Widget


class Stage:
    """The widgets. `texture` is that of the picture, `title` what is told until there is one.

    `on_card` makes room for a card's load at the top.
    """

    corners: Points | None = None
    """Those of the pad, if there is one."""

    def __init__(
        self, canvas: Canvas, plan: Plan, table: ParamTable, texture: PictureTexture, title: str, on_card: bool = False
    ) -> None:
        grounds = (canvas.sheet(), canvas.sheet())
        for (ground, _), panels in zip(grounds, (plan.panels(), plan.panels_beside_page()), strict=True):
            draw_backdrop(ground, plan.window, panels)
        inner, right = canvas.sheet()
        self._whole, self._beside_page = (grounds[0][1], right), grounds[1][1]
        self._staying: tuple[Widget, ...] = (
            Transport(canvas, plan, on_card), PicturePanel(canvas, plan.picture, texture, title), Looks(canvas, plan),
            Status(canvas, plan, table),
        )  # fmt: skip
        moods = Moods(inner, plan, table)
        self.corners = None if moods.pad is None else moods.pad.corners
        self._covered: tuple[Widget, ...] = (
            Listening(inner, plan), RhythmPanel(inner, plan), moods, Controls(inner, plan, table),
        )  # fmt: skip
        staying = [target for widget in self._staying for target in widget.targets()]
        self._left = tuple(target for target in staying if target.rect.right <= plan.page.x)
        self.targets: tuple[Target, ...] = (
            *staying, *(target for widget in self._covered for target in widget.targets())
        )  # fmt: skip
        self._page_open: bool | None = None
        self.open_page(False)

    @property
    def touchable(self) -> tuple[Target, ...]:
        """What a hand can touch now: beside a page only what is left of it, where none of its menus can open."""
        return self._left if self._page_open else self.targets

    def open_page(self, is_open: bool) -> bool:
        """Make room for a page, or show everything again; whether that is a change."""
        if is_open == self._page_open:
            return False
        self._page_open = is_open
        for shape in self._whole:
            shape.set(show=not is_open)
        self._beside_page.set(show=is_open)
        return True

    def update(self, view: View) -> None:
        """Show `view`."""
        for widget in self._staying if self._page_open else (*self._staying, *self._covered):
            widget.update(view)


class BareStage:
    """The picture and nothing else."""

    corners: Points | None = None

    def __init__(self, canvas: Canvas, plan: Plan, texture: PictureTexture, title: str) -> None:
        self._picture = Picture(canvas, plan.window, texture, title)
        self.targets = self.touchable = self._picture.targets()

    def open_page(self, is_open: bool) -> bool:  # noqa: ARG002 (as the other)
        """No page opens over it: the surface shows its panels then."""
        return False

    def update(self, view: View) -> None:
        """Show `view`."""
        self._picture.update(view)
