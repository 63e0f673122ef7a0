"""The picture that is playing, and below it what is sent out."""

import numpy as np
import numpy.typing as npt

from instrument.outputs.sink import Frame
from instrument.params.table import MASTER_FADE, MOTION_FREEZE
from instrument.ui.draw.canvas import Align, Canvas
from instrument.ui.draw.tags import Tag
from instrument.ui.draw.texture import LiveTexture, checked
from instrument.ui.draw.theme import AMBER, BODY_PX, CLEAR, DIM, INSET, ON_ACCENT, SMALL_PX, TEXT, TITLE_PX
from instrument.ui.layout.plan import CAPTION_PX
from instrument.ui.layout.rect import Rect
from instrument.ui.panels.sinks import SinkLamps
from instrument.ui.view import Info, Target, TargetKind, View

PREVIEW_LIMIT_PX = 768
"""A larger picture is shown with every second (third, ...) pixel only: the rig gets all, the laptop saves time."""
MARGIN_PX = 6
FIGURES_EVERY_S = 0.25

Image = npt.NDArray[np.uint8]


def preview(image: Image, limit_px: int = PREVIEW_LIMIT_PX) -> Image:
    """``(height, width, 3)`` uint8, thinned until no side is longer than `limit_px`. A view, not a copy.

    Raises
    ------
    DisplayError
        If the image is of another form.
    """
    step = -(-max(checked(image).shape[:2]) // limit_px)
    return image[::step, ::step]


class PictureTexture:
    """The texture of the newest frame. Outlives a change of layout; made anew only if the picture's size changes."""

    def __init__(self, registry: Tag) -> None:
        self._registry = registry
        self._texture: LiveTexture | None = None
        self._index: int | None = None

    @property
    def tag(self) -> Tag | None:
        """The texture, or None before the first frame."""
        return None if self._texture is None else self._texture.tag

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the texture."""
        return (1, 1) if self._texture is None else self._texture.size

    def show(self, frame: Frame | None) -> bool:
        """Take over a new frame; True if the texture is another one than before."""
        if frame is None or frame.index == self._index:
            return False
        image, before = preview(frame.image), self.tag
        if self._texture is None or self._texture.size != image.shape[:2]:
            if self._texture is not None:
                self._texture.close()
            self._texture = LiveTexture(self._registry, *image.shape[:2])
        if self._texture.show(image):
            self._index = frame.index
        return self.tag != before


class Picture:
    """The picture: whole, in its own shape, never black: words stand where no frame is yet."""

    def __init__(self, canvas: Canvas, room: Rect, texture: PictureTexture, title: str) -> None:
        self._canvas, self._texture, self._room = canvas, texture, room
        self._ground = canvas.bar(room, INSET)
        upper, lower = room.middle(room.width - canvas.px(40), canvas.px(100)).rows(2)
        self._words = (
            canvas.label(upper, title, TITLE_PX, TEXT, Align.CENTRE, bold=True),
            canvas.label(lower, "warming up…", BODY_PX, DIM, Align.CENTRE),
        )
        self._layer = canvas.layer()
        self._place()
        notice = room.middle(canvas.px(230), canvas.px(40))
        self._notice = canvas.box(Rect(notice.x, room.y + canvas.px(14), notice.width, notice.height), CLEAR)
        place = Rect(notice.x, room.y + canvas.px(14), notice.width, notice.height)
        self._notice_text = canvas.label(place, "", BODY_PX, ON_ACCENT, Align.CENTRE, bold=True)

    def targets(self) -> tuple[Target, ...]:
        """What is playing can be asked for."""
        return (Target(TargetKind.INFO, Info.PICTURE.value, self._room),)

    def update(self, view: View) -> None:
        """Show the newest frame, and why nothing moves or shines."""
        if self._texture.show(view.snapshot.frame):
            self._place()
        black, frozen = view.values[MASTER_FADE] == 0.0, view.values[MOTION_FREEZE] >= 0.5
        told = "BLACKOUT · B" if black else "FROZEN · Space" if frozen else ""
        self._notice_text.set(told)
        self._notice.set(fill=AMBER if told else CLEAR)

    def _place(self) -> None:
        if self._texture.tag is None:
            return
        for word in self._words:
            word.set("")
        height, width = self._texture.size
        place = self._room.fit(width, height)
        self._ground.set(show=place != self._room)
        # Dear PyGui drops an image whose texture was deleted, so a new texture always gets a new image.
        self._layer.clear()
        self._layer.image(self._texture.tag, place)


class PicturePanel:
    """The picture in its panel, its size and rate, and a lamp for each sink."""

    def __init__(self, canvas: Canvas, panel: Rect, texture: PictureTexture, title: str) -> None:
        inner = panel.inset(canvas.px(MARGIN_PX))
        caption, room = inner.from_bottom(canvas.px(CAPTION_PX - MARGIN_PX), 0)
        self._picture = Picture(canvas, room.square(), texture, title)
        caption = caption.inset(canvas.px(4), 0)
        figures, sinks = caption.from_left(round(0.44 * caption.width), canvas.px(8))
        self._figures = canvas.label(figures, "", SMALL_PX, TEXT)
        self._sinks = SinkLamps(canvas, sinks)
        self._info = Target(TargetKind.INFO, Info.OUTPUTS.value, sinks)
        self._since_figures_s = FIGURES_EVERY_S

    def targets(self) -> tuple[Target, ...]:
        """The picture and the sinks."""
        return (*self._picture.targets(), self._info)

    def update(self, view: View) -> None:
        """Show frame, figures and sinks."""
        self._picture.update(view)
        self._sinks.update(view.snapshot.sinks)
        self._since_figures_s += view.dt_s
        if self._since_figures_s >= FIGURES_EVERY_S:
            self._since_figures_s = 0.0
            timing, frame = view.snapshot.timing, view.snapshot.frame
            size = "" if frame is None else f"{frame.image.shape[1]} × {frame.image.shape[0]} · "
            slow = timing.frame_rate_hz < 0.9 * timing.target_rate_hz
            self._figures.set(f"{size}{timing.frame_rate_hz:.1f} fps", AMBER if slow else TEXT)
