"""Lines for the performer, kept short and few."""

import logging
import threading
from collections import deque

from instrument.clock import Clock
from instrument.engine.snapshot import Lamp, Message

LOG = logging.getLogger(__name__)
LEVELS = {Lamp.BAD: logging.ERROR, Lamp.WARN: logging.WARNING}


class MessageLog:
    """The last lines, newest last. May be written and read from any thread."""

    def __init__(self, clock: Clock, capacity: int = 200) -> None:
        self._clock = clock
        self._lines: deque[Message] = deque(maxlen=capacity)
        self._lock = threading.Lock()
        self._broken: set[str] = set()

    def say(self, lamp: Lamp, text: str) -> None:
        """Add a line; the same line twice in a row is kept once."""
        with self._lock:
            if self._lines and self._lines[-1].text == text:
                self._lines.pop()
            else:
                LOG.log(LEVELS.get(lamp, logging.INFO), text)
            self._lines.append(Message(self._clock.now_s(), lamp, text))

    def broke(self, what: str, error: Exception) -> None:
        """For the top of a thread: say that `what` failed; the trace is logged the first time only."""
        text = f"{what}: {error}"
        if text not in self._broken:
            self._broken.add(text)
            LOG.error(text, exc_info=error)
        self.say(Lamp.BAD, text)

    def lines(self) -> tuple[Message, ...]:
        """All that are kept."""
        with self._lock:
            return tuple(self._lines)
