"""What the surface asks: a value, a name, a choice, a file. One dialog at a time; its answer goes to the deck.

None is modal: Dear PyGui would darken the whole window for it, frame by frame. The hands let go of the surface instead.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import dearpygui.dearpygui as dpg

from instrument.ui.deck import Deck
from instrument.ui.draw.tags import Tag
from instrument.ui.draw.theme import ACCENT, DIM
from instrument.ui.hand.hands import SENDER
from instrument.ui.layout.flow import MOOD_GROUP
from instrument.ui.layout.rect import Rect
from instrument.ui.windows.files import FilesPage
from instrument.ui.windows.page_window import PageWindow
from instrument.ui.windows.pages import KeysPage, LogPage, Page
from instrument.ui.windows.settings import SettingsPage

AUDIO_FILES = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".aif", ".aiff", ".m4a")
WIDTH_PX = 380
QUESTION = "theme of questions"
NO_NUMBER = "that is not a number"
NO_NAME = "a look needs a name"

Choice = tuple[str, Callable[[], None]]


def number_in(text: str) -> float | None:
    """The number a performer typed, with or without its unit; None if there is none.

    >>> number_in("-3,5 dB"), number_in("fast"), number_in("inf")
    (-3.5, None, None)
    """
    words = text.replace(",", ".").split()
    try:
        number = float(words[0]) if words else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class DearDialogs:
    """Dialogs made of Dear PyGui windows. Main thread only."""

    def __init__(self, deck: Deck) -> None:
        self._deck = deck
        self._window: Tag | None = None
        self._page: PageWindow | None = None
        self._inputs: tuple[str, ...] | None = None
        self.files = FilesPage("Open a sound file", "sound files", AUDIO_FILES, self._open_file)
        self._room, self._scale = Rect(0, 0, 0, 0), 1.0

    @property
    def is_open(self) -> bool:
        """Whether a dialog has the keys."""
        return self._window is not None

    @property
    def is_page(self) -> bool:
        """Whether that is a page, which stands in its own room and leaves the rest to the hand."""
        return self._page is not None

    def meet(self, room: Rect, scale: float) -> None:
        """Learn where pages stand, and the scale."""
        self._room, self._scale = room, scale
        if self._page is not None:
            self._page.meet(room, scale)

    def close(self) -> bool:
        """Close what is open, changing nothing; False if nothing was."""
        was_open = self._window is not None
        if self._page is not None:
            self._page.close()
        elif self._window is not None and dpg.does_item_exist(self._window):
            dpg.delete_item(self._window)
        self._window = self._page = None
        self._inputs = None
        return was_open

    def tend(self) -> None:
        """Once a frame: notice what was closed by a click beside it, and inputs that have come meanwhile."""
        if self._window is not None and not dpg.is_item_shown(self._window):
            self.close()
        if self._page is not None:
            self._page.tend()
        if self._window is not None and self._inputs is not None and self._inputs != self._deck.input_names():
            # Filled anew, not opened anew: Dear PyGui does not show a menu in the frame in which another went.
            dpg.delete_item(self._window, children_only=True)
            self._inputs = self._deck.input_names()
            self._fill(self._window, *self._input_choices())

    def ask_value(self, parameter: str) -> None:
        """Ask for a value to set."""
        spec = self._deck.store.spec(parameter)

        def accept(text: str) -> str:
            number = number_in(text)
            if number is None:
                return NO_NUMBER
            self._deck.store.set(parameter, number, SENDER)
            return ""

        bounds = f"{spec.text_of(spec.minimum)} to {spec.text_of(spec.maximum)}"
        self._ask(f"{spec.label}: {bounds}", f"{self._deck.store.get(parameter):.4g}", "Set", accept)

    def ask_name(self, pad: int, name: str) -> None:
        """Ask for the name of a look and save it; to save over another one is asked in so many words."""
        there = self._look_on(pad)

        def accept(text: str) -> str:
            if not text.strip():
                return NO_NAME
            self._deck.save_look(pad, text.strip())
            return ""

        title = f"Save look {pad} as" if there is None else f"Pad {pad} holds {there}. Save over it as"
        self._ask(title, name, "Save" if there is None else "Save over", accept)

    def ask_new_name(self, pad: int) -> None:
        """Ask for another name of a look."""

        def accept(text: str) -> str:
            if not text.strip():
                return NO_NAME
            self._deck.rename_look(pad, text.strip())
            return ""

        self._ask(f"Rename look {pad} to", self._look_on(pad) or "", "Rename", accept)

    def ask_prompt(self) -> None:
        """Ask for the words of a mood, and mine it."""

        def accept(text: str) -> str:
            if not text.strip():
                return "a mood needs words"
            self._deck.mine_prompt(text.strip())
            return ""

        self._ask("A new mood from words", "", "Mine", accept)

    def pad_menu(self, pad: int) -> None:
        """Offer what can be done with a look."""
        name = self._look_on(pad)
        choices: list[Choice] = [("Save here…", lambda: self.ask_name(pad, name or f"Look {pad}"))]
        if name is not None:
            choices.insert(0, ("Play", lambda: self._deck.recall_look(pad)))
            choices.append(("Rename…", lambda: self.ask_new_name(pad)))
        choices.append(("Undo the last change", self._deck.undo_look))
        self._offer(f"Look {pad}" if name is None else f"Look {pad}: {name}", choices, dpg.get_mouse_pos(local=False))

    def _look_on(self, pad: int) -> str | None:
        return next((look.name for look in self._deck.looks() if look.pad == pad), None)

    def control_menu(self, parameter: str) -> None:
        """Offer what can be done with a control."""
        spec, store = self._deck.store.spec(parameter), self._deck.store
        choices: list[Choice] = [
            ("Type a value…", lambda: self.ask_value(parameter)),
            (f"Back to {spec.text_of(spec.default)}", lambda: _ignore(store.reset(parameter, SENDER))),
            ("Learn MIDI", lambda: self._deck.learn(parameter)),
        ]
        badge = self._deck.bindings(parameter)
        if badge:
            choices.append((f"Forget {badge}", lambda: self._deck.forget(parameter)))
        if spec.group == MOOD_GROUP:
            choices.append(("Take this mood away, if it was mined", lambda: self._deck.forget_mood(spec.label)))
        self._offer(spec.label, choices, dpg.get_mouse_pos(local=False))

    def input_menu(self) -> None:
        """Offer the inputs."""
        title, choices = self._input_choices()
        self._offer(title, choices, dpg.get_mouse_pos(local=False))
        self._inputs = self._deck.input_names()

    def show_settings(self) -> None:
        """Show what belongs to this machine."""
        self._show(SettingsPage(self._deck))

    def show_log(self) -> None:
        """Show the messages, and the delays."""
        self._show(LogPage(self._deck))

    def show_keys(self) -> None:
        """Show what the keys do."""
        self._show(KeysPage())

    def toggle_full_screen(self) -> None:
        """Let the surface fill its screen, or give that back."""
        dpg.toggle_viewport_fullscreen()

    def choose_file(self) -> None:
        """Ask for an audio file."""
        self._show(self.files)

    def _open_file(self, path: Path) -> None:
        self.close()
        self._deck.open_source(f"file:{path}")

    def _show(self, page: Page) -> None:
        """Show a page; the same one again closes it."""
        same = self._page is not None and type(self._page.page) is type(page)
        self.close()
        if not same:
            self._page = PageWindow(page, self._room, self._scale, self.close)
            self._window = self._page.tag

    def _input_choices(self) -> tuple[str, list[Choice]]:
        names = self._deck.input_names()
        choices: list[Choice] = [("Demo", lambda: self._deck.open_source("synth"))]
        choices += [(name, lambda name=name: self._deck.open_source(f"live:{name}")) for name in names]  # type: ignore[misc]
        return "Input" if names else "Input (no interface found)", choices

    def _offer(self, title: str, choices: Sequence[Choice], position: Sequence[float]) -> None:
        self.close()
        room = dpg.get_viewport_client_width() - WIDTH_PX * self._scale
        place = [max(0.0, min(position[0], room)), position[1]]
        lines = (len(choices) + 2) * 40 * self._scale
        place[1] = max(0.0, min(place[1], dpg.get_viewport_client_height() - lines))
        widest = round(WIDTH_PX * self._scale)
        menu: Tag = dpg.add_window(popup=True, pos=place, no_move=True, max_size=[widest, 10_000])
        self._window = menu
        self._fill(menu, title, choices)

    def _fill(self, menu: Tag, title: str, choices: Sequence[Choice]) -> None:
        dpg.add_text(title, color=DIM, parent=menu)
        for text, act in choices:
            dpg.add_selectable(label=text, callback=self._chosen, user_data=act, parent=menu)

    def _chosen(self, _sender: Tag, _answer: object, act: Callable[[], None]) -> None:
        self.close()
        act()

    def _ask(self, title: str, text: str, verb: str, accept: Callable[[str], str]) -> None:
        """Show a field; `accept` takes its text and returns what is wrong with it, empty if nothing is."""
        self.close()
        width = round(WIDTH_PX * self._scale)
        place = [(dpg.get_viewport_client_width() - width) // 2, dpg.get_viewport_client_height() // 3]
        with dpg.window(
            no_title_bar=True, no_resize=True, no_move=True, autosize=True, pos=place, width=width
        ) as self._window:
            heading = dpg.add_text(title)
            field = dpg.add_input_text(default_value=text, width=width - 32, on_enter=True, auto_select_all=True)

            def answer(_sender: Tag, _answer: object, _data: object) -> None:
                problem = accept(dpg.get_value(field))
                if problem:
                    dpg.set_value(heading, problem)
                    dpg.focus_item(field)
                else:
                    self.close()

            dpg.configure_item(field, callback=answer)
            with dpg.group(horizontal=True):
                dpg.add_button(label=verb, callback=answer)
                dpg.add_button(label="Cancel", callback=lambda *_: self.close())
        dpg.bind_item_theme(self._window, self._question_theme())
        dpg.focus_item(field)

    def _question_theme(self) -> Tag:
        """What asks stands out by its edge: the surface behind it is as bright as ever."""
        if not dpg.does_item_exist(QUESTION):
            with dpg.theme(tag=QUESTION), dpg.theme_component(dpg.mvAll):
                dpg.add_theme_color(dpg.mvThemeCol_Border, ACCENT, category=dpg.mvThemeCat_Core)
                dpg.add_theme_style(dpg.mvStyleVar_WindowBorderSize, 2, category=dpg.mvThemeCat_Core)
        return QUESTION


def _ignore(_value: float) -> None:
    """The menu wants nothing back."""
