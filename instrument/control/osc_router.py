"""From OSC messages to parameters, acts and looks."""

from collections.abc import Iterable

from instrument.control.acts import Acts
from instrument.control.complaints import Complaints
from instrument.control.events import OscEvent
from instrument.control.osc_book import ACTS, QUERY, RECALL, AddressBook, is_press, number_of
from instrument.errors import ControlError, ParameterError
from instrument.params.store import ParamStore

SENDER = "osc"
"""Who the parameter store says made the change."""
SHOWN = 60
"""Characters of a stranger's address that are repeated to the performer."""


class OscRouter:
    """Applies OSC messages to a store. One owner thread.

    Without `acts` only parameters can be moved. What cannot be followed becomes a complaint, never an exception.
    """

    def __init__(self, store: ParamStore, acts: Acts | None, complaints: Complaints) -> None:
        self._store = store
        self._acts = acts
        self._complaints = complaints
        self._book = AddressBook(store.table)

    def process(self, events: Iterable[OscEvent]) -> None:
        """Apply `events`, oldest first; those between two acts as one change of the store."""
        if self._store.table is not self._book.table:
            self._book = AddressBook(self._store.table)
        values: dict[str, float] = {}
        for event in events:
            try:
                self._apply(event, values)
            except (ControlError, ParameterError) as error:
                self._complaints.add(f"OSC: {event.address[:SHOWN]!r}: {error}")
        self._flush(values)

    def _apply(self, event: OscEvent, values: dict[str, float]) -> None:
        if self._acts is not None and event.address in ACTS:
            if is_press(event.arguments):
                self._flush(values)
                self._acts.do(ACTS[event.address], SENDER)
        elif self._acts is not None and event.address == RECALL:
            self._flush(values)
            self._recall(self._acts, event)
        else:
            places = self._book.places(event.address)
            if not places:
                raise ControlError(f"there is no such address; {QUERY} lists them")
            values.update({place.spec.name: place.value_of(event.arguments) for place in places})

    def _recall(self, acts: Acts, event: OscEvent) -> None:
        if len(event.arguments) == 1 and isinstance(event.arguments[0], str):
            acts.recall(event.arguments[0])
            return
        pad = number_of(event.arguments)
        if pad != int(pad):
            raise ControlError("it wants the number or the name of a look")
        if pad:  # 0 is a button being released
            acts.recall(pad)

    def _flush(self, values: dict[str, float]) -> None:
        known = {name: value for name, value in values.items() if name in self._store.table}
        values.clear()
        self._store.update(known, SENDER)
