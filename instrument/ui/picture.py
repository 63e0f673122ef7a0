"""The picture that is playing, shown through a float texture.

Dear PyGui takes float32 textures only, keeps a reference to the buffer and reads it while it renders, without a check
of size or type; hence three buffers in turn, and a check here.
"""

import dearpygui.dearpygui as dpg
import numpy as np
import numpy.typing as npt

from instrument.errors import DisplayError
from instrument.outputs.sink import Frame
from instrument.ui.canvas import Align, Canvas, Tag
from instrument.ui.plan import Plan
from instrument.ui.theme import BODY_PX, DIM, INSET, PAD_PX, PANEL, TEXT, TITLE_PX
from instrument.ui.view import Info, Target, TargetKind, View

PREVIEW_LIMIT_PX = 768
"""A larger picture is shown with every second (third, ...) pixel only: the rig gets all, the laptop saves time."""
BUFFERS = 3

Image = npt.NDArray[np.uint8]


def preview(image: Image, limit_px: int = PREVIEW_LIMIT_PX) -> Image:
    """``(height, width, 3)`` uint8, thinned until no side is longer than `limit_px`. A view, not a copy.

    Raises
    ------
    DisplayError
        If the image is of another form.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise DisplayError(f"a frame of {image.shape} {image.dtype} is not a picture; (height, width, 3) uint8 is")
    step = -(-max(image.shape[:2]) // limit_px)
    return image[::step, ::step]


class FloatBuffers:
    """RGBA float32 buffers ``(height, width, 4)`` in ``[0, 1]``, filled in turn."""

    def __init__(self, height: int, width: int) -> None:
        self._buffers = tuple(np.ones((height, width, 4), np.float32) for _ in range(BUFFERS))
        self._next = 0

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width, _channels = self._buffers[0].shape
        return height, width

    def fill(self, image: Image) -> npt.NDArray[np.float32]:
        """Convert ``(height, width, 3)`` uint8 into the buffer that was shown longest ago, and return that."""
        buffer = self._buffers[self._next]
        self._next = (self._next + 1) % BUFFERS
        np.multiply(image, np.float32(1.0 / 255.0), out=buffer[..., :3], casting="unsafe")
        return buffer


class PictureTexture:
    """The texture of the newest frame. Outlives a change of layout; made anew only if the picture's size changes."""

    def __init__(self) -> None:
        self._registry = dpg.add_texture_registry()
        self._buffers: FloatBuffers | None = None
        self._index: int | None = None
        self.tag: Tag | None = None
        """The texture, or None before the first frame."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the texture."""
        return (1, 1) if self._buffers is None else self._buffers.size

    def show(self, frame: Frame | None) -> bool:
        """Take over a new frame; True if the texture is another one than before."""
        if frame is None or frame.index == self._index:
            return False
        image = preview(frame.image)
        self._index = frame.index
        if self._buffers is not None and self.tag is not None and self._buffers.size == image.shape[:2]:
            dpg.set_value(self.tag, self._buffers.fill(image))
            return False
        self._recreate(image)
        return True

    def _recreate(self, image: Image) -> None:
        if self.tag is not None:
            dpg.delete_item(self.tag)
        height, width, _channels = image.shape
        self._buffers = FloatBuffers(height, width)
        self.tag = dpg.add_raw_texture(
            width, height, self._buffers.fill(image), format=dpg.mvFormat_Float_rgba, parent=self._registry
        )


class Picture:
    """The panel of the picture: whole, in its own shape, never black: words stand where no frame is yet."""

    def __init__(self, canvas: Canvas, plan: Plan, texture: PictureTexture, title: str) -> None:
        self._canvas, self._texture = canvas, texture
        canvas.box(plan.picture, PANEL)
        self._room = plan.picture.inset(plan.px(PAD_PX))
        canvas.box(self._room, INSET, radius_px=4.0)
        upper, lower = self._room.middle(self._room.width - plan.px(40), plan.px(100)).rows(2)
        self._words = (
            canvas.label(upper, title, TITLE_PX, TEXT, Align.CENTRE, bold=True),
            canvas.label(lower, "warming up…", BODY_PX, DIM, Align.CENTRE),
        )
        self._image: object = None
        self._place()

    def targets(self) -> tuple[Target, ...]:
        """What is playing can be asked for."""
        return (Target(TargetKind.INFO, Info.PICTURE.value, self._room),)

    def update(self, view: View) -> None:
        """Show the newest frame."""
        if self._texture.show(view.snapshot.frame):
            self._place()

    def _place(self) -> None:
        if self._texture.tag is None:
            return
        for word in self._words:
            word.set("")
        height, width = self._texture.size
        # Dear PyGui drops an image whose texture was deleted, so a new texture always gets a new image.
        self._image = self._canvas.image(self._texture.tag, self._room.fit(width, height))
