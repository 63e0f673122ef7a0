"""The drawing primitives of the surface on Dear PyGui's draw list: kept, and changed only where something differs."""

from collections.abc import Sequence
from enum import Enum

import dearpygui.dearpygui as dpg

from instrument.ui import text
from instrument.ui.plan import px
from instrument.ui.rect import Rect
from instrument.ui.theme import BODY_PX, CLEAR, RADIUS_PX, TEXT, Color

Tag = int | str
Points = Sequence[Sequence[float]]


class Align(Enum):
    """Where a text stands in its box."""

    LEFT = 0.0
    CENTRE = 0.5
    RIGHT = 1.0


class Shape:
    """One item of the draw list."""

    def __init__(self, tag: Tag) -> None:
        self._tag = tag
        self._shown: dict[str, object] = {}

    def set(self, **changes: object) -> None:
        """Change what differs from what was last set."""
        new = {name: value for name, value in changes.items() if self._shown.get(name) != value}
        if new:
            dpg.configure_item(self._tag, **new)
            self._shown.update(new)


class Box(Shape):
    """A filled rectangle that can move."""

    def place(self, rect: Rect) -> None:
        """Put it there; a rectangle without area is hidden."""
        visible = rect.width > 0.0 and rect.height > 0.0
        self.set(show=visible)
        if visible:
            self.set(pmin=[rect.x, rect.y], pmax=[rect.right, rect.bottom])


class Label:
    """One line of text in a box, cut with an ellipsis where the box ends, centred from top to bottom."""

    def __init__(self, tag: Tag, box: Rect, size_px: float, align: Align, bold: bool) -> None:
        self._shape = Shape(tag)
        self._box, self._size_px, self._align, self._bold = box, size_px, align, bold
        self._text: str | None = None

    def set(self, content: str, color: Color | None = None) -> None:
        """Show `content`."""
        if content != self._text:
            self._text = content
            self._write(content)
        if color is not None:
            self._shape.set(color=color)

    def _write(self, content: str) -> None:
        fitting = text.elide(content, self._size_px, self._box.width, self._bold)
        free = self._box.width - text.width_px(fitting, self._size_px, self._bold)
        x = self._box.x + round(self._align.value * free)
        y = self._box.y + round((self._box.height - self._size_px) / 2)
        self._shape.set(text=fitting, pos=[x, y])


class Canvas:
    """Draws into one container of the draw list. Lengths without a rectangle are the theme's, times `scale`."""

    def __init__(self, parent: Tag, scale: float, fonts: Sequence[Tag]) -> None:
        self._parent = parent
        self._scale = scale
        self._medium, self._bold = fonts

    def px(self, length: float) -> float:
        """A length of the theme at this scale."""
        return px(length, self._scale)

    def box(
        self, rect: Rect, fill: Color, stroke: Color = CLEAR, radius_px: float = RADIUS_PX, thickness_px: float = 1.0
    ) -> Box:
        """A rectangle with round corners."""
        tag = dpg.draw_rectangle(
            [rect.x, rect.y], [rect.right, rect.bottom], parent=self._parent, fill=fill, color=stroke,
            rounding=radius_px * self._scale, thickness=thickness_px * self._scale,
        )  # fmt: skip
        return Box(tag)

    def line(self, start: Sequence[float], end: Sequence[float], color: Color, thickness_px: float = 1.0) -> Shape:
        """A straight line."""
        thickness = max(1.0, thickness_px * self._scale)
        return Shape(dpg.draw_line(start, end, parent=self._parent, color=color, thickness=thickness))

    def polyline(self, points: Points, color: Color, thickness_px: float) -> Shape:
        """A line through `points`, each ``(x, y)``."""
        thickness = thickness_px * self._scale
        return Shape(dpg.draw_polyline(points, parent=self._parent, color=color, thickness=thickness))

    def polygon(self, points: Points, fill: Color) -> Shape:
        """A filled convex outline."""
        return Shape(dpg.draw_polygon(points, parent=self._parent, color=fill, fill=fill))

    def circle(
        self, centre: Sequence[float], radius: float, fill: Color, stroke: Color = CLEAR, thickness_px: float = 1.0
    ) -> Shape:
        """A circle; `radius` in pixels of the window."""
        tag = dpg.draw_circle(
            centre, radius, parent=self._parent, fill=fill, color=stroke, thickness=thickness_px * self._scale
        )
        return Shape(tag)

    def image(self, texture: Tag, rect: Rect) -> Shape:
        """A texture, stretched over `rect`."""
        tag = dpg.draw_image(texture, [rect.x, rect.y], [rect.right, rect.bottom], parent=self._parent)
        return Shape(tag)

    def label(
        self,
        box: Rect,
        content: str = "",
        size_px: float = BODY_PX,
        color: Color = TEXT,
        align: Align = Align.LEFT,
        bold: bool = False,
    ) -> Label:
        """A text of `size_px` (the theme's) in `box`."""
        size = self.px(size_px)
        tag = dpg.draw_text([box.x, box.y], "", parent=self._parent, size=size, color=color)
        dpg.bind_item_font(tag, self._bold if bold else self._medium)
        label = Label(tag, box, size, align, bold)
        label.set(content)
        return label
