"""Fonts and theme for what Dear PyGui draws itself: dialogs, menus, the file browser."""

from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from instrument.ui.draw import text, theme
from instrument.ui.draw.tags import Tag

COLORS: tuple[tuple[str, theme.Color], ...] = (
    ("WindowBg", theme.PANEL), ("PopupBg", theme.PANEL), ("ChildBg", theme.INSET), ("Border", theme.LINE),
    ("TitleBg", theme.PANEL), ("TitleBgActive", theme.PANEL), ("Text", theme.TEXT), ("TextDisabled", theme.DIM),
    ("FrameBg", theme.INSET), ("FrameBgHovered", theme.HOVERED), ("FrameBgActive", theme.HOVERED),
    ("Button", theme.RAISED), ("ButtonHovered", theme.HOVERED), ("ButtonActive", theme.TRACK),
    ("Header", theme.HOVERED), ("HeaderHovered", theme.HOVERED), ("HeaderActive", theme.TRACK),
    ("TextSelectedBg", theme.TRACK), ("CheckMark", theme.ACCENT), ("ScrollbarBg", theme.INSET),
    ("ScrollbarGrab", theme.TRACK), ("ModalWindowDimBg", (0, 0, 0, 150)), ("TableHeaderBg", theme.RAISED),
    ("Separator", theme.LINE), ("NavCursor", theme.ACCENT), ("NavHighlight", theme.ACCENT),
)  # fmt: skip
"""Dear PyGui's names after ``mvThemeCol_``; those a version does not have are passed over."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """The two weights for the draw list. It scales them itself, sharply, to any size."""

    medium: Tag
    bold: Tag


class Skin:
    """Owns fonts and theme; made after the context."""

    def __init__(self) -> None:
        self._registry = dpg.add_font_registry()
        self._by_size: dict[int, Tag] = {}
        self.fonts = Fonts(
            self._font(theme.BODY_PX), dpg.add_font(str(text.BOLD), theme.BODY_PX, parent=self._registry)
        )
        self._theme: Tag | None = None

    def wear(self, scale: float) -> None:
        """Set fonts and spaces of the dialogs for `scale`."""
        dpg.bind_font(self._font(round(theme.BODY_PX * scale)))
        if self._theme is not None:
            dpg.delete_item(self._theme)
        self._theme = _make_theme(scale)
        dpg.bind_theme(self._theme)

    def _font(self, size_px: int) -> Tag:
        if size_px not in self._by_size:
            self._by_size[size_px] = dpg.add_font(str(text.MEDIUM), size_px, parent=self._registry)
        return self._by_size[size_px]


def _make_theme(scale: float) -> Tag:
    made: Tag = dpg.add_theme()
    with dpg.theme_component(dpg.mvAll, parent=made):
        for name, color in COLORS:
            constant = getattr(dpg, f"mvThemeCol_{name}", None)
            if constant is not None:
                dpg.add_theme_color(constant, color, category=dpg.mvThemeCat_Core)
        for style, values in _spaces():
            dpg.add_theme_style(style, *(round(value * scale) for value in values), category=dpg.mvThemeCat_Core)
    return made


def _spaces() -> tuple[tuple[int, tuple[int, ...]], ...]:
    return (
        (dpg.mvStyleVar_WindowPadding, (16, 14)),
        (dpg.mvStyleVar_FramePadding, (12, 7)),
        (dpg.mvStyleVar_ItemSpacing, (10, 10)),
        (dpg.mvStyleVar_CellPadding, (6, 3)),
        (dpg.mvStyleVar_WindowRounding, (theme.RADIUS_PX,)),
        (dpg.mvStyleVar_PopupRounding, (theme.RADIUS_PX,)),
        (dpg.mvStyleVar_FrameRounding, (6,)),
        (dpg.mvStyleVar_ScrollbarSize, (16,)),
    )
