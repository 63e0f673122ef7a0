"""The only place that reads the clock.

Every process of the instrument uses the same monotonic counter, so a capture time stamped in the audio
process can be subtracted from a time read in the render thread.
"""

import threading
import time
from typing import Protocol

STARTED_S = time.perf_counter()
"""When this process began, near enough: this module is among the first to be imported."""


class Clock(Protocol):
    """A source of time that can also wait."""

    def now_s(self) -> float:
        """Seconds on a monotonic scale with an arbitrary origin."""
        ...

    def sleep_until_s(self, deadline_s: float) -> None:
        """Return at `deadline_s`, or at once if it has passed. Blocks."""
        ...


class SystemClock:
    """Real time. ``perf_counter`` is system-wide on Linux, macOS and Windows, and fine-grained on all three."""

    def now_s(self) -> float:
        """Seconds since an origin that all processes of this machine share."""
        return time.perf_counter()

    def sleep_until_s(self, deadline_s: float) -> None:
        """Sleep until `deadline_s`."""
        remaining_s = deadline_s - time.perf_counter()
        if remaining_s > 0.0:
            time.sleep(remaining_s)


class ManualClock:
    """Time that passes only when somebody waits for it or moves it: for offline work and for tests.

    >>> clock = ManualClock()
    >>> clock.sleep_until_s(2.0)
    >>> clock.now_s()
    2.0
    """

    def __init__(self, start_s: float = 0.0) -> None:
        self._now_s = start_s
        self._lock = threading.Lock()

    def now_s(self) -> float:
        """The time it was last moved to."""
        with self._lock:
            return self._now_s

    def sleep_until_s(self, deadline_s: float) -> None:
        """Move the time to `deadline_s` unless it is past it. Never blocks."""
        with self._lock:
            self._now_s = max(self._now_s, deadline_s)

    def advance(self, dt_s: float) -> None:
        """Move the time on by `dt_s` seconds."""
        self.sleep_until_s(self.now_s() + dt_s)


def busy_s() -> float:
    """Seconds that this process has computed so far, on all its threads: waiting for a core is not in it."""
    return time.process_time()


def wall_time_stamp() -> str:
    """Local date and time as used in names of files that people find again, e.g. ``2026-01-31_21-05-09``."""
    return time.strftime("%Y-%m-%d_%H-%M-%S")
