"""The hands on the instrument: controllers, their maps and the thread that applies them. Works without any surface."""

import logging
import threading
from pathlib import Path

from instrument.clock import Clock
from instrument.control.inbox import Inbox
from instrument.control.midi import MidiInput
from instrument.control.midi_map import Binding
from instrument.control.router import Router
from instrument.params.store import ParamStore

LOG = logging.getLogger(__name__)

WAIT_S = 1.0
CLOSE_S = 2.0


class Hands:
    """Controllers riding a store. Built, started and closed by one thread; the rest may be called from any.

    `folder` holds the MIDI maps. With `midi` off no controller is opened; what else writes to `inbox` still counts.
    """

    def __init__(self, store: ParamStore, clock: Clock, folder: Path, midi: bool = True) -> None:
        self.inbox = Inbox()
        self._router = Router(store, folder)
        self._midi = MidiInput(clock, self.inbox.put) if midi else None
        self._stop = threading.Event()
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name="hands", daemon=True)

    @property
    def connected(self) -> tuple[str, ...]:
        """Names of the controllers that are heard."""
        return self._midi.connected if self._midi else ()

    @property
    def state(self) -> str:
        """How MIDI is, in one line."""
        return self._midi.state if self._midi else "MIDI is off"

    @property
    def learning(self) -> str | None:
        """The parameter that waits for a control."""
        return self._router.learning

    @property
    def troubles(self) -> tuple[str, ...]:
        """What the performer should know, a line each: map files left out or not saved, events that failed."""
        failed = (f"{self._failures} times a controller could not be followed",) if self._failures else ()
        return self._router.troubles + failed

    def start(self) -> None:
        """Begin to listen. Returns at once; controllers appear as they are found. Once."""
        self._thread.start()
        if self._midi:
            self._midi.start(wait_s=0.0)

    def close(self) -> None:
        """End both threads. May be called twice; blocks for 4 s at most."""
        if self._midi:
            self._midi.close()
        self._stop.set()
        self.inbox.close()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)

    def learn(self, parameter: str) -> None:
        """Bind the next control that moves to `parameter`. Raises ParameterError for an unknown one."""
        self._router.learn(parameter)

    def cancel(self) -> None:
        """Learn nothing after all."""
        self._router.cancel()

    def forget(self, parameter: str) -> None:
        """Take every control off `parameter`. Blocks for a write."""
        self._router.forget(parameter)

    def bindings_of(self, parameter: str) -> tuple[Binding, ...]:
        """The controls on `parameter`."""
        return self._router.bindings_of(parameter)

    def badge(self, parameter: str) -> str:
        """The controls on `parameter` as a badge such as ``CC 16``; empty if there is none."""
        return ", ".join(dict.fromkeys(binding.text() for binding in self.bindings_of(parameter)))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._router.pump(self.inbox, WAIT_S)
            except Exception:  # top of a thread: one bad event must not take the hands off
                self._failures += 1
                if self._failures == 1:
                    LOG.exception("a controller could not be followed")
