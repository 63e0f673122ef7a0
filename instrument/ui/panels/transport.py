"""The top bar: what comes in on the left, how well it goes on the right."""

from instrument.engine.snapshot import SourceStatus
from instrument.ui.draw.canvas import Align, Canvas, Label
from instrument.ui.draw.theme import ACCENT, AMBER, BODY_PX, DIM, LINE, ON_ACCENT, SMALL_PX, TEXT, TRACK
from instrument.ui.layout.plan import Plan
from instrument.ui.layout.rect import Rect
from instrument.ui.view import Button, Info, Target, TargetKind, View
from instrument.ui.widgets.buttons import LampLight, push_button
from instrument.ui.widgets.meters import time_text

BUTTON_HEIGHT_PX = 38
FIGURES_EVERY_S = 0.25
BUTTONS = ((Button.OPEN, "Open", 72), (Button.INPUT, "Input", 72), (Button.SETTINGS, "Settings", 98))
STATS: tuple[tuple[str, int], ...] = (("Sound to picture", 168), ("Dropped", 78), ("Late", 62), ("CPU", 66))
"""Captions and their widths, from left to right."""
CARD_STAT = ("GPU", 132)
"""One more, where pictures are made on a graphics card."""


def position_text(source: SourceStatus) -> str:
    """State, place in the file and rate, as far as they are known.

    >>> from instrument.engine.snapshot import Lamp
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
        self._button = push_button(canvas, rect, Button.PAUSE)
        self.target = self._button.target
        x, y = rect.centre
        r = canvas.px(8)
        triangle = [[x - 0.7 * r, y - r], [x + r, y], [x - 0.7 * r, y + r], [x - 0.7 * r, y - r]]
        self._play = canvas.polygon(triangle, ON_ACCENT)
        bars = rect.middle(2 * r, 2 * r).columns(2, r * 0.7)
        self._pause = tuple(canvas.bar(bar, TEXT) for bar in bars)

    def update(self, view: View) -> None:
        """While it is held, show what lets it go on."""
        self._button.update(view, waiting=view.snapshot.paused)
        self._play.set(show=view.snapshot.paused)
        for bar in self._pause:
            bar.set(show=not view.snapshot.paused)


class SourceBlock:
    """Name of the source, its state and place, and a thin line that fills as a file goes by."""

    def __init__(self, canvas: Canvas, rect: Rect) -> None:
        upper, lower = rect.middle(rect.width, canvas.px(44)).rows(2)
        self._name = canvas.label(upper, "", BODY_PX, TEXT, bold=True)
        lamp, rest = lower.from_left(canvas.px(14), canvas.px(8))
        self._lamp = LampLight(canvas, lamp)
        self._state = canvas.label(rest, "", SMALL_PX, DIM)
        self._room = Rect(rect.x, rect.bottom - canvas.px(4), rect.width, canvas.px(3))
        self._rail = canvas.bar(self._room, TRACK)
        self._gone = canvas.bar(self._room, ACCENT)

    def update(self, source: SourceStatus) -> None:
        """Show the source."""
        self._name.set(source.label)
        self._lamp.set(source.lamp)
        self._state.set(position_text(source))
        known = source.position_s is not None and source.duration_s is not None and source.duration_s > 0.0
        self._rail.set(show=known)
        share = min(source.position_s / source.duration_s, 1.0) if known else 0.0  # type: ignore[operator]
        room = self._room
        self._gone.place(Rect(room.x, room.y, round(room.width * share), room.height))


class Transport:
    """The top bar."""

    def __init__(self, canvas: Canvas, plan: Plan, on_card: bool = False) -> None:
        bar = plan.top.inset(plan.px(10), 0)
        height, gap = plan.px(BUTTON_HEIGHT_PX), plan.px(8)
        strip, bar = bar.from_left(plan.px(50), gap)
        self._pause = PauseButton(canvas, strip.middle(strip.width, height))
        self._buttons = []
        for button, text, width in BUTTONS:
            strip, bar = bar.from_left(plan.px(width), gap)
            self._buttons.append(push_button(canvas, strip.middle(strip.width, height), button, text))
        self._stats: list[Label] = []
        delay = bar
        for caption, width in reversed((*STATS, CARD_STAT) if on_card else STATS):
            block, bar = bar.from_right(plan.px(width), plan.px(14))
            self._stats.insert(0, _stat(canvas, block, caption))
            delay = block
        self._source = SourceBlock(canvas, bar.inset(plan.px(8), 0))
        self._infos = tuple(
            Target(TargetKind.INFO, info.value, rect) for info, rect in ((Info.SOURCE, bar), (Info.DELAY, delay))
        )
        canvas.line([plan.top.x, plan.top.bottom - 1], [plan.top.right, plan.top.bottom - 1], LINE)
        self._since_figures_s = FIGURES_EVERY_S

    def targets(self) -> tuple[Target, ...]:
        """The buttons, and what can be asked for."""
        return self._pause.target, *(button.target for button in self._buttons), *self._infos

    def update(self, view: View) -> None:
        """Show source and rates."""
        self._pause.update(view)
        for button in self._buttons:
            button.update(view)
        self._source.update(view.snapshot.source)
        self._since_figures_s += view.dt_s
        if self._since_figures_s >= FIGURES_EVERY_S:
            self._since_figures_s = 0.0
            self._figures(view)

    def _figures(self, view: View) -> None:
        timing = view.snapshot.timing
        delay, dropped, late, processor, *card = self._stats
        delay.set(f"{timing.latency_p50_ms:.0f} ms · p95 {timing.latency_p95_ms:.0f}")
        lost = sum(sink.dropped for sink in view.snapshot.sinks)
        dropped.set(str(lost), AMBER if lost else TEXT)
        late.set(str(timing.late))
        processor.set(f"{100 * view.processor:.0f} %")
        for stat in card:
            stat.set("–" if view.card is None else view.card.text)


def _stat(canvas: Canvas, block: Rect, caption: str) -> Label:
    upper, lower = block.middle(block.width, canvas.px(44)).rows(2)
    canvas.label(upper, caption, SMALL_PX, DIM)
    return canvas.label(lower, "–", BODY_PX, TEXT, Align.LEFT)
