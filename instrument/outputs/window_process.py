"""The show's side of the window's process: starts it, hears it, and ends it. Also who keeps watch on the displays."""

import contextlib
import logging
import queue
import subprocess
import threading
from collections.abc import Sequence

from instrument.children import end_child, spawn_child
from instrument.errors import OutputError
from instrument.outputs.displays import Display
from instrument.outputs.window_wire import CHILD_MODULE, WindowMessage

LIST_TIMEOUT_S = 10.0

LOG = logging.getLogger(__name__)


class WindowProcess:
    """One process of the window from its start to its end. One thread, which never waits but in `next` and `close`."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """Start it. Raises OutputError."""
        try:
            self._process = spawn_child(CHILD_MODULE, arguments)
        except OSError as error:
            raise OutputError(f"the window's process cannot be started: {error}") from error
        self._inbox: queue.SimpleQueue[WindowMessage] = queue.SimpleQueue()
        self._pump = threading.Thread(target=_pump, args=(self._process, self._inbox), name="window", daemon=True)
        self._pump.start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def next(self, timeout_s: float) -> WindowMessage | None:
        """The next thing it says, or None if it says nothing within `timeout_s`; the last is ``ended``."""
        try:
            return self._inbox.get(timeout=timeout_s) if timeout_s > 0.0 else self._inbox.get_nowait()
        except queue.Empty:
            return None

    def tell(self, line: str) -> None:
        """Send a line; what cannot be sent is not: it has ended then, and says so. Waits only if many are unread."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(f"{line}\n".encode("ascii"))
            self._process.stdin.flush()

    def close(self) -> None:
        """End it. May be called twice; a few seconds at the very worst."""
        end_child(self._process)
        self._pump.join(timeout=2.0)


class DisplayWatch:
    """Knows which displays there are, while a process of its own looks. `displays` may be asked from any thread."""

    def __init__(self) -> None:
        self._process: WindowProcess | None = None
        self._known = threading.Event()
        self.displays: tuple[Display, ...] = ()
        """The main one first; empty until they are known, and where there is no screen."""
        self.problem = ""
        """Why there is none, in one line."""

    def start(self) -> None:
        """Begin to look, without waiting for what is seen. Raises OutputError."""
        self._process = process = WindowProcess(["watch"])
        threading.Thread(target=self._follow, args=(process,), name="displays", daemon=True).start()

    def wait(self, timeout_s: float = LIST_TIMEOUT_S) -> tuple[Display, ...]:
        """The displays, as soon as they are known. Blocks. Raises OutputError if there is no screen."""
        if not self._known.wait(timeout_s):
            self.problem = self.problem or f"the displays were not listed within {timeout_s:g} s"
        if self.problem:
            raise OutputError(self.problem)
        return self.displays

    def close(self) -> None:
        """Look no more. May be called twice."""
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def _follow(self, process: WindowProcess) -> None:
        while (message := process.next(60.0)) is None or message.kind != "ended":
            if message is not None:
                self.displays, self.problem = message.displays, message.text
                self._known.set()
        if not self._known.is_set():
            self.problem = message.text
            self._known.set()


def list_displays() -> tuple[Display, ...]:
    """The displays there are now, the main one first. Blocks about half a second. Raises OutputError if none."""
    watch = DisplayWatch()
    watch.start()
    try:
        return watch.wait()
    finally:
        watch.close()


def _pump(process: "subprocess.Popen[bytes]", inbox: "queue.SimpleQueue[WindowMessage]") -> None:
    """Forward what it says, log its libraries' chatter, and end with an ``ended`` that quotes it."""
    last = ""
    assert process.stdout is not None
    with process.stdout as output:
        for line in output:
            message = WindowMessage.from_line(line)
            if message is not None:
                inbox.put(message)
            elif text := line.decode("utf-8", "replace").strip():
                last = text
                LOG.debug("window: %s", text)
    inbox.put(WindowMessage("ended", f"the window's process ended: {last}" if last else "the window's process ended"))
