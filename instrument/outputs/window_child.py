"""The process that owns the window: ``python -m instrument.outputs.window_child watch | show DISPLAY WIDTH HEIGHT``.

Here a driver may hang or abort: the show plays on and starts another. It ends when its input is closed, that is when
the parent has gone. ``watch`` only says which displays there are, and says it again when that changes.
"""

import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from instrument.clock import SystemClock
from instrument.errors import OutputError
from instrument.outputs.shared_pictures import SharedPictures
from instrument.outputs.window_wire import WindowMessage

if TYPE_CHECKING:
    from instrument.outputs.glfw_window import PictureWindow

TITLE = "Latent Instrument: the picture"
LONGEST_WAIT_S = 0.5
"""So long after a lost wake-up a picture may come late; none was ever lost."""
LEAVE_PATIENCE_S = 0.5
"""A driver that holds the main thread for longer does not keep the process when the parent has gone."""


def main(arguments: Sequence[str]) -> NoReturn:
    """Run one of the two commands and end the process without asking any library."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes this one
    _choose_libraries()
    try:
        if arguments[0] == "watch":
            _watch()
        else:
            _show(arguments[1], int(arguments[2]), int(arguments[3]))
    except OutputError as error:
        _send(WindowMessage("error", str(error)))
    os._exit(0)


class _Inbox:
    """What the parent sends: names of memory; `woken` is called for every line."""

    def __init__(self, woken: Callable[[], None]) -> None:
        self._woken = woken
        self._names: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.ended = threading.Event()
        threading.Thread(target=self._listen, name="inbox", daemon=True).start()

    def name(self, timeout_s: float | None = 0.0) -> str | None:
        """The next memory, or None if none came; None for `timeout_s` waits until one comes or the parent has gone."""
        try:
            return self._names.get(timeout=timeout_s) if timeout_s != 0.0 else self._names.get_nowait()
        except queue.Empty:
            return None

    def _listen(self) -> None:
        for line in sys.stdin.buffer:
            if name := line.strip().decode("ascii", "replace"):
                self._names.put(name)
            self._woken()
        self.ended.set()
        self._names.put("")
        self._woken()
        threading.Event().wait(LEAVE_PATIENCE_S)
        os._exit(0)


def _choose_libraries() -> None:
    """On Linux the surface's window is one of X11 too; both libraries would else follow the kind of session."""
    if sys.platform == "linux":
        os.environ.setdefault("PYGLFW_LIBRARY_VARIANT", "x11")
        os.environ.setdefault("PYOPENGL_PLATFORM", "glx")


def _watch() -> None:
    from instrument.outputs import glfw_window

    with glfw_window.connected_screen():
        inbox = _Inbox(glfw_window.wake)
        changed = threading.Event()
        changed.set()
        glfw_window.watch(changed.set)
        while not inbox.ended.is_set():
            if changed.is_set():
                changed.clear()
                _send(WindowMessage("displays", displays=glfw_window.displays()))
            glfw_window.wait(60.0)


def _show(wanted: str, width: int, height: int) -> None:
    from instrument.outputs import glfw_window

    with glfw_window.connected_screen():
        window = glfw_window.PictureWindow(wanted, width, height, TITLE)
        inbox = _Inbox(glfw_window.wake)
        _send(_where("ready", window))
        name = inbox.name(None)
        if name:
            _play(window, inbox, SharedPictures.attach(name), glfw_window.wait)
        window.close()
        if window.left:
            _send(WindowMessage("left", "closed at the window"))


def _play(window: "PictureWindow", inbox: _Inbox, pictures: SharedPictures, wait: Callable[[float], None]) -> None:
    """Show what comes until somebody closes the window, or the parent has gone."""
    clock, lost = SystemClock(), False
    while not window.left and not inbox.ended.is_set():
        if name := inbox.name():
            pictures.close()
            pictures = SharedPictures.attach(name)
        picture = pictures.copy_newest() if pictures.written != pictures.shown else None
        if picture is not None:
            window.show(picture.image)
            pictures.note_shown(picture, clock.now_s())
        wait(LONGEST_WAIT_S if picture is None else 0.0)
        window.tend()
        if window.lost != lost:
            lost = window.lost
            _send(_where("lost" if lost else "ready", window))


def _where(kind: str, window: "PictureWindow") -> WindowMessage:
    return WindowMessage(kind, window.told, () if window.display is None else (window.display,))


def _send(message: WindowMessage) -> None:
    try:
        os.write(1, message.to_line())
    except OSError:
        logging.getLogger(__name__).debug("the parent no longer listens")


if __name__ == "__main__":
    main(sys.argv[1:])
