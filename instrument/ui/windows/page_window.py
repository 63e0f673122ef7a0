"""A page where panels were: a heading, a button that closes it, and below whatever the page is of.

It has no ground of its own and darkens nothing: the window is cleared in the panels' colour anyway. Where no card
draws, a dialog over a darkened surface costs more than the surface itself, and the picture on the wall pays for it.
"""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from instrument.ui.draw.tags import Tag
from instrument.ui.draw.theme import CLEAR, GAP_PX, PAD_PX
from instrument.ui.layout.rect import Rect
from instrument.ui.layout.scaling import px
from instrument.ui.windows.pages import Page

HEADER_PX = 40
CLOSE_PX = 96


class PageWindow:
    """The window of one page. Main thread only."""

    def __init__(self, page: Page, room: Rect, scale: float, close: Callable[[], object]) -> None:
        self.page = page
        self._close = close
        self._laid_out: tuple[Rect, float] | None = None
        self._theme = _theme()
        self.tag: Tag = dpg.add_window(
            label=page.title, no_title_bar=True, no_move=True, no_resize=True, no_scrollbar=True, no_collapse=True,
            no_background=True, no_scroll_with_mouse=True,
        )  # fmt: skip
        dpg.bind_item_theme(self.tag, self._theme)
        self.meet(room, scale)

    def meet(self, room: Rect, scale: float) -> None:
        """Stand in `room`; the page is built anew if that is another one."""
        if self._laid_out == (room, scale):
            return
        if self._laid_out is not None:
            self.page.close()
            dpg.delete_item(self.tag, children_only=True)
        self._laid_out = room, scale
        dpg.configure_item(self.tag, pos=[room.x, room.y], width=round(room.width), height=round(room.height))
        inner = Rect(0.0, 0.0, room.width, room.height).inset(px(PAD_PX, scale), px(PAD_PX * 0.75, scale))
        header, below = inner.from_top(px(HEADER_PX, scale), px(GAP_PX, scale))
        shut, heading = header.from_right(px(CLOSE_PX, scale))
        dpg.add_text(self.page.title, parent=self.tag, pos=[heading.x, heading.y])
        dpg.add_button(
            label="Close",
            parent=self.tag,
            pos=[shut.x, shut.y],
            width=round(shut.width),
            callback=lambda *_: self._close(),
        )
        body: Tag = dpg.add_child_window(
            parent=self.tag, pos=[below.x, below.y], width=round(below.width), height=round(below.height),
            border=False, horizontal_scrollbar=True,
        )  # fmt: skip
        dpg.bind_item_theme(body, self._theme)
        self.page.fill(body, scale)

    def tend(self) -> None:
        """Once a frame."""
        self.page.tend()

    def close(self) -> None:
        """Take it away."""
        self.page.close()
        dpg.delete_item(self.tag)
        dpg.delete_item(self._theme)


def _theme() -> Tag:
    made: Tag = dpg.add_theme()
    with dpg.theme_component(dpg.mvAll, parent=made):
        dpg.add_theme_color(dpg.mvThemeCol_ChildBg, CLEAR, category=dpg.mvThemeCat_Core)
        dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, 0, 0, category=dpg.mvThemeCat_Core)
    return made
