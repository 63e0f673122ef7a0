"""A listener, and an input that it listens to."""

import os
import threading
from collections.abc import Iterator

import pytest

from instrument.clock import SystemClock
from instrument.control.events import ControlEvent
from instrument.control.midi import MidiInput

PATIENCE_S = 10.0


class Ear:
    """Collects events, and waits for them."""

    def __init__(self) -> None:
        self.events: list[ControlEvent] = []
        self._changed = threading.Condition()

    def hear(self, event: ControlEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for(self, count: int) -> list[ControlEvent]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.events) >= count, PATIENCE_S), self.events
            return list(self.events)


@pytest.fixture
def jack(jack_server: str) -> dict[str, str]:
    """The environment in which the server is found."""
    return dict(os.environ)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def midi(jack: dict[str, str], ear: Ear) -> Iterator[MidiInput]:
    """A started input that `ear` listens to."""
    started = MidiInput(SystemClock(), ear.hear)
    started.start()
    yield started
    started.close()
