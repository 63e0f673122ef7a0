"""Pages of text in a window of their own: what the keys do, and what was said."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
DENSE = "theme of lines of text"
SIGNS: dict[Lamp, tuple[str, Color]] = {
    Lamp.OFF: ("·", DIM), Lamp.GOOD: ("·", TEXT), Lamp.WARN: ("!", AMBER), Lamp.BAD: ("!!", ALARM),
}  # fmt: skip


class Page(Protocol):
    """What stands where panels were."""

    title: str

    def fill(self, window: Tag, scale: float) -> None:
        """Build it."""
        ...

    def tend(self) -> None:
        """Once a frame: bring up to date what has changed."""
        ...

    def close(self) -> None:
        """Its window is gone."""
        ...


class KeysPage:
    """What the keys and the pointer do."""

    title = "Keys"

    def fill(self, window: Tag, scale: float) -> None:
        """A line a key."""
        rows = [(row.sign, row.help) for row in KEYS] + [(PADS_SIGN, PADS_HELP), *MOUSE]
        with _table(window, scale, (130,)):
            for sign, told in rows:
                with dpg.table_row():
                    dpg.add_text(sign, color=ACCENT)
                    dpg.add_text(told, wrap=0)

    def tend(self) -> None:
        """Nothing changes."""

    def close(self) -> None:
        """There is nothing to give back."""


class LogPage:
    """Every message that is kept, the newest on top, and the delay stage by stage."""

    title = "Log"

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
        rows = [_stage_texts(stage) for stage in snapshot.stages] or [("", "", "no delays by stage yet")]
        self._write(self._stages, [(row, TEXT) for row in rows])
        first_s = snapshot.messages[0].time_s if snapshot.messages else 0.0
        newest = reversed(snapshot.messages)
        self._write(self._lines, [(_message_texts(told, first_s), SIGNS[told.lamp][1]) for told in newest])

    def close(self) -> None:
        """There is nothing to give back."""

    def _write(self, parent: Tag, rows: Sequence[tuple[tuple[str, str, str], Color]]) -> None:
        """Lines of two short parts and a long one."""
        dpg.delete_item(parent, children_only=True)
        with _table(parent, self._scale, (90, 90)):
            for (first, second, told), color in rows:
                with dpg.table_row():
                    dpg.add_text(first, color=DIM)
                    dpg.add_text(second, color=color)
                    dpg.add_text(told, color=color, wrap=0)


@contextmanager
def _table(parent: Tag, scale: float, widths_px: Sequence[int]) -> Iterator[None]:
    """A table of columns of these widths, and a last one that takes the rest."""
    with dpg.table(parent=parent, header_row=False, policy=dpg.mvTable_SizingStretchProp) as table:
        dpg.bind_item_theme(table, _dense())
        for width in widths_px:
            dpg.add_table_column(width_fixed=True, init_width_or_weight=round(width * scale))
        dpg.add_table_column()
        yield


def _dense() -> Tag:
    """Lines without the room that a button would need: so the keys fit on a page, and twice the messages."""
    if not dpg.does_item_exist(DENSE):
        with dpg.theme(tag=DENSE), dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_FramePadding, 0, 0, category=dpg.mvThemeCat_Core)
    return DENSE


def _stage_texts(stage: StageDelay) -> tuple[str, str, str]:
    return f"{stage.p50_ms:.1f} ms", f"p95 {stage.p95_ms:.1f}", stage.name


def _message_texts(message: Message, first_s: float) -> tuple[str, str, str]:
    minutes, seconds = divmod(int(message.time_s - first_s), 60)
    return f"{minutes}:{seconds:02d}", SIGNS[message.lamp][0], message.text
