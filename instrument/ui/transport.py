"""The top bar: what comes in on the left, how it goes out on the right."""

from instrument.engine.snapshot import Lamp, SinkStatus, SourceStatus
from instrument.ui.buttons import LampLight, PushButton
from instrument.ui.canvas import Align, Canvas, Label
from instrument.ui.meters import time_text
from instrument.ui.plan import Plan
from instrument.ui.rect import Rect
from instrument.ui.theme import ACCENT, AMBER, BODY_PX, DIM, LINE, ON_ACCENT, PANEL, SMALL_PX, TEXT, TRACK
from instrument.ui.view import Button, Info, Target, TargetKind, View

BUTTON_HEIGHT_PX = 44
SINKS_SHOWN = 3
FIGURES_EVERY_S = 0.25
STATS: tuple[tuple[str, int], ...] = (("Frames/s", 92), ("Sound to picture", 164), ("Dropped", 84))


def position_text(source: SourceStatus) -> str:
    """State, place in the file and rate, as far as they are known.

    >>> position_text(SourceStatus("song.flac", "playing", Lamp.GOOD, 48000, 83.0, 245.0))
    'playing   1:23 / 4:05   48 kHz'
    """
    parts = [source.state]
    if source.position_s is not None:
        length = "" if source.duration_s is None else f" / {time_text(source.duration_s)}"
        parts.append(time_text(source.position_s) + length)
    if source.sample_rate:
        parts.append(f"{source.sample_rate / 1000:g} kHz")
    return "   ".join(parts)


class PauseButton:
    """Play or pause, as a sign."""

    def __init__(self, canvas: Canvas, rect: Rect) -> None:
        self._button = PushButton(canvas, rect, Button.PAUSE)
        self.target = self._button.target
        x, y = rect.centre
        r = canvas.px(9)
        triangle = [[x - 0.7 * r, y - r], [x + r, y], [x - 0.7 * r, y + r], [x - 0.7 * r, y - r]]
        self._play = canvas.polygon(triangle, ON_ACCENT)
        bars = rect.middle(2 * r, 2 * r).columns(2, r * 0.7)
        self._pause = tuple(canvas.box(bar, TEXT, radius_px=1.0) for bar in bars)

    def update(self, view: View) -> None:
        """While it is held, show what lets it go on."""
        self._button.update(view, waiting=view.snapshot.paused)
        self._play.set(show=view.snapshot.paused)
        for bar in self._pause:
            bar.set(show=not view.snapshot.paused)


class SourceBlock:
    """Name of the source, its state and place, and a thin line that fills as a file goes by."""

    def __init__(self, canvas: Canvas, rect: Rect) -> None:
        upper, lower = rect.middle(rect.width, canvas.px(48)).rows(2)
        self._name = canvas.label(upper, "", BODY_PX, TEXT, bold=True)
        lamp, rest = lower.from_left(canvas.px(14), canvas.px(8))
        self._lamp = LampLight(canvas, lamp)
        self._state = canvas.label(rest, "", SMALL_PX, DIM)
        self._room = Rect(rect.x, rect.bottom - canvas.px(5), rect.width, canvas.px(3))
        self._rail = canvas.box(self._room, TRACK, radius_px=1.0)
        self._gone = canvas.box(self._room, ACCENT, radius_px=1.0)

    def update(self, source: SourceStatus) -> None:
        """Show the source."""
        self._name.set(source.label)
        self._lamp.set(source.lamp)
        self._state.set(position_text(source))
        known = source.position_s is not None and source.duration_s is not None and source.duration_s > 0.0
        self._rail.set(show=known)
        share = min(source.position_s / source.duration_s, 1.0) if known else 0.0  # type: ignore[operator]
        room = self._room
        self._gone.place(Rect(room.x, room.y, room.width * share, room.height))


class SinksBlock:
    """A lamp and a name for each sink."""

    def __init__(self, canvas: Canvas, rect: Rect) -> None:
        upper, lower = rect.middle(rect.width, canvas.px(48)).rows(2)
        canvas.label(upper, "Outputs", SMALL_PX, DIM)
        parts = [part.from_left(canvas.px(14), canvas.px(6)) for part in lower.columns(SINKS_SHOWN, canvas.px(8))]
        self._lamps = tuple(LampLight(canvas, lamp) for lamp, _name in parts)
        self._names = tuple(canvas.label(name, "", BODY_PX, TEXT) for _lamp, name in parts)

    def update(self, sinks: tuple[SinkStatus, ...]) -> None:
        """Show the sinks; those that are ill come first, where there are more than places."""
        order = sorted(sinks, key=lambda sink: sink.lamp is Lamp.GOOD) if len(sinks) > SINKS_SHOWN else sinks
        for place, (lamp, name) in enumerate(zip(self._lamps, self._names, strict=True)):
            sink = order[place] if place < len(order) else None
            more = len(sinks) - SINKS_SHOWN + 1 if place == SINKS_SHOWN - 1 and len(sinks) > SINKS_SHOWN else 0
            lamp.set(None if sink is None else sink.lamp)
            name.set(f"+ {more}" if more else "none" if not sinks and place == 0 else sink.label if sink else "")


class Transport:
    """The top bar."""

    def __init__(self, canvas: Canvas, plan: Plan) -> None:
        canvas.box(plan.top, PANEL, radius_px=0.0)
        bar = plan.top.inset(plan.px(10), 0)
        height, gap = plan.px(BUTTON_HEIGHT_PX), plan.px(8)
        buttons: list[Rect] = []
        for width in (54, 80, 80, 84):
            strip, bar = bar.from_left(plan.px(width), gap)
            buttons.append(strip.middle(strip.width, height))
        self._pause = PauseButton(canvas, buttons[0])
        self._open = PushButton(canvas, buttons[1], Button.OPEN, "Open")
        self._input = PushButton(canvas, buttons[2], Button.INPUT, "Input")
        self._model = PushButton(canvas, buttons[3], Button.MODEL, "Model")
        sinks, bar = bar.from_right(plan.px(284), plan.px(16))
        self._sinks = SinksBlock(canvas, sinks)
        self._stats: list[Label] = []
        for caption, width in reversed(STATS):
            block, bar = bar.from_right(plan.px(width), plan.px(14))
            self._stats.insert(0, _stat(canvas, block, caption))
        self._source = SourceBlock(canvas, bar.inset(plan.px(8), 0))
        self._infos = tuple(
            Target(TargetKind.INFO, info.value, rect) for info, rect in ((Info.SOURCE, bar), (Info.OUTPUTS, sinks))
        )
        canvas.line([plan.top.x, plan.top.bottom - 1], [plan.top.right, plan.top.bottom - 1], LINE)
        self._since_figures_s = FIGURES_EVERY_S

    def targets(self) -> tuple[Target, ...]:
        """The buttons, and what can be asked for."""
        return self._pause.target, self._open.target, self._input.target, self._model.target, *self._infos

    def update(self, view: View) -> None:
        """Show source, rates and sinks."""
        self._pause.update(view)
        self._open.update(view)
        self._input.update(view)
        self._model.update(view)
        self._source.update(view.snapshot.source)
        self._sinks.update(view.snapshot.sinks)
        self._since_figures_s += view.dt_s
        if self._since_figures_s >= FIGURES_EVERY_S:
            self._since_figures_s = 0.0
            self._figures(view)

    def _figures(self, view: View) -> None:
        timing = view.snapshot.timing
        rate, delay, dropped = self._stats
        slow = timing.frame_rate_hz < 0.9 * timing.target_rate_hz
        rate.set(f"{timing.frame_rate_hz:.1f}", AMBER if slow else TEXT)
        delay.set(f"{timing.latency_p50_ms:.0f} ms · p95 {timing.latency_p95_ms:.0f}")
        lost = sum(sink.dropped for sink in view.snapshot.sinks)
        dropped.set(str(lost), AMBER if lost else TEXT)


def _stat(canvas: Canvas, block: Rect, caption: str) -> Label:
    upper, lower = block.middle(block.width, canvas.px(48)).rows(2)
    canvas.label(upper, caption, SMALL_PX, DIM)
    return canvas.label(lower, "–", BODY_PX, TEXT, Align.LEFT)
