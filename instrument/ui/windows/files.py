"""The page on which a file is chosen: the way to its folder, what to find, and the files, in plain widgets.

Dear PyGui's own file dialog darkens everything behind it, which cannot be turned off and, where no card draws, costs
more than the surface; and it reads its folder in the frame.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import dearpygui.dearpygui as dpg

from instrument.ui.draw import text
from instrument.ui.draw.tags import Tag
from instrument.ui.draw.theme import ALARM, BODY_PX, CLEAR, DIM, RAISED, TEXT
from instrument.ui.windows.folders import Entry, FolderReader, Listing, Order, path_in, shown, size_text, trail

FIND_HINT = "Find, or a whole path"
ROWS_A_FRAME = 60
"""More in one frame would be felt by the picture."""
MOST_ROWS = 1000
FOOT_PX = 48
LINE_PADDING_PX = (6, 8)
COLUMNS_PX = (96, 176)
STEP = "›"
STEP_PX = 32
"""What a folder on the way is wider than its name."""
REPEAT_AFTER = 8
"""Frames that an arrow is held before it counts again and again."""
PAGE_STEP = 10
ENTER = (dpg.mvKey_Return, dpg.mvKey_NumPadEnter)
KEY_STEPS = {
    dpg.mvKey_Up: -1, dpg.mvKey_Down: 1, dpg.mvKey_Down + 1: -PAGE_STEP, dpg.mvKey_Down + 2: PAGE_STEP,
}  # fmt: skip
"""By how many lines a key moves the choice. Page up and page down follow `mvKey_Down` in what Dear PyGui asks for; its
own constants for them (2.3.1) are the numbers of another library."""


class FilesPage:
    """Chooses a file. What was looked at last, and how, is there again when the page is shown again."""

    def __init__(self, title: str, kind: str, extensions: Sequence[str], choose: Callable[[Path], None]) -> None:
        """`kind` names files with `extensions` (lower case, with their dots); `choose` gets what is chosen."""
        self.title = title
        self.folder = Path.home()
        self._kind, self._extensions, self._choose = kind, tuple(extensions), choose
        self._order, self._all = Order.NAME, False
        self._reader = FolderReader()
        self._listing = Listing(self.folder)
        self._entries: tuple[Entry, ...] = ()
        self._rows: list[Tag] = []
        self._chosen: int | None = None
        self._taken: Path | None = None
        self._scale, self._width_px = 1.0, 0.0
        self._written = ""
        self._held: dict[int, int] = {}
        self._themes: list[Tag] = []

    def fill(self, window: Tag, scale: float) -> None:
        """Build it, and begin to read the folder."""
        self._scale, self._width_px, self._written = scale, dpg.get_item_width(window) / scale, ""
        self._places = dpg.add_group(horizontal=True, parent=window)
        with dpg.group(horizontal=True, parent=window):
            self._find = dpg.add_input_text(hint=FIND_HINT, width=round(270 * scale))
            orders = [order.value for order in Order]
            self._orders = dpg.add_radio_button(orders, default_value=self._order.value, horizontal=True)
            self._every = dpg.add_checkbox(label="All files", default_value=self._all)
        for item in (self._find, self._orders, self._every):
            dpg.configure_item(item, callback=lambda *_: self._narrow())
        self._trail = dpg.add_group(horizontal=True, horizontal_spacing=0, parent=window)
        self._table = dpg.add_table(
            parent=window, header_row=False, scrollY=True, clipper=True, height=-round(FOOT_PX * scale),
            policy=dpg.mvTable_SizingStretchProp, borders_innerH=True,
        )  # fmt: skip
        for item, skin in ((self._trail, _flat()), (self._table, _lines(scale))):
            dpg.bind_item_theme(item, skin)
            self._themes.append(skin)
        dpg.add_table_column(parent=self._table)
        for width in COLUMNS_PX:
            dpg.add_table_column(parent=self._table, width_fixed=True, init_width_or_weight=round(width * scale))
        with dpg.group(horizontal=True, parent=window):
            self._open = dpg.add_button(label="Open", width=round(96 * scale), callback=lambda *_: self._take())
            self._told = dpg.add_text("", color=DIM)
        dpg.focus_item(self._find)
        self._go(self.folder)

    def tend(self) -> None:
        """Show what was read meanwhile, some rows more, and do what the keys say."""
        listing = self._reader.answer()
        if listing is not None:
            self._show(listing)
        self._strike()
        for _ in range(min(ROWS_A_FRAME, len(self._entries[:MOST_ROWS]) - len(self._rows))):
            self._add_row(len(self._rows))
        # Last of all: it closes the page.
        taken, self._taken = self._taken, None
        if taken is not None:
            self._choose(taken)

    def close(self) -> None:
        """Give its looks back."""
        for skin in self._themes:
            dpg.delete_item(skin)
        self._themes.clear()
        self._rows = []

    def _go(self, path: Path) -> None:
        """Read another folder."""
        self._reader.ask(path)
        self._tell("reading…")

    def _show(self, listing: Listing) -> None:
        """Show another folder; one that cannot be read leaves everything as it was, and says why."""
        if not dpg.get_item_children(self._places, 1):
            for name, path in self._reader.places:
                self._button(name, path, self._places)
        dpg.focus_item(self._find)
        if listing.trouble:
            self._tell(listing.trouble, ALARM)
            return
        self._listing, self.folder = listing, listing.folder
        dpg.set_value(self._find, "")
        dpg.delete_item(self._trail, children_only=True)
        for place, path in enumerate(self._fitting(trail(listing.folder))):
            if place:
                dpg.add_text(STEP, parent=self._trail, color=DIM)
            self._button(path.name or str(path), path, self._trail)
        self._narrow()
        if listing.wanted:
            self._taken = listing.folder / listing.wanted

    def _fitting(self, steps: Sequence[Path]) -> Sequence[Path]:
        """The last of these folders, as many as fit on a line."""
        room = self._width_px
        for count, step in enumerate(reversed(steps)):
            room -= text.width_px(step.name, BODY_PX) + STEP_PX
            if room < 0.0 and count:
                return steps[-count:]
        return steps

    def _narrow(self) -> None:
        """Show what the field and the switches leave of the folder; the first that was found is chosen."""
        words = dpg.get_value(self._find)
        self._order, self._all = Order(dpg.get_value(self._orders)), dpg.get_value(self._every)
        if path_in(words, self.folder) is not None:
            return
        self._entries = shown(self._listing, () if self._all else self._extensions, self._order, words)
        dpg.delete_item(self._table, children_only=True, slot=1)
        dpg.set_y_scroll(self._table, 0)
        self._rows, self._chosen = [], None
        self._tell(self._count())
        if words.strip() and self._entries:
            self._mark(0)

    def _count(self) -> str:
        files = sum(not entry.is_folder for entry in self._entries)
        named = "files" if self._all else self._kind
        if len(self._entries) > MOST_ROWS:
            return f"{files} {named}; the first {MOST_ROWS} are shown, write to find others"
        return f"{files} {named}" if files else f"no {named} here"

    def _add_row(self, index: int) -> None:
        entry = self._entries[index]
        with dpg.table_row(parent=self._table):
            name = f"{entry.name}/" if entry.is_folder else entry.name
            row = dpg.add_selectable(
                label=name,
                span_columns=True,
                default_value=index == self._chosen,
                user_data=index,
                callback=self._touch,
            )
            dpg.add_text("folder" if entry.is_folder else size_text(entry.size_bytes), color=DIM)
            dpg.add_text(_date(entry.changed_s), color=DIM)
        self._rows.append(row)

    def _touch(self, row: Tag, _answer: object, index: int) -> None:
        """A click chooses; on what is chosen already, as the second one of a double click, it opens."""
        if row not in self._rows:
            return
        again = index == self._chosen
        self._mark(index)
        if again:
            self._take()

    def _mark(self, index: int) -> None:
        """Choose the entry at `index`, and say so: a line under the pointer looks the same."""
        self._chosen = index
        self._tell(self._entries[index].name, TEXT)
        for place, row in enumerate(self._rows):
            dpg.set_value(row, place == index)

    def _take(self) -> None:
        """Open what is chosen, or what was written as a path."""
        written = path_in(dpg.get_value(self._find), self.folder)
        if written is not None:
            self._go(written)
        elif self._chosen is None:
            self._tell("choose a file first", ALARM)
        else:
            entry = self._entries[self._chosen]
            path = self.folder / entry.name
            if entry.is_folder:
                self._go(path)
            else:
                self._taken = path

    def _strike(self) -> None:
        """What keys do: arrows choose, Enter opens, Backspace in an empty field leads to the folder above."""
        for key in (*KEY_STEPS, *ENTER, dpg.mvKey_Back):
            self._held[key] = self._held.get(key, 0) + 1 if dpg.is_key_down(key) else 0
        for key, step in KEY_STEPS.items():
            if self._entries and (self._held[key] == 1 or self._held[key] > REPEAT_AFTER):
                last = min(len(self._entries), MOST_ROWS) - 1
                here = -1 if self._chosen is None else self._chosen
                self._mark(min(max(here + step, 0), last))
                self._scroll()
        # Struck anew: whoever holds it to clear the field shall not end up at the root.
        if self._held[dpg.mvKey_Back] == 1 and not self._written and not dpg.get_value(self._find):
            self._go(self.folder.parent)
        if any(self._held[key] == 1 for key in ENTER):
            self._take()
        self._written = dpg.get_value(self._find)

    def _scroll(self) -> None:
        """Bring the chosen row into sight: it stands as far down what is seen as it does in the whole list."""
        if self._chosen is not None and len(self._rows) > 1:
            share = min(self._chosen / (len(self._rows) - 1), 1.0)
            dpg.set_y_scroll(self._table, share * dpg.get_y_scroll_max(self._table))

    def _button(self, label: str, path: Path, parent: Tag) -> None:
        dpg.add_button(label=label, parent=parent, user_data=path, callback=lambda _sender, _answer, to: self._go(to))

    def _tell(self, line: str, color: tuple[int, int, int, int] = DIM) -> None:
        dpg.configure_item(self._told, color=color)
        dpg.set_value(self._told, line)


def _flat() -> Tag:
    """Buttons that look like words."""
    made: Tag = dpg.add_theme()
    with dpg.theme_component(dpg.mvAll, parent=made):
        dpg.add_theme_color(dpg.mvThemeCol_Button, CLEAR, category=dpg.mvThemeCat_Core)
    return made


def _lines(scale: float) -> Tag:
    """Lines of a list, high enough for a finger; text stands level in all columns only without frame padding."""
    made: Tag = dpg.add_theme()
    with dpg.theme_component(dpg.mvAll, parent=made):
        dpg.add_theme_style(dpg.mvStyleVar_FramePadding, 0, 0, category=dpg.mvThemeCat_Core)
        across, down = (round(length * scale) for length in LINE_PADDING_PX)
        dpg.add_theme_style(dpg.mvStyleVar_CellPadding, across, down, category=dpg.mvThemeCat_Core)
        dpg.add_theme_color(dpg.mvThemeCol_TableBorderLight, RAISED, category=dpg.mvThemeCat_Core)
        for state in (dpg.mvThemeCol_Header, dpg.mvThemeCol_HeaderHovered, dpg.mvThemeCol_HeaderActive):
            dpg.add_theme_color(state, RAISED, category=dpg.mvThemeCat_Core)
    return made


def _date(changed_s: float) -> str:
    """When a file was changed, as the clock on the wall has it."""
    return datetime.fromtimestamp(changed_s).strftime("%d %b %Y  %H:%M") if changed_s else ""
