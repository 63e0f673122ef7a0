"""Pages of text in a window of their own: what the keys do, and what was said."""

from typing import Protocol

import dearpygui.dearpygui as dpg

from instrument.engine.snapshot import Lamp, Message, StageDelay
from instrument.ui.deck import Deck
from instrument.ui.draw.tags import Tag
from instrument.ui.draw.theme import ACCENT, ALARM, AMBER, DIM, TEXT, Color
from instrument.ui.hand.keymap import KEYS, PADS_HELP, PADS_SIGN

MOUSE: tuple[tuple[str, str], ...] = (
    ("Drag", "A knob upwards, a fader sideways; Shift: ten times finer."),
    ("Double-click", "Back to the default. On the pad of the moods: let all go."),
    ("Ctrl+click", "Type a value; on a pad: save there."),
    ("Right-click", "Everything that can be done with a control or a look."),
)
SIGNS: dict[Lamp, tuple[str, Color]] = {
    Lamp.OFF: ("·", DIM), Lamp.GOOD: ("·", TEXT), Lamp.WARN: ("!", AMBER), Lamp.BAD: ("!!", ALARM),
}  # fmt: skip


class Page(Protocol):
    """What fills a window."""

    title: str
    size_px: tuple[int, int]
    """Width and height at scale 1; less where the window is small."""

    def fill(self, window: Tag, scale: float) -> None:
        """Build it."""
        ...

    def tend(self) -> None:
        """Once a frame: bring up to date what has changed."""
        ...


class KeysPage:
    """What the keys and the pointer do."""

    title = "Keys"
    size_px = (860, 690)

    def fill(self, window: Tag, scale: float) -> None:
        """A line a key."""
        rows = [(row.sign, row.help) for row in KEYS] + [(PADS_SIGN, PADS_HELP)]
        for sign, told in (*rows, *MOUSE):
            with dpg.group(horizontal=True, parent=window):
                dpg.add_text(sign, color=ACCENT)
                dpg.add_text(told, pos=[round(150 * scale), 0], wrap=0)

    def tend(self) -> None:
        """Nothing changes."""


class LogPage:
    """Every message that is kept, the newest on top, and the delay stage by stage."""

    title = "Log"
    size_px = (980, 640)

    def __init__(self, deck: Deck) -> None:
        self._deck = deck
        self._shown: object = None
        self._lines: Tag | None = None
        self._stages: Tag | None = None
        self._scale = 1.0

    def fill(self, window: Tag, scale: float) -> None:
        """The stages above, the messages below."""
        self._scale = scale
        self._stages = dpg.add_group(parent=window)
        dpg.add_separator(parent=window)
        self._lines = dpg.add_child_window(parent=window, border=False)
        self.tend()

    def tend(self) -> None:
        """Write both anew if they have changed."""
        snapshot = self._deck.snapshot()
        if (snapshot.messages, snapshot.stages) == self._shown or self._lines is None or self._stages is None:
            return
        self._shown = (snapshot.messages, snapshot.stages)
        dpg.delete_item(self._stages, children_only=True)
        for stage in snapshot.stages:
            self._row(self._stages, _stage_texts(stage), TEXT)
        if not snapshot.stages:
            dpg.add_text("Delay by stage: nothing measured yet.", color=DIM, parent=self._stages)
        dpg.delete_item(self._lines, children_only=True)
        first_s = snapshot.messages[0].time_s if snapshot.messages else 0.0
        for message in reversed(snapshot.messages):
            self._row(self._lines, _message_texts(message, first_s), SIGNS[message.lamp][1])

    def _row(self, parent: Tag, parts: tuple[str, str, str], color: Color) -> None:
        with dpg.group(horizontal=True, parent=parent):
            for part, width in zip(parts, (90, 40, 0), strict=True):
                dpg.add_text(part, color=color if width == 0 else DIM, wrap=0)
                del width


def _stage_texts(stage: StageDelay) -> tuple[str, str, str]:
    return f"{stage.p50_ms:7.1f} ms", f"p95 {stage.p95_ms:.1f}", stage.name


def _message_texts(message: Message, first_s: float) -> tuple[str, str, str]:
    minutes, seconds = divmod(int(message.time_s - first_s), 60)
    return f"{minutes}:{seconds:02d}", SIGNS[message.lamp][0], message.text
