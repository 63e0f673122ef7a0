"""Whether there is a screen: asked first, because Dear PyGui aborts the whole process where there is none."""

import ctypes
import ctypes.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from instrument.errors import DisplayError


def display_problem() -> str:
    """Why no window can be opened, in one line; empty if one can."""
    try:
        with connected_display():
            return ""
    except DisplayError as error:
        return str(error)


@contextmanager
def connected_display() -> Iterator[None]:
    """Hold a connection to the screen. Raises DisplayError if there is none.

    A window is opened inside: an X server without any client left may start over (Xvfb does), and would turn
    away who comes at that moment.
    """
    if sys.platform in ("win32", "darwin"):
        yield
        return
    # GLFW as bundled by Dear PyGui knows X11 only; a Wayland session offers it through XWayland.
    name = os.environ.get("DISPLAY", "")
    if not name:
        raise DisplayError("no screen: DISPLAY is not set")
    x11 = x11_library()
    display = x11.XOpenDisplay(name.encode())
    if not display:
        raise DisplayError(f"no screen: X display {name} does not open")
    try:
        yield
    finally:
        x11.XCloseDisplay(display)


def x11_library() -> ctypes.CDLL:
    """The X11 library, its types told. Raises DisplayError if there is none."""
    path = ctypes.util.find_library("X11")
    if path is None:
        raise DisplayError("no screen: the library libX11 is not installed")
    x11 = ctypes.CDLL(path)
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    x11.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x11.XInternAtom.restype = ctypes.c_ulong
    x11.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
    x11.XChangeProperty.argtypes = [
        ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_int, ctypes.c_int, ctypes.c_void_p,
        ctypes.c_int,
    ]  # fmt: skip
    return x11
