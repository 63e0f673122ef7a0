"""What belongs to this machine: model, engine, input, outputs, and what the next start begins with."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import dearpygui.dearpygui as dpg

from instrument.ui.deck import Choice, Deck
from instrument.ui.draw.tags import Tag
from instrument.ui.draw.theme import ACCENT, DIM
from instrument.ui.windows.sheets import Sheets

SHEET_PX = (300, 200)
SHEET_MARGIN_PX = (24, 14)
"""What a picture that can be pressed is wider and higher."""
LARGEST_SHEET_BYTES = 8_000_000
LOOK_EVERY = 10
"""Frames between two looks at what may have changed."""
INPUTS_EVERY = 150
"""Frames between two looks at the inputs: asking the sound system for them takes a process of its own."""
OSC_PORT = "9000"
OSC = Choice(
    "OSC", "heard on this machine alone, or in the whole network of the HOST", argument=f"{OSC_PORT} or HOST:PORT"
)
RATES_HZ = (24.0, 25.0, 30.0, 50.0, 60.0)

FIELD_PX = 230
TO_THE_EDGE = 0
"""Dear PyGui's word for breaking a line where the page ends."""


class SettingsPage:
    """The page of the settings. What is chosen is played at once and remembered; what cannot be at once says so."""

    title = "Settings"

    def __init__(self, deck: Deck) -> None:
        self._deck = deck
        self._sheets: Sheets | None = None
        self._waiting: dict[Path, Tag] = {}
        self._window: Tag | None = None
        self._scale = 1.0
        self._shown: object = None
        self._inputs: tuple[str, ...] = ()
        self._frames = 0

    def fill(self, window: Tag, scale: float) -> None:
        """Build it."""
        self._window, self._scale = window, scale
        self._inputs = self._deck.input_names()
        width, height = (round(side * scale) for side in SHEET_PX)
        self._sheets = Sheets((width, height), LARGEST_SHEET_BYTES)
        self._build()

    def tend(self) -> None:
        """Build it anew if something has changed."""
        self._frames += 1
        if self._frames % LOOK_EVERY:
            return
        if self._frames % INPUTS_EVERY == 0:
            self._inputs = self._deck.input_names()
        if self._state() != self._shown and self._window is not None:
            dpg.delete_item(self._window, children_only=True)
            self._build()
        self._show_sheets()

    def close(self) -> None:
        """Give its pictures back."""
        if self._sheets is not None:
            self._sheets.close()
            self._sheets = None

    def _state(self) -> object:
        return self._deck.machine(), self._deck.models(), self._inputs

    def _build(self) -> None:
        self._shown = self._state()
        self._waiting.clear()
        machine = self._deck.machine()
        self._heading("Model")
        with dpg.group(horizontal=True, parent=self._window):
            for card in self._deck.models():
                self._model(card.name, card.sheet, card.name == machine.model)
        self._heading("Engine")
        self._choices(machine.engines, machine.engine, self._deck.change_engine)
        self._heading("Input")
        names = ("Demo", *self._inputs)
        with dpg.group(horizontal=True, parent=self._window):
            for name in names:
                source = "synth" if name == "Demo" else f"live:{name}"
                self._button(name, lambda source=source: self._deck.open_source(source))  # type: ignore[misc]
        self._heading("Outputs")
        for choice in machine.outputs:
            self._switch(choice, choice.name in machine.sending, partial(self._deck.set_output, choice.name))
        self._heading("Display of the window; F switches it on and off")
        self._displays()
        self._heading("Control from outside")
        self._switch(OSC, bool(machine.osc), self._set_osc, machine.osc)
        self._heading("From the next start on")
        self._next_start()

    def _heading(self, text: str) -> None:
        dpg.add_spacer(height=round(4 * self._scale), parent=self._window)
        dpg.add_text(text, color=DIM, parent=self._window)

    def _model(self, name: str, sheet: Path | None, plays: bool) -> None:
        with dpg.group():
            if sheet is not None:
                # As large as the sheet with its margin, so that nothing moves under the hand when that comes.
                width, height = (
                    round((side + margin) * self._scale) for side, margin in zip(SHEET_PX, SHEET_MARGIN_PX, strict=True)
                )
                self._waiting[sheet] = dpg.add_button(
                    label=name, width=width, height=height, user_data=lambda: self._deck.open_model(name), callback=_act
                )
            self._button(f"{name} plays" if plays else name, lambda: self._deck.open_model(name))

    def _show_sheets(self) -> None:
        """Put those in their places that have been read meanwhile."""
        width, height = (round(side * self._scale) for side in SHEET_PX)
        for sheet, place in list(self._waiting.items()):
            texture = None if self._sheets is None else self._sheets.texture(sheet)
            if texture is not None:
                act = dpg.get_item_user_data(place)
                dpg.add_image_button(texture, width=width, height=height, user_data=act, callback=_act, before=place)
                dpg.delete_item(self._waiting.pop(sheet))

    def _choices(self, choices: tuple[Choice, ...], chosen: str, choose: Callable[[str], None]) -> None:
        for choice in choices:
            told = f"{choice.help}; {choice.reason}" if choice.reason else choice.help
            with dpg.group(horizontal=True, parent=self._window):
                self._button(choice.name, lambda name=choice.name: choose(name), not choice.reason)  # type: ignore[misc]
                dpg.add_text(
                    f"chosen: {told}" if choice.name == chosen else told,
                    color=ACCENT if choice.name == chosen else DIM,
                    wrap=TO_THE_EDGE,
                )

    def _set_osc(self, at: str, on: bool) -> None:
        self._deck.set_osc((at or OSC_PORT) if on else "")

    def _switch(self, choice: Choice, on: bool, turn: Callable[[str, bool], None], argument: str = "") -> None:
        with dpg.group(horizontal=True, parent=self._window):
            box = dpg.add_checkbox(label=choice.name, default_value=on, enabled=not choice.reason)
            field = None
            if choice.argument and not choice.reason:
                field = dpg.add_input_text(
                    hint=choice.argument, default_value=argument, width=round(FIELD_PX * self._scale), enabled=not on
                )
            dpg.add_text(choice.reason or choice.help, color=DIM, wrap=TO_THE_EDGE)

        def switch(*_: object) -> None:
            turn("" if field is None else dpg.get_value(field).strip(), dpg.get_value(box))
            self._shown = None  # built anew soon: what could not be turned on is shown as off

        dpg.configure_item(box, callback=switch)

    def _displays(self) -> None:
        machine = self._deck.machine()
        names = ["", *(row.name for row in machine.displays)]
        labels = [
            "The second",
            *(f"{number}  {row.name}, {row.help}" for number, row in enumerate(machine.displays, 1)),
        ]
        if machine.display not in names:
            names.append(machine.display)
            labels.append(f"{machine.display}, not connected")
        chosen = labels[names.index(machine.display)]

        def choose(_sender: Tag, label: str, _data: object) -> None:
            self._deck.choose_display(names[labels.index(label)])

        dpg.add_radio_button(labels, default_value=chosen, horizontal=True, callback=choose, parent=self._window)
        if len(machine.displays) == 1:
            told = "There is one display only: F fills it with the picture."
            dpg.add_text(told, color=DIM, parent=self._window)

    def _next_start(self) -> None:
        machine, width = self._deck.machine(), round(110 * self._scale)
        with dpg.group(horizontal=True, parent=self._window):
            dpg.add_text("Hop, samples")
            hop = dpg.add_combo(
                [str(size) for size in machine.hop_sizes], default_value=str(machine.hop_size), width=110
            )
            dpg.add_text("Frames a second")
            rates = [f"{rate:g}" for rate in sorted({*RATES_HZ, machine.frame_rate_hz})]
            rate = dpg.add_combo(rates, default_value=f"{machine.frame_rate_hz:g}", width=width)

        def choose(*_: object) -> None:
            self._deck.set_next_start(int(dpg.get_value(hop)), float(dpg.get_value(rate)))

        dpg.configure_item(hop, callback=choose)
        dpg.configure_item(rate, callback=choose)

    def _button(self, label: str, act: Callable[[], None], enabled: bool = True) -> None:
        dpg.add_button(label=label, user_data=act, callback=_act, enabled=enabled)


def _act(_sender: Tag, _answer: object, act: Callable[[], None]) -> None:
    act()
