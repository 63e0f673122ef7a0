"""Bytes straight into a texture of Dear PyGui's, where that draws through OpenGL (on Linux).

Dear PyGui does not tell the names of its textures; each is found by a mark it was made with. Not a part
of its interface, so whatever does not go as expected ends here, quietly, and floats take the usual way.
"""

import itertools
import logging
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

LOG = logging.getLogger(__name__)
NAMES = 512
"""Texture names that are searched: OpenGL hands them out from 1."""
PATIENCE = 30
"""Frames after which a texture that was not found never will be."""


def gl() -> Any:
    """PyOpenGL, or None where there is no OpenGL to talk to."""
    if sys.platform != "linux":
        return None
    try:
        import OpenGL

        # Asked before each call otherwise: as long as the call itself.
        OpenGL.ERROR_CHECKING = False
        from OpenGL import GL
    except (ImportError, AttributeError, OSError) as error:
        LOG.info("no OpenGL: %s", error)
        return None
    return GL


class TexturePlace:
    """The OpenGL texture behind one of Dear PyGui's, known by a mark that stands in its first pixel."""

    _marks = itertools.count(1)

    def __init__(self, height: int, width: int) -> None:
        self._size = (height, width)
        self._gl = gl()
        self._mark = np.array([next(self._marks) >> shift & 255 for shift in (16, 8, 0)], np.uint8)
        self._name: int | None = None
        self._tries = 0
        self.possible = self._gl is not None and bool(self._gl.glGetString(self._gl.GL_VERSION))
        """Whether it is found or may still be."""

    def ground(self) -> npt.NDArray[np.float32]:
        """What the texture must be made with: black, ``(height, width, 4)`` float32, with the mark."""
        pixels = np.zeros((*self._size, 4), np.float32)
        pixels[..., 3] = 1.0
        pixels[0, 0, :3] = self._mark / np.float32(255.0)
        return pixels

    def write(self, image: npt.NDArray[np.uint8]) -> bool:
        """Put ``(height, width, 3)`` bytes there; False if it is not found yet, or never will be."""
        if not self.possible or not self._found():
            return False
        data = np.ascontiguousarray(image)
        height, width = self._size
        GL = self._gl
        GL.glBindTexture(GL.GL_TEXTURE_2D, self._name)
        GL.glPixelStorei(GL.GL_UNPACK_ALIGNMENT, 1)
        GL.glTexSubImage2D(GL.GL_TEXTURE_2D, 0, 0, 0, width, height, GL.GL_RGB, GL.GL_UNSIGNED_BYTE, data)
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)
        return True

    def _found(self) -> bool:
        if self._name is None:
            self._tries += 1
            self._name = next((name for name in range(1, NAMES) if self._is_ours(name)), None)
            self.possible = self._name is not None or self._tries <= PATIENCE
        return self._name is not None

    def _is_ours(self, name: int) -> bool:
        GL = self._gl
        if not GL.glIsTexture(name):
            return False
        GL.glBindTexture(GL.GL_TEXTURE_2D, name)
        sides = (GL.GL_TEXTURE_HEIGHT, GL.GL_TEXTURE_WIDTH)
        size = tuple(int(GL.glGetTexLevelParameteriv(GL.GL_TEXTURE_2D, 0, side)) for side in sides)
        ours = False
        if size == self._size:
            GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
            seen = np.frombuffer(GL.glGetTexImage(GL.GL_TEXTURE_2D, 0, GL.GL_RGB, GL.GL_UNSIGNED_BYTE), np.uint8)
            ours = bool(np.array_equal(seen[:3], self._mark))
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)
        return ours
