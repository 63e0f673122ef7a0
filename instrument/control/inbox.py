"""Where control events wait between the thread that hears them and the one that applies them."""

import threading
from collections import deque

from instrument.control.events import ControlEvent

CAPACITY = 4096
"""Events; four seconds of what a MIDI cable can carry."""


class Inbox:
    """A bounded queue that gives up its oldest event when full: what a control said last is what counts."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._events: deque[ControlEvent] = deque(maxlen=capacity)
        self._arrived = threading.Condition()
        self._dropped = 0
        self._closed = False

    @property
    def dropped(self) -> int:
        """Events given up so far."""
        return self._dropped

    def put(self, event: ControlEvent) -> None:
        """Append an event. From any thread; never blocks for longer than an append."""
        with self._arrived:
            self._dropped += len(self._events) == self._events.maxlen
            self._events.append(event)
            self._arrived.notify()

    def take(self, timeout_s: float) -> list[ControlEvent]:
        """Everything that waits, oldest first; blocks for the first, up to `timeout_s`, unless closed."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._events or self._closed, timeout_s)
            taken = list(self._events)
            self._events.clear()
        return taken

    def close(self) -> None:
        """Wake whoever waits; from now on `take` does not block."""
        with self._arrived:
            self._closed = True
            self._arrived.notify_all()
