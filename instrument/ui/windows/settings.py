"""What belongs to this machine: the model."""

import dearpygui.dearpygui as dpg

from instrument.ui.deck import Deck
from instrument.ui.draw.tags import Tag


class SettingsPage:
    """The page of the settings."""

    title = "Settings"
    size_px = (1000, 660)

    def __init__(self, deck: Deck) -> None:
        self._deck = deck

    def fill(self, window: Tag, scale: float) -> None:
        """A button a model."""
        for card in self._deck.models():
            dpg.add_button(
                label=card.name, user_data=card.name, callback=self._play, width=round(200 * scale), parent=window
            )

    def tend(self) -> None:
        """Nothing changes."""

    def _play(self, _sender: Tag, _answer: object, name: str) -> None:
        self._deck.open_model(name)
