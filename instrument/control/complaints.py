"""What came in and could not be used: counted, and said once."""

import threading
from collections.abc import Callable

MOST_SAID = 12
"""Different lines; whoever floods the port with ever new nonsense does not fill the performer's log."""


class Complaints:
    """A count, and a few lines for the performer. May be used from any thread."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said: set[str] = set()
        self._lock = threading.Lock()
        self._count = 0

    @property
    def count(self) -> int:
        """How often so far."""
        return self._count

    def add(self, line: str) -> None:
        """Count it; say it if it is new."""
        with self._lock:
            self._count += 1
            new = line not in self._said and len(self._said) < MOST_SAID
            if new:
                self._said.add(line)
        if new:
            self._say(line)
