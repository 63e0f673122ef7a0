"""The dark between the panels.

The window is cleared in the panels' colour, which costs nothing; only what lies between them is painted. The other
way round every panel would be filled pixel by pixel, which where no card draws takes longer than all that stands on it.
"""

from collections.abc import Mapping

from instrument.ui.draw import raster
from instrument.ui.draw.canvas import Canvas
from instrument.ui.draw.theme import RADIUS_PX, WINDOW
from instrument.ui.layout.rect import Rect, between

CORNERS = (((0.0, 0.0), (1.0, 1.0)), ((1.0, 0.0), (0.0, 1.0)), ((0.0, 1.0), (1.0, 0.0)), ((1.0, 1.0), (0.0, 0.0)))
"""The one painted corner, turned to all four: where its picture starts and ends."""


def draw_backdrop(canvas: Canvas, window: Rect, panels: Mapping[str, Rect]) -> None:
    """Paint what of `window` is between the panels, and round their corners."""
    for strip in between(window, tuple(panels.values())):
        canvas.bar(strip, WINDOW)
    side = round(canvas.px(RADIUS_PX))
    corner = canvas.painted(lambda: raster.corner(side, WINDOW), f"corner {side}")
    for name, panel in panels.items():
        if name in ("top", "status"):
            continue
        for start, end in CORNERS:
            x = panel.x if start[0] == 0.0 else panel.right - side
            y = panel.y if start[1] == 0.0 else panel.bottom - side
            canvas.image(corner, Rect(x, y, side, side), start, end)
