"""One mood alone, and back: every bias is remembered while it lasts."""

from collections.abc import Mapping

from instrument.ui.deck import Deck
from instrument.ui.layout.flow import MOOD_GROUP


class Solo:
    """Which mood plays alone. What a hand or a look changes meanwhile ends it and stays. Main thread only."""

    def __init__(self, deck: Deck, sender: str) -> None:
        self._deck, self._sender = deck, sender
        self._before: Mapping[str, float] = {}
        self._played: Mapping[str, float] = {}
        self._mood: str | None = None

    @property
    def mood(self) -> str | None:
        """The mood that plays alone; None if none does."""
        store = self._deck.store
        if self._mood is not None:
            stands = all(name in store.table and store.get(name) == value for name, value in self._played.items())
            self._mood = self._mood if stands else None
        return self._mood

    def toggle(self, mood: str) -> None:
        """Play `mood` alone, or all as before if it does already."""
        store = self._deck.store
        rows = store.table.group(MOOD_GROUP)
        sounding = self.mood
        if sounding is None:
            self._before = {row.name: store.get(row.name) for row in rows}
        if sounding == mood:
            store.update(self._before, self._sender)
            self._mood = None
            return
        self._played = {row.name: row.maximum if row.label == mood else row.minimum for row in rows}
        store.update(self._played, self._sender)
        self._mood = mood
