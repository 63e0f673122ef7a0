"""Which outputs a show sends to: switched on and off by hand, or closed where they are seen."""

import threading
from collections.abc import Callable, Iterable

from instrument.engine.engine import Engine
from instrument.engine.snapshot import Lamp
from instrument.errors import InstrumentError
from instrument.outputs.displays import Display
from instrument.outputs.registry import make_sink
from instrument.outputs.sink import Sink
from instrument.outputs.window_process import DisplayWatch

WINDOW = "window"


class Sending:
    """The outputs in use. Commands belong to the main thread and do not block; `gone` comes from any.

    `keep` is told all that were asked for whenever that changes; `display` is the one for the window, empty for the
    second.
    """

    def __init__(self, display: str, keep: Callable[[tuple[str, ...]], None]) -> None:
        self.display = display
        self._keep = keep
        self._lock = threading.Lock()
        self._labels: dict[str, str] = {}
        self._failed: frozenset[str] = frozenset()
        self._watch = DisplayWatch()
        self._watching = False

    @property
    def names(self) -> tuple[str, ...]:
        """Those in use, or about to be, without what was said beside the name."""
        return tuple(_name(text) for text, label in self._labels.items() if label not in self._failed)

    @property
    def displays(self) -> tuple[Display, ...]:
        """Displays as last seen, the main one first; empty until `watch` has seen them."""
        return self._watch.displays

    @property
    def texts(self) -> tuple[str, ...]:
        """All that were asked for, as they are remembered."""
        return tuple(self._labels)

    def begin(self, texts: Iterable[str]) -> tuple[Sink, ...]:
        """The sinks that a start asks for, which open with the engine. Raises OutputError."""
        sinks = {text: make_sink(text) for text in map(self._spelled, texts)}
        self._labels = {text: sink.label for text, sink in sinks.items()}
        return tuple(sinks.values())

    def watch(self, engine: Engine) -> None:
        """Begin to look which displays there are; without a screen there are none."""
        if not self._watching:
            self._watching = True
            try:
                self._watch.start()
            except InstrumentError as error:
                engine.messages.say(Lamp.WARN, str(error))

    def switch(self, engine: Engine, name: str, argument: str, on: bool) -> None:
        """Send to an output, or no longer; what goes wrong becomes a message."""
        for text in [text for text in self._labels if _name(text) == name]:
            self._drop(engine, text)
        if on:
            self._open(engine, self._spelled(f"{name}:{argument}" if argument else name))
        self._keep(self.texts)

    def toggle_window(self, engine: Engine) -> bool:
        """The picture alone on the chosen display, or no longer; False where there is no second display."""
        if len(self.displays) < 2:
            return False
        broken = any(sink.label == WINDOW and sink.lamp is Lamp.BAD for sink in engine.snapshot().sinks)
        self.switch(engine, WINDOW, "", broken or WINDOW not in self.names)
        return True

    def choose_display(self, engine: Engine, display: str) -> None:
        """Where the window goes; one that is open moves there."""
        self.display = display
        if WINDOW in self.names:
            self.switch(engine, WINDOW, "", True)

    def open_remembered(self, engine: Engine, texts: Iterable[str]) -> None:
        """Send to the outputs of the last show; one that is not there this time is a message."""
        for text in texts:
            self._open(engine, text)

    def gone(self, label: str, by_hand: bool) -> None:
        """A sink is in use no longer: closed by hand where it is seen, or it did not open."""
        if by_hand:
            with self._lock:
                self._labels = {text: other for text, other in self._labels.items() if other != label}
            self._keep(self.texts)
        else:
            self._failed |= {label}

    def close(self) -> None:
        """Look no more. May be called twice."""
        self._watch.close()

    def _spelled(self, text: str) -> str:
        """A window that is asked for without a display goes to the chosen one."""
        return f"{WINDOW}:{self.display}" if text == WINDOW and self.display else text

    def _open(self, engine: Engine, text: str) -> None:
        try:
            sink = make_sink(text)
        except InstrumentError as error:
            engine.messages.say(Lamp.BAD, str(error))
            return
        with self._lock:
            self._labels = {**self._labels, text: sink.label}
            self._failed -= {sink.label}
        engine.open_sink(lambda: sink, text)

    def _drop(self, engine: Engine, text: str) -> None:
        with self._lock:
            labels = dict(self._labels)
            label = labels.pop(text, None)
            self._labels = labels
        if label is not None:
            engine.close_sink(label)


def _name(text: str) -> str:
    return text.partition(":")[0]
