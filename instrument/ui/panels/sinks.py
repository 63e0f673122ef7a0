"""A lamp and a name for each sink."""

from instrument.engine.snapshot import Lamp, SinkStatus
from instrument.ui.draw.canvas import Canvas
from instrument.ui.draw.theme import SMALL_PX, TEXT
from instrument.ui.layout.rect import Rect
from instrument.ui.widgets.buttons import LampLight

SHOWN = 3


class SinkLamps:
    """The sinks side by side."""

    def __init__(self, canvas: Canvas, rect: Rect) -> None:
        parts = [part.from_left(canvas.px(14), canvas.px(4)) for part in rect.columns(SHOWN, canvas.px(4))]
        self._lamps = tuple(LampLight(canvas, lamp) for lamp, _name in parts)
        self._none = canvas.label(rect, "", SMALL_PX, TEXT)
        self._names = tuple(canvas.label(name, "", SMALL_PX, TEXT) for _lamp, name in parts)

    def update(self, sinks: tuple[SinkStatus, ...]) -> None:
        """Show the sinks; those that are ill come first, where there are more than places."""
        self._none.set("" if sinks else "no output")
        order = sorted(sinks, key=lambda sink: sink.lamp is Lamp.GOOD) if len(sinks) > SHOWN else sinks
        for place, (lamp, name) in enumerate(zip(self._lamps, self._names, strict=True)):
            sink = order[place] if place < len(order) else None
            more = len(sinks) - SHOWN + 1 if place == SHOWN - 1 and len(sinks) > SHOWN else 0
            lamp.set(None if sink is None else sink.lamp)
            name.set(f"+ {more}" if more else sink.label if sink else "")
