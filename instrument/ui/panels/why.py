"""Why a mood weighs what it weighs: each descriptor's share, in words and lengths."""

from instrument.features.vector import DESCRIPTORS
from instrument.mapping.attribution import CAUSES
from instrument.params.table import mood_bias_name
from instrument.ui.draw.canvas import Align, Canvas
from instrument.ui.draw.theme import INSET, ON_ACCENT, SMALL_PX, TEXT, Color, between_colors, mood_color
from instrument.ui.layout.rect import Rect
from instrument.ui.view import Info, Target, TargetKind, View

LABELS = {descriptor.name: descriptor.label for descriptor in DESCRIPTORS} | {"level": "Level"}
HEAD_PX = 158
WHOLE_PX = 130
"""Width from which a share is written with its per cent."""
LIGHT_EVERY_S = 0.1
NOWHERE = Rect(0.0, 0.0, 0.0, 0.0)
SHADES = (0.98, 0.9, 0.82)
"""Neighbours differ in lightness too; every one is light enough for dark letters."""


def moods_to_explain(view: View) -> list[int]:
    """The mood under the pointer, then those that are asked for, the strongest first; none without moods.

    The pointer means a mood on its fader, its solo and its teach button alike.
    """
    moods, over = view.snapshot.moods, view.hovered
    if not moods.names or len(moods.why) != len(moods.names):
        return []

    def rank(index: int) -> tuple[bool, float]:
        name = moods.names[index]
        pointed = over is not None and (
            (over.kind in (TargetKind.SOLO, TargetKind.TEACH) and over.name == name)
            or (over.kind is TargetKind.CONTROL and over.name == mood_bias_name(name))
        )
        return not pointed, -moods.asked[index]

    return sorted(range(len(moods.names)), key=rank)


def mood_to_explain(view: View) -> int | None:
    """The first of them; None without moods."""
    return next(iter(moods_to_explain(view)), None)


def ordered(shares: tuple[float, ...]) -> list[tuple[str, float]]:
    """Causes by name with their shares, the largest first.

    >>> ordered((0.1, 0.0, 0.0, 0.0, 0.0, 0.9))[0]
    ('Level', 0.9)
    """
    named = [(LABELS[cause], share) for cause, share in zip(CAUSES, shares, strict=True)]
    return sorted(named, key=lambda pair: -pair[1])


def shade(mood: int, place: int) -> Color:
    """The ground of the cause at `place` in the strip of a mood."""
    return between_colors(INSET, between_colors(mood_color(mood), TEXT, 0.6), SHADES[place % len(SHADES)])


class WhyStrip:
    """One bar, cut in the shares of the causes, the largest first, each with its name where it has room."""

    def __init__(self, canvas: Canvas, strip: Rect, place: int) -> None:
        """`place` is that of its mood among those to explain."""
        head, self._room = strip.from_left(canvas.px(HEAD_PX), canvas.px(8))
        self._canvas, self._place = canvas, place
        swatch, name = head.from_left(canvas.px(5), canvas.px(7))
        self._swatch_room = swatch.middle(swatch.width, min(swatch.height - 6, canvas.px(22)))
        self._swatch = canvas.bar(self._swatch_room, TEXT)
        self._head = canvas.label(name, "", SMALL_PX, TEXT)
        self._ground = canvas.bar(self._room, INSET)
        self._boxes = tuple(canvas.bar(self._room, TEXT) for _ in CAUSES)
        self._names = tuple(canvas.moving_label(SMALL_PX, ON_ACCENT, Align.CENTRE) for _ in CAUSES)
        self._since_s = LIGHT_EVERY_S
        self.target = Target(TargetKind.INFO, Info.WHY.value, strip)

    def update(self, view: View) -> None:
        """Show the causes; ten times a second, or nobody could read them."""
        self._since_s += view.dt_s
        if self._since_s < LIGHT_EVERY_S:
            return
        self._since_s = 0.0
        indices, moods = moods_to_explain(view), view.snapshot.moods
        if self._place >= len(indices):
            self._head.set("")
            for bar in (self._swatch, *self._boxes):
                bar.place(NOWHERE)
            for name in self._names:
                name.place(NOWHERE, "")
            return
        index = indices[self._place]
        self._head.set(f"Why {moods.names[index]}")
        self._swatch.place(self._swatch_room)
        self._swatch.set(fill=mood_color(index))
        self._show(ordered(moods.why[index]), index)

    def _show(self, causes: list[tuple[str, float]], mood: int) -> None:
        x = self._room.x
        for place, ((label, share), box, name) in enumerate(zip(causes, self._boxes, self._names, strict=True)):
            width = share * self._room.width
            cell = Rect(x, self._room.y, max(width - 2, 0.0), self._room.height)
            box.place(cell)
            box.set(fill=shade(mood, place))
            whole = cell.width >= self._canvas.px(WHOLE_PX)
            name.place(cell, f"{label} {round(100 * share)} %" if whole else label)
            x += width
