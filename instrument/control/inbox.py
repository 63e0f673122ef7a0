"""Where control events wait between the thread that hears them and the one that applies them."""

import threading
from collections import OrderedDict

from instrument.control.events import Event

CAPACITY = 4096
"""Events; four seconds of what a MIDI cable can carry."""


class Inbox:
    """A bounded queue that gives up its oldest event when full: what a control said last is what counts."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._events: OrderedDict[object, Event] = OrderedDict()
        self._capacity = capacity
        self._arrived = threading.Condition()
        self._dropped = 0
        self._closed = False

    @property
    def dropped(self) -> int:
        """Events given up so far; those that made place for a newer word of the same control are not."""
        return self._dropped

    def put(self, event: Event, instead_of: str | None = None) -> None:
        """Append an event; what still waits under the same name `instead_of` goes. From any thread; never blocks for
        longer than an append."""
        key = object() if instead_of is None else instead_of
        with self._arrived:
            self._events.pop(key, None)
            if len(self._events) >= self._capacity:
                self._events.popitem(last=False)
                self._dropped += 1
            self._events[key] = event
            self._arrived.notify()

    def take(self, timeout_s: float) -> list[Event]:
        """Everything that waits, oldest first; blocks for the first, up to `timeout_s`, unless closed."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._events or self._closed, timeout_s)
            taken = list(self._events.values())
            self._events.clear()
        return taken

    def close(self) -> None:
        """Wake whoever waits; from now on `take` does not block."""
        with self._arrived:
            self._closed = True
            self._arrived.notify_all()
