"""The picture alone on a display of this machine, in a window that a process of its own keeps."""

import math
from typing import Self

import numpy as np
import numpy.typing as npt

from instrument.clock import Clock, SystemClock
from instrument.errors import OutputError, OutputLeftError
from instrument.outputs.shared_pictures import SharedPictures
from instrument.outputs.sink import Frame, StreamFormat
from instrument.outputs.window_process import WindowProcess
from instrument.outputs.window_wire import WindowMessage, show_arguments

START_TIMEOUT_S = 10.0
LEAST_PICTURE_BYTES = 1024 * 1024 * 3
"""Room that is made for a picture at least, so that another model rarely needs more."""
UNREAD_MAX = 64
"""Wake-ups that may be under way: so few that the pipe takes them without waiting, whatever the process does."""
SILENT_MAX_S = 2.0
"""A process that has not shown anything for so long, while pictures came, does not answer."""
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 4.0
STEADY_S = 5.0
"""A window that stands for so long has come to stay: the next start over is the first again."""
TRIES = 6
"""Starts over in a row, each shorter than `STEADY_S`, after which the sink gives up."""
_HANGS = f"window: the screen has taken no picture for {SILENT_MAX_S:g} s"


class WindowSink:
    """A window with the picture. `send` never waits for the process; one that dies is started anew."""

    label = "window"
    queue_frames = 1
    wants_audio = False

    def __init__(self, display: str = "", clock: Clock | None = None) -> None:
        """`display` as in `displays.pick_display`; `clock` tells when to start over and what takes too long."""
        self._wanted, self._size = display, (0, 0)
        self._clock = clock or SystemClock()
        self._process: WindowProcess | None = None
        self._pictures: SharedPictures | None = None
        self._ready = False
        self._begun_s = self._moved_s = self._again_s = math.inf
        self._seen, self._tries = 0, 0
        self.notice = ""
        """What is amiss, in one line; empty while all is well. Any thread."""
        self.place = ""
        """Where the picture is, in a few words; empty until a window is open."""

    @classmethod
    def from_argument(cls, argument: str) -> Self:
        """The sink behind ``window`` or ``window:DISPLAY``."""
        return cls(argument)

    @property
    def lag_s(self) -> float:
        """How long the newest picture on the screen took to get there since it was finished; NaN if none has."""
        return math.nan if self._pictures is None else self._pictures.lag_s

    @property
    def pid(self) -> int | None:
        """Number of the process that keeps the window."""
        return None if self._process is None else self._process.pid

    def open(self, stream: StreamFormat) -> None:
        """Start the process and wait until it has a window: about a second. Raises OutputError where there is none."""
        self.close()
        self._size = (stream.width_px, stream.height_px)
        self._make_room(3 * stream.width_px * stream.height_px)
        self._start()
        assert self._process is not None  # `_start` raises if there is none
        message = self._process.next(START_TIMEOUT_S) or WindowMessage("error", "the screen does not answer")
        if message.kind != "ready":
            self.close()
            raise OutputError(f"window: {message.text}")
        self._meet(message)

    def send(self, frame: Frame) -> None:
        """Leave one frame for the process. Never waits. Raises OutputLeftError once somebody closed the window."""
        if self._pictures is None:
            raise OutputError("window: not open")
        image = _checked(frame.image)
        if image.size > self._pictures.slot_bytes:
            self._make_room(image.size)
            self._tell_room()
        self._pictures.write(image, frame.time_s)
        if self._pictures.written - self._pictures.shown <= UNREAD_MAX and self._process is not None:
            self._process.tell("")
        self._hear()
        self._look_after(self._clock.now_s())

    def send_audio(self, samples: npt.NDArray[np.float32], capture_time_s: float) -> None:
        """Do nothing: a window carries no sound."""

    def close(self) -> None:
        """Take the window off the screen. May be called twice."""
        self._end()
        pictures, self._pictures = self._pictures, None
        if pictures is not None:
            pictures.close()

    def _make_room(self, picture_bytes: int) -> None:
        before = self._pictures
        try:
            self._pictures = SharedPictures.create(max(picture_bytes, LEAST_PICTURE_BYTES))
        except OSError as error:
            raise OutputError(f"window: no memory to share: {error}") from error
        if before is not None:
            before.close()
        self._seen = 0

    def _tell_room(self) -> None:
        if self._process is not None and self._pictures is not None and self._ready:
            self._process.tell(self._pictures.name)

    def _start(self) -> None:
        self._process, self._ready = WindowProcess(show_arguments(self._wanted, *self._size)), False
        self._begun_s, self._again_s = self._clock.now_s(), math.inf

    def _end(self) -> None:
        process, self._process, self._ready = self._process, None, False
        if process is not None:
            process.close()

    def _hear(self) -> None:
        while self._process is not None and (message := self._process.next(0.0)) is not None:
            self._meet(message)

    def _meet(self, message: WindowMessage) -> None:
        """Do what a message asks for."""
        if message.kind == "ready":
            if not self._ready:
                self._ready = True
                self._tell_room()
            if message.displays:
                # From now on only the very same will do: never the performer's own instead.
                self._wanted = message.displays[0].name
            self.place, self.notice = message.text, ""
            self._moved_s = self._clock.now_s()
        elif message.kind == "lost":
            self.notice = f"window: {message.text} went away; the picture comes back with it"
        elif message.kind == "left":
            raise OutputLeftError("window: closed by hand")
        else:
            self._plan_start(message.text)

    def _plan_start(self, reason: str) -> None:
        """The process has ended, or cannot go on: start another before long. Raises OutputError after many in vain."""
        self._end()
        now_s = self._clock.now_s()
        self._tries = 1 if now_s - self._begun_s > STEADY_S else self._tries + 1
        if self._tries > TRIES:
            raise OutputError(f"window: {reason}")
        self.notice = f"window: {reason}; it is opened again"
        self._again_s = now_s + min(FIRST_PAUSE_S * 2.0 ** (self._tries - 1), LONGEST_PAUSE_S)

    def _look_after(self, now_s: float) -> None:
        """Start the process again when that is due, and notice one that hangs."""
        if self._process is None:
            if now_s >= self._again_s:
                self._start()
            return
        assert self._pictures is not None  # there from `open` to `close`
        if not self._ready or self._pictures.shown != self._seen:
            self._seen, self._moved_s = self._pictures.shown, now_s
            self.notice = "" if self._ready and self.notice == _HANGS else self.notice
        elif now_s - self._moved_s > SILENT_MAX_S:
            self.notice = self.notice or _HANGS


def _checked(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise OutputError(f"window: needs (height, width, 3) uint8 frames, not {image.shape} {image.dtype}")
    return image
