"""Frames to other programs on the same Windows machine through Spout's shared textures."""

import logging
import platform
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from instrument.errors import OutputError
from instrument.outputs.sink import Frame, StreamFormat

if TYPE_CHECKING:
    from SpoutGL import SpoutSender

DEFAULT_NAME = "Latent Instrument"
_HIGHEST_SUFFIX = 99
_OPAQUE = 255

logger = logging.getLogger(__name__)


class SpoutSink:
    """A Spout sender. OpenGL belongs to one thread, so everything but the constructor must come from one thread."""

    label = "spout"
    queue_frames = 1
    wants_audio = False

    def __init__(self, name: str = DEFAULT_NAME) -> None:
        self._wanted_name = name
        self._name = name
        self._sender: SpoutSender | None = None
        self._gl_format = 0
        self._rgba = np.empty((0, 0, 4), np.uint8)

    @classmethod
    def from_argument(cls, argument: str) -> Self:
        """The sink behind ``spout`` or ``spout:SENDER NAME``."""
        return cls(argument or DEFAULT_NAME)

    @property
    def sender_name(self) -> str:
        """What receivers see: after `open` the wanted name, with a number behind it if that was taken."""
        return self._name

    def open(self, stream: StreamFormat) -> None:  # noqa: ARG002 - a sender takes its size from each frame
        """Make a hidden OpenGL context and a sender. Raises OutputError where there is no Spout or no OpenGL."""
        try:
            from SpoutGL import SpoutSender, enums
        except ImportError as error:
            raise OutputError(_why_no_spout(error)) from error
        sender = SpoutSender()
        if not sender.createOpenGL():
            raise OutputError("Spout cannot start: no OpenGL context could be made; check the graphics driver")
        self._sender, self._gl_format = sender, enums.GL_RGBA
        self._name = _free_name(sender, self._wanted_name)
        sender.setSenderName(self._name)

    def send(self, frame: Frame) -> None:
        """Share one frame and wake receivers that wait for it. A new size is announced by Spout itself."""
        if self._sender is None:
            raise OutputError("Spout is not open")
        rgba = self._with_alpha(frame.image)
        height_px, width_px = rgba.shape[:2]
        # Every argument by position: the binding knows no keywords and no defaults. Rows top-down need no flip.
        if not self._sender.sendImage(rgba, width_px, height_px, self._gl_format, False, 0):
            raise OutputError(f"Spout sender '{self._name}' could not send: is the graphics driver still there?")
        self._sender.setFrameSync(self._name)

    def send_audio(self, samples: npt.NDArray[np.float32], capture_time_s: float) -> None:
        """Do nothing: Spout carries no sound."""

    def close(self) -> None:
        """Take the sender out of every receiver's list and drop the context. May be called twice."""
        sender, self._sender = self._sender, None
        if sender is None:
            return
        sender.releaseSender()
        if not sender.closeOpenGL():
            logger.warning("the OpenGL context of Spout sender '%s' did not close", self._name)

    def _with_alpha(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Copy ``(height, width, 3)`` into the kept opaque ``(height, width, 4)``.

        Four bytes a pixel is what the shared texture holds, and rows of any width then start where OpenGL's
        default alignment expects them. The binding counts only bytes, so shape and type are checked here.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise OutputError(f"Spout needs (height, width, 3) uint8 frames, not {image.shape} {image.dtype}")
        height_px, width_px = image.shape[:2]
        if self._rgba.shape[:2] != (height_px, width_px):
            self._rgba = np.full((height_px, width_px, 4), _OPAQUE, np.uint8)
        self._rgba[..., :3] = image
        return self._rgba


def _why_no_spout(error: ImportError) -> str:
    if platform.system() != "Windows":
        return "Spout needs Windows; choose another output, such as record or null"
    return f"Spout cannot start: {error}; pip install SpoutGL (Python 3.11 to 3.13)"


def _free_name(sender: "SpoutSender", wanted: str) -> str:
    """`wanted`, or `wanted` and a number. Spout would rename a second sender by itself and not say to what."""
    names = [wanted, *(f"{wanted} {number}" for number in range(2, _HIGHEST_SUFFIX + 1))]
    for name in names:
        if sender.getSenderInfo(name) is None:
            if name != wanted:
                logger.warning("a Spout sender called '%s' is there already; this one is '%s'", wanted, name)
            return name
    sender.closeOpenGL()
    raise OutputError(f"Spout senders '{wanted}' to '{names[-1]}' are all taken; choose another name")
