"""Iconifying our window as a window manager does, on a screen that has none (a bench, a test; X11 only).

GLFW learns that it is iconified from the property WM_STATE (Inter-Client Communication Conventions Manual, 4.1.3.1).
"""

import contextlib
import ctypes
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence

from instrument.errors import DisplayError
from instrument.ui.display import x11_library

NORMAL, ICONIC = 1, 3


@contextlib.contextmanager
def iconified(title: str, seconds: float) -> Iterator[None]:
    """The window of that title is iconified now, and back again after `seconds` at the latest.

    Meanwhile every call into Dear PyGui blocks, so that only another thread can bring it back. Raises DisplayError.
    """
    found = subprocess.run(["xdotool", "search", "--name", title], capture_output=True, text=True, check=False)
    windows = [int(line) for line in found.stdout.split()]
    if not windows:
        raise DisplayError(f"no window is called {title!r}")
    back = threading.Timer(seconds, _set_states, (windows, NORMAL))
    _set_states(windows, ICONIC)
    back.start()
    try:
        yield
    finally:
        back.join()


def _set_states(windows: Sequence[int], state: int) -> None:
    x11 = x11_library()
    display = x11.XOpenDisplay(os.environ["DISPLAY"].encode())
    atom = x11.XInternAtom(display, b"WM_STATE", 0)
    data = (ctypes.c_ulong * 2)(state, 0)
    for window in windows:
        x11.XChangeProperty(display, window, atom, atom, 32, 0, data, 2)
    x11.XSync(display, 0)
    x11.XCloseDisplay(display)
