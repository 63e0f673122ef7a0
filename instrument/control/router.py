"""From controls to parameters: looks up what moved, sets it, and learns new bindings."""

import logging
import threading
from collections.abc import Iterable
from pathlib import Path

from instrument.control.events import ControlEvent
from instrument.control.learn import Learned, LearnState
from instrument.control.map_files import MapFolder
from instrument.control.midi_map import Binding
from instrument.errors import ControlError
from instrument.params.spec import Kind
from instrument.params.store import ParamStore

LOG = logging.getLogger(__name__)

SENDER = "midi"
"""Who the parameter store says made the change."""


class Router:
    """Applies control events to a store. Every method may be called from any thread.

    A control change sets its parameter's position at once; on a switch, past the middle is on. A pressed note
    sets the position from its velocity, and turns a switch over; released notes do nothing. While a control is
    being learned nothing else moves; the move that was learned already counts.
    """

    def __init__(self, store: ParamStore, map_folder: Path) -> None:
        self._store = store
        self._files = MapFolder(map_folder)
        self._lock = threading.Lock()
        self._file_lock = threading.Lock()
        self._map = self._files.load()
        self._learn = LearnState()
        self._positions: dict[Binding, float] = {}
        self._save_trouble: tuple[str, ...] = ()

    @property
    def troubles(self) -> tuple[str, ...]:
        """One line for each map file that is left out, and one if a map could not be saved."""
        return self._files.troubles + self._save_trouble

    @property
    def learning(self) -> str | None:
        """The parameter that waits for a control."""
        return self._learn.parameter

    def learn(self, parameter: str) -> None:
        """Bind the next control that moves to `parameter`. Raises ParameterError for an unknown one."""
        self._store.spec(parameter)
        with self._lock:
            self._learn = self._learn.arm(parameter, self._positions)

    def cancel(self) -> None:
        """Learn nothing after all."""
        with self._lock:
            self._learn = self._learn.cancel()

    def forget(self, parameter: str) -> None:
        """Take every control off `parameter`, and save. Blocks for a write."""
        with self._lock:
            bindings = self._map.bindings_of(parameter)
            for binding in bindings:
                self._map = self._map.unbind(binding)
        self._save({binding.device for binding in bindings})

    def bindings_of(self, parameter: str) -> tuple[Binding, ...]:
        """The controls on `parameter`."""
        return self._map.bindings_of(parameter)

    def process(self, events: Iterable[ControlEvent]) -> None:
        """Apply `events`, oldest first, as one change of the store; saves the map if one of them was learned."""
        values: dict[str, float] = {}
        changed: set[str] = set()
        with self._lock:
            for event in events:
                learned = self._hear(event)
                if learned is not None:
                    self._map = self._map.bind(learned.binding, learned.parameter)
                    changed.add(learned.binding.device)
                if self._learn.parameter is None:
                    self._apply(event, values)
            self._store.update(values, SENDER)
        self._save(changed)

    def _hear(self, event: ControlEvent) -> Learned | None:
        self._learn, learned = self._learn.hear(event)
        if event.kind == "control":
            self._positions[Binding.of(event)] = event.position
        return learned

    def _apply(self, event: ControlEvent, values: dict[str, float]) -> None:
        parameter = self._map.lookup(Binding.of(event))
        if parameter is None or parameter not in self._store.table:
            return
        spec = self._store.spec(parameter)
        if event.kind == "note" and event.position <= 0.0:
            return
        if event.kind == "note" and spec.kind is Kind.SWITCH:
            here = spec.normalized_of(values.get(parameter, self._store.get(parameter)))
            values[parameter] = spec.value_of(1.0 - here)
        else:
            values[parameter] = spec.value_of(event.position)

    def _save(self, devices: set[str]) -> None:
        """A map that cannot be written plays on from memory; the next change tries again."""
        with self._file_lock:
            for device in sorted(devices):
                try:
                    self._files.save(device, self._map)
                    self._save_trouble = ()
                except ControlError as error:
                    LOG.warning("%s", error)
                    self._save_trouble = (f"MIDI map not saved: {error}",)
