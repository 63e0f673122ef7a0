"""The pad: every mood a corner; the hand's wish, what the sound asks and what is played, each with its own sign."""

from collections.abc import Sequence

from instrument.params.spec import ParamSpec
from instrument.ui.draw import raster, text
from instrument.ui.draw.canvas import Align, Canvas
from instrument.ui.draw.theme import CLEAR, DIM, SMALL_PX, TEXT, WINDOW, mood_color
from instrument.ui.layout.mixing import Points, corners, mix_of, place_of
from instrument.ui.layout.rect import Rect
from instrument.ui.view import Target, TargetKind, View

MARGIN_PX = 24
OPACITY = 0.55
NAME = "moods"


class MoodPad:
    """A line for two moods, a triangle for three, a polygon for more."""

    def __init__(self, canvas: Canvas, room: Rect, specs: Sequence[ParamSpec]) -> None:
        self._specs, self._canvas = specs, canvas
        self.corners: Points = corners(room.inset(canvas.px(8), canvas.px(MARGIN_PX)), len(specs))
        colors = [mood_color(index) for index in range(len(specs))]
        if len(specs) > 2:
            size = round(room.width)
            key = f"mix {size} {len(specs)} {round(room.height)}"
            local = self.corners - [room.x, room.centre[1] - size / 2]
            ground = canvas.painted(lambda: raster.mix(size, local, colors, OPACITY), key)
            canvas.image(ground, Rect(room.x, room.centre[1] - size / 2, size, size))
        # A line that comes back on itself is drawn half.
        closed = (*self.corners, self.corners[0]) if len(specs) > 2 else self.corners
        outline = [[float(x), float(y)] for x, y in closed]
        canvas.polyline(outline, DIM, 1.5)
        for index, spec in enumerate(specs):
            canvas.circle([float(edge) for edge in self.corners[index]], canvas.px(6), colors[index], WINDOW, 2.0)
            self._name(canvas, room, index, spec.label)
        radius = canvas.px(5)
        self._asked = canvas.circle([0, 0], radius, TEXT, WINDOW, 1.5)
        self._played = canvas.circle([0, 0], 2 * radius, CLEAR, TEXT, 3.0)
        self._hand = (canvas.line([0, 0], [0, 0], TEXT, 2.5), canvas.line([0, 0], [0, 0], TEXT, 2.5))
        self.target = Target(TargetKind.MIX, NAME, room)

    def update(self, view: View) -> None:
        """Move the signs."""
        moods = view.snapshot.moods
        if len(moods.names) == len(self._specs):
            self._asked.set(center=list(place_of(self.corners, moods.asked)))
            self._played.set(center=list(place_of(self.corners, moods.played)))
        x, y = place_of(self.corners, mix_of([view.values[spec.name] for spec in self._specs]))
        r = self._canvas.px(8)
        level, upright = self._hand
        level.set(p1=[x - r, y], p2=[x + r, y])
        upright.set(p1=[x, y - r], p2=[x, y + r])

    def _name(self, canvas: Canvas, room: Rect, index: int, name: str) -> None:
        """Beside its corner, above it in the upper half and below it in the lower."""
        x, y = self.corners[index]
        size = canvas.px(SMALL_PX)
        if len(self._specs) > 4:
            name = name[:3]
        alone = abs(x - room.centre[0]) < 0.2 * room.width
        width = min(text.width_px(name, size) + 2, room.width if alone else room.width / 2)
        above = y <= room.centre[1]
        top = y - size - canvas.px(6) if above else y + canvas.px(6)
        left = min(max(x - width / 2, room.x), room.right - width)
        canvas.label(Rect(left, top, width, size), name, SMALL_PX, TEXT, Align.CENTRE)
