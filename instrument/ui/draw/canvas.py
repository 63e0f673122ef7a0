"""The drawing primitives of the surface on Dear PyGui's draw list: kept, and changed only where something differs."""

from collections.abc import Callable, Sequence
from enum import Enum

import dearpygui.dearpygui as dpg
import numpy as np
import numpy.typing as npt

from instrument.ui.draw import raster, text
from instrument.ui.draw.tags import Tag
from instrument.ui.draw.texture import LiveTexture
from instrument.ui.draw.theme import BODY_PX, CLEAR, RADIUS_PX, TEXT, Color
from instrument.ui.layout.rect import Rect
from instrument.ui.layout.scaling import px

Points = Sequence[Sequence[float]]
Paint = Callable[[], npt.NDArray[np.float32]]


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


class Bar(Shape):
    """A filled rectangle with square corners that can move."""

    def place(self, rect: Rect) -> None:
        """Put it there; a rectangle without area is hidden."""
        visible = rect.width > 0.0 and rect.height > 0.0
        self.set(show=visible)
        if visible:
            self.set(pmin=[rect.x, rect.y], pmax=[rect.right, rect.bottom])


class Frame(Shape):
    """An outline."""

    def mark(self, color: Color) -> None:
        """Draw it in `color`; a clear one is not drawn."""
        self.set(show=color[3] > 0)
        if color[3] > 0:
            self.set(color=color)


class Plate:
    """A rectangle with round corners that stays where it is: its fill and its edge, each painted once and tinted."""

    def __init__(self, fill: Shape, edge: Shape | None) -> None:
        self._fill, self._edge = fill, edge

    def set(self, fill: Color | None = None, color: Color | None = None) -> None:
        """Change the colour of the fill, or of the edge; a clear one is not drawn."""
        for shape, tint in ((self._fill, fill), (self._edge, color)):
            if shape is not None and tint is not None:
                shape.set(show=tint[3] > 0)
                if tint[3] > 0:
                    shape.set(color=tint)


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


class MovingLabel:
    """One line of text that goes where its box goes; left out where less than three letters of it would fit."""

    def __init__(self, tag: Tag, size_px: float, align: Align) -> None:
        self._shape, self._size_px, self._align = Shape(tag), size_px, align

    def place(self, box: Rect, content: str) -> None:
        """Show `content` in `box`."""
        fitting = text.elide(content, self._size_px, box.width - 0.3 * self._size_px)
        if len(fitting) < min(len(content), 4):
            fitting = ""
        self._shape.set(show=bool(fitting))
        if fitting:
            x = box.x + round(self._align.value * (box.width - text.width_px(fitting, self._size_px)))
            self._shape.set(text=fitting, pos=[x, box.y + round((box.height - self._size_px) / 2)])


class Layer:
    """Images that are taken away together."""

    def __init__(self, tag: Tag) -> None:
        self._tag = tag

    def clear(self) -> None:
        """Take all of it away."""
        dpg.delete_item(self._tag, children_only=True)

    def image(
        self, texture: Tag, rect: Rect, start: Sequence[float] = (0.0, 0.0), end: Sequence[float] = (1.0, 1.0)
    ) -> None:
        """The part of a texture from `start` to `end`, stretched over `rect`."""
        dpg.draw_image(
            texture, [rect.x, rect.y], [rect.right, rect.bottom], uv_min=list(start), uv_max=list(end), parent=self._tag
        )


class Paints:
    """Textures painted once, kept by what they show. Owned by the surface; outlives a change of layout."""

    def __init__(self) -> None:
        self.registry: Tag = dpg.add_texture_registry()
        self._tags: dict[str, Tag] = {}
        self._live: dict[str, LiveTexture] = {}
        self._used: set[str] = set()

    def painted(self, paint: Paint, key: str) -> Tag:
        """The texture under `key`; `paint` gives its ``(height, width, 4)`` float32 if it is new."""
        self._used.add(key)
        if key not in self._tags:
            pixels = np.ascontiguousarray(paint(), np.float32)
            height, width, _channels = pixels.shape
            self._tags[key] = dpg.add_static_texture(width, height, pixels, parent=self.registry)
        return self._tags[key]

    def sweep(self) -> None:
        """A layout is complete: give back what the one before used and this one does not."""
        for key in self._tags.keys() - self._used:
            dpg.delete_item(self._tags.pop(key))
        self._used.clear()

    def live(self, key: str, height: int, width: int) -> LiveTexture:
        """The texture under `key` that changes while it is shown, of that size."""
        texture = self._live.get(key)
        if texture is None or texture.size != (height, width):
            if texture is not None:
                texture.close()
            texture = self._live[key] = LiveTexture(self.registry, height, width)
        return texture


class Canvas:
    """Draws into one container of the draw list. Lengths without a rectangle are the theme's, times `scale`."""

    def __init__(self, parent: Tag, scale: float, fonts: Sequence[Tag], paints: Paints) -> None:
        self._parent = parent
        self._paints = paints
        self._scale = scale
        self._medium, self._bold = fonts

    def layer(self) -> "Layer":
        """A part of the drawing, at this height, that can be cleared by itself."""
        return Layer(dpg.add_draw_node(parent=self._parent))

    def sheet(self) -> tuple["Canvas", Shape]:
        """A canvas at this height, and the whole of it as one shape that can be hidden."""
        tag = dpg.add_draw_layer(parent=self._parent)
        return Canvas(tag, self._scale, (self._medium, self._bold), self._paints), Shape(tag)

    def px(self, length: float) -> float:
        """A length of the theme at this scale."""
        return px(length, self._scale)

    def box(
        self, rect: Rect, fill: Color, stroke: Color = CLEAR, radius_px: float = RADIUS_PX, thickness_px: float = 1.0
    ) -> Plate:
        """A rectangle with round corners."""
        size = round(rect.height), round(rect.width)
        radius, edge = self.px(radius_px), max(1.0, self.px(thickness_px))
        key = f"plate {size} {radius} {edge}"
        filled = self.image(self.painted(lambda: raster.plate(*size, radius), key), rect)
        # Every pixel of a picture costs, clear or not: a plate that never has an edge does without its picture.
        edged = None if stroke == CLEAR else self.painted(lambda: raster.edge(*size, radius, edge), f"{key} edge")
        plate = Plate(filled, None if edged is None else self.image(edged, rect))
        plate.set(fill, stroke)
        return plate

    def bar(self, rect: Rect, fill: Color) -> Bar:
        """A rectangle with square corners, which can move."""
        tag = dpg.draw_rectangle(
            [rect.x, rect.y], [rect.right, rect.bottom], parent=self._parent, fill=fill, color=CLEAR
        )
        return Bar(tag)

    def frame(self, rect: Rect, color: Color, thickness_px: float = 1.0) -> Frame:
        """The outline of a rectangle with square corners."""
        thickness = max(1.0, self.px(thickness_px))
        place = rect.inset(thickness / 2)
        tag = dpg.draw_rectangle(
            [place.x, place.y], [place.right, place.bottom], parent=self._parent, fill=CLEAR, thickness=thickness
        )
        frame = Frame(tag)
        frame.mark(color)
        return frame

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

    def image(
        self, texture: Tag, rect: Rect, start: Sequence[float] = (0.0, 0.0), end: Sequence[float] = (1.0, 1.0)
    ) -> Shape:
        """The part of a texture from `start` to `end`, each ``(x, y)`` in ``[0, 1]``, stretched over `rect`."""
        tag = dpg.draw_image(
            texture, [rect.x, rect.y], [rect.right, rect.bottom], uv_min=list(start), uv_max=list(end),
            parent=self._parent,
        )  # fmt: skip
        return Shape(tag)

    def painted(self, paint: Paint, key: str) -> Tag:
        """A texture that never changes, one for each `key`, painted if there is none yet."""
        return self._paints.painted(paint, key)

    def live(self, key: str, height: int, width: int) -> LiveTexture:
        """A texture that changes while it is shown; the one of an earlier layout is given back."""
        return self._paints.live(key, height, width)

    def moving_label(self, size_px: float, color: Color, align: Align) -> MovingLabel:
        """A text of `size_px` (the theme's) that moves."""
        tag = dpg.draw_text([0.0, 0.0], "", parent=self._parent, size=self.px(size_px), color=color)
        dpg.bind_item_font(tag, self._medium)
        return MovingLabel(tag, self.px(size_px), align)

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
