"""Displays and the window of the picture, through GLFW and OpenGL. Imported by the window's process only.

Everything belongs to the main thread but `wake`.
"""

import ctypes
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import glfw
import numpy as np
import numpy.typing as npt

from instrument.errors import OutputError
from instrument.outputs.displays import Display, fit_within, own_names, pick_display, window_size

XA_CARDINAL = 6
"""Of X11's predefined atoms."""
LEAVING_KEYS = (glfw.KEY_ESCAPE, glfw.KEY_F)

LOG = logging.getLogger(__name__)


@contextmanager
def connected_screen() -> Iterator[None]:
    """Hold GLFW's connection to the screen. Raises OutputError if there is none."""
    # A system may lack what is only nice to have; everything else ends the process, and the show starts another.
    reporting = {None: "raise", glfw.FEATURE_UNAVAILABLE: "log", glfw.FEATURE_UNIMPLEMENTED: "log"}
    glfw.ERROR_REPORTING = reporting  # type: ignore[assignment]  # its stub knows one of the two forms
    try:
        glfw.init()
    except glfw.GLFWError as error:
        raise OutputError(f"no screen: {_words(error)}") from error
    try:
        yield
    finally:
        glfw.terminate()


def displays() -> tuple[Display, ...]:
    """Those there are now, the main one first."""
    return tuple(display for display, _monitor in _monitors())


def watch(changed: "Any") -> None:
    """Call `changed` from within `wait` whenever a display has come or gone."""
    glfw.set_monitor_callback(lambda _monitor, _event: changed())


def wait(timeout_s: float) -> None:
    """Answer the window system until something happens, `wake` is called or the time is over. Blocks."""
    glfw.wait_events_timeout(timeout_s)


def wake() -> None:
    """Let `wait` return. Any thread."""
    glfw.post_empty_event()


class PictureWindow:
    """One window with nothing but the picture: alone on the display `wanted`, or a plain one where that is None.

    Not to be seen before the first picture, so that it is never black. `width` and `height` are about the picture's.
    """

    def __init__(self, wanted: str, width: int, height: int, title: str) -> None:
        rows = _monitors()
        self.display = pick_display([display for display, _monitor in rows], wanted)
        """The one it fills."""
        self.left = False
        """Whether somebody closed it."""
        self.lost = False
        """Whether its display has gone; it is hidden and waits for it."""
        self._changed = self._damaged = False
        size = window_size(width, height, self.display or rows[0][0]) if rows else (width, height)
        self._window = self._make(size, title)
        self._painter = _Painter()
        glfw.swap_interval(1)
        glfw.set_key_callback(self._window, self._key)
        glfw.set_window_refresh_callback(self._window, self._damage)
        glfw.set_framebuffer_size_callback(self._window, self._damage)
        watch(self._note_change)

    @property
    def told(self) -> str:
        """Where the picture is, in a few words."""
        return "a window" if self.display is None else f"{self.display.name}, {self.display.size}"

    def show(self, image: npt.NDArray[np.uint8]) -> None:
        """Put ``(height, width, 3)`` uint8 on the screen; returns when it is there. Blocks until the display's beat."""
        self._painter.take(image)
        if self.lost:
            return
        if not glfw.get_window_attrib(self._window, glfw.VISIBLE):
            self._appear()
        self._draw()

    def tend(self) -> None:
        """Draw again what was uncovered, and see to displays that have come or gone."""
        self.left = self.left or bool(glfw.window_should_close(self._window))
        if self._changed:
            self._changed = False
            self._meet_displays()
        if self._damaged and glfw.get_window_attrib(self._window, glfw.VISIBLE):
            self._draw()

    def close(self) -> None:
        """Take it off the screen."""
        glfw.destroy_window(self._window)

    def _make(self, size: tuple[int, int], title: str) -> Any:
        glfw.window_hint(glfw.VISIBLE, glfw.FALSE)
        glfw.window_hint(glfw.AUTO_ICONIFY, glfw.FALSE)
        beside = len(_monitors()) > 1
        # The keys belong to the surface; where this window covers it, they come to this one.
        glfw.window_hint(glfw.FOCUS_ON_SHOW, glfw.FALSE if beside else glfw.TRUE)
        try:
            window = glfw.create_window(*size, title, None, None)
        except glfw.GLFWError as error:
            raise OutputError(f"no window can be opened: {_words(error)}") from error
        if beside and sys.platform == "linux":
            _leave_focus(window)
        glfw.make_context_current(window)
        return window

    def _appear(self) -> None:
        monitor = self._monitor()
        if monitor is None:
            glfw.show_window(self._window)
            return
        mode = glfw.get_video_mode(monitor)
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_HIDDEN)
        # Window managers that know no other way let a window fill the display that it stands on.
        glfw.set_window_pos(self._window, *glfw.get_monitor_pos(monitor))
        glfw.set_window_monitor(self._window, monitor, 0, 0, *mode.size, mode.refresh_rate or glfw.DONT_CARE)

    def _monitor(self) -> Any:
        """GLFW's name for the display, None if there is none, or none any more."""
        name = None if self.display is None else self.display.name
        return next((monitor for display, monitor in _monitors() if display.name == name), None)

    def _meet_displays(self) -> None:
        if self.display is None:
            return
        there = self._monitor() is not None
        if there and self.lost:
            self.lost = False
            self._appear()
            self._damaged = True
        elif not there and not self.lost:
            # GLFW makes a plain window of it, on a display that is not its own.
            self.lost = True
            glfw.hide_window(self._window)

    def _draw(self) -> None:
        self._damaged = False
        self._painter.paint(*glfw.get_framebuffer_size(self._window))
        glfw.swap_buffers(self._window)

    def _key(self, _window: Any, key: int, _code: int, action: int, _modifiers: int) -> None:
        if action == glfw.PRESS and key in LEAVING_KEYS:
            self.left = True

    def _damage(self, *_: object) -> None:
        self._damaged = True

    def _note_change(self) -> None:
        self._changed = True


class _Painter:
    """The picture as a texture on the whole of the room that its shape allows. Needs a current context."""

    def __init__(self) -> None:
        try:
            import OpenGL

            # Asked before each call otherwise: as long as the call itself.
            OpenGL.ERROR_CHECKING = False
            from OpenGL import GL
        except (ImportError, AttributeError, OSError) as error:
            raise OutputError(f"no OpenGL: {error}") from error
        self._gl = GL
        self._size = (0, 0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, GL.glGenTextures(1))
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
        for side in (GL.GL_TEXTURE_WRAP_S, GL.GL_TEXTURE_WRAP_T):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, side, GL.GL_CLAMP_TO_EDGE)
        for change in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, change, GL.GL_LINEAR)
        GL.glTexEnvi(GL.GL_TEXTURE_ENV, GL.GL_TEXTURE_ENV_MODE, GL.GL_REPLACE)
        GL.glEnable(GL.GL_TEXTURE_2D)
        GL.glDisable(GL.GL_DITHER)

    def take(self, image: npt.NDArray[np.uint8]) -> None:
        """Keep a picture ``(height, width, 3)``, rows top-down."""
        GL, (height, width) = self._gl, image.shape[:2]
        if self._size != (height, width):
            self._size = (height, width)
            GL.glTexImage2D(
                GL.GL_TEXTURE_2D, 0, GL.GL_RGB8, width, height, 0, GL.GL_RGB, GL.GL_UNSIGNED_BYTE, image
            )  # fmt: skip
        else:
            GL.glTexSubImage2D(
                GL.GL_TEXTURE_2D, 0, 0, 0, width, height, GL.GL_RGB, GL.GL_UNSIGNED_BYTE, image
            )  # fmt: skip

    def paint(self, width: int, height: int) -> None:
        """Draw the picture into a room of that size in pixels."""
        GL = self._gl
        GL.glViewport(0, 0, width, height)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)
        GL.glViewport(*fit_within(self._size[1], self._size[0], width, height))
        GL.glBegin(GL.GL_TRIANGLE_STRIP)
        for x, y in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
            # The first row of the picture is the first of the texture, and belongs on top.
            GL.glTexCoord2f((x + 1) / 2, (1 - y) / 2)
            GL.glVertex2f(x, y)
        GL.glEnd()


def _monitors() -> list[tuple[Display, Any]]:
    """Every display with GLFW's name for it, the main one first."""
    monitors = list(glfw.get_monitors())
    names = own_names([_text(glfw.get_monitor_name(monitor)) for monitor in monitors])
    sizes = [glfw.get_video_mode(monitor).size for monitor in monitors]
    return [(Display(name, *size), monitor) for name, size, monitor in zip(names, sizes, monitors, strict=True)]


def _leave_focus(window: Any) -> None:
    """Ask the window manager not to give the keys to `window` when it appears (EWMH: _NET_WM_USER_TIME of 0).

    Openbox gives them all the same to what fills a display.
    """
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError as error:
        LOG.info("the window may take the keys: %s", error)
        return
    display = ctypes.c_void_p(glfw.get_x11_display())  # type: ignore[no-untyped-call]
    x11.XInternAtom.restype = ctypes.c_ulong
    atom = ctypes.c_ulong(x11.XInternAtom(display, b"_NET_WM_USER_TIME", 0))
    never = (ctypes.c_ulong * 1)(0)
    x11.XChangeProperty(
        display, ctypes.c_ulong(glfw.get_x11_window(window)), atom, ctypes.c_ulong(XA_CARDINAL), 32, 0, never, 1
    )  # fmt: skip


def _text(name: bytes | str | None) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name or "display"


def _words(error: Exception) -> str:
    """What GLFW said, without its number and the signs of a bytes literal."""
    return str(error).partition(") ")[2].removeprefix("b'").removesuffix("'") or str(error)
