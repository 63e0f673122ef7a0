"""Pictures that change while they are shown.

Dear PyGui takes float32 textures only, keeps a reference to the buffer and reads it while it renders, without a check
of size or type; hence three buffers in turn, and a check here. Where it draws through OpenGL, bytes go straight into
a texture of its: a third of the work, and only when there is something new.
"""

import dearpygui.dearpygui as dpg
import numpy as np
import numpy.typing as npt

from instrument.errors import DisplayError
from instrument.ui.draw.opengl import TexturePlace
from instrument.ui.draw.tags import Tag

BUFFERS = 3

Image = npt.NDArray[np.uint8]


def checked(image: Image) -> Image:
    """`image` if it is ``(height, width, 3)`` uint8. Raises DisplayError if it is of another form."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise DisplayError(f"a frame of {image.shape} {image.dtype} is not a picture; (height, width, 3) uint8 is")
    return image


class FloatBuffers:
    """RGBA float32 buffers ``(height, width, 4)`` in ``[0, 1]``, filled in turn."""

    def __init__(self, height: int, width: int) -> None:
        self._buffers = tuple(np.ones((height, width, 4), np.float32) for _ in range(BUFFERS))
        self._next = 0

    def fill(self, image: Image) -> npt.NDArray[np.float32]:
        """Convert ``(height, width, 3)`` uint8 into the buffer that was shown longest ago, and return that."""
        buffer = self._buffers[self._next]
        self._next = (self._next + 1) % BUFFERS
        np.multiply(image, np.float32(1.0 / 255.0), out=buffer[..., :3], casting="unsafe")
        return buffer


class LiveTexture:
    """One texture of a fixed size, shown anew with every picture. Main thread only."""

    def __init__(self, registry: Tag, height: int, width: int) -> None:
        self.size = (height, width)
        self._registry = registry
        self._place = TexturePlace(height, width)
        self._buffers: FloatBuffers | None = None
        if self._place.possible:
            self.tag: Tag = dpg.add_static_texture(width, height, self._place.ground(), parent=registry)
        else:
            self._make_float()

    def show(self, image: Image) -> bool:
        """Take a picture ``(height, width, 3)`` uint8 over; False if it could not be yet. May change `tag`."""
        if checked(image).shape[:2] != self.size:
            raise DisplayError(f"a picture of {image.shape[:2]} does not fit a texture of {self.size}")
        if self._buffers is None and self._place.possible:
            return self._place.write(image)
        if self._buffers is None:
            dpg.delete_item(self.tag)
            self._make_float()
        dpg.set_value(self.tag, self._filled(image))
        return True

    def close(self) -> None:
        """Give it back."""
        if dpg.does_item_exist(self.tag):
            dpg.delete_item(self.tag)

    def _filled(self, image: Image) -> npt.NDArray[np.float32]:
        assert self._buffers is not None
        return self._buffers.fill(image)

    def _make_float(self) -> None:
        height, width = self.size
        self._buffers = FloatBuffers(height, width)
        first = self._filled(np.zeros((height, width, 3), np.uint8))
        self.tag = dpg.add_raw_texture(width, height, first, format=dpg.mvFormat_Float_rgba, parent=self._registry)
