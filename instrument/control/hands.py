"""The hands on the instrument: controllers, their maps, OSC, and the thread that applies them. Works without any
surface."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from instrument.clock import Clock
from instrument.control.acts import Acts
from instrument.control.complaints import Complaints
from instrument.control.events import ControlEvent, OscEvent
from instrument.control.inbox import Inbox
from instrument.control.midi import MidiInput
from instrument.control.midi_map import Binding
from instrument.control.osc import OscInput, endpoint_of
from instrument.control.osc_router import OscRouter
from instrument.control.router import Router
from instrument.params.store import ParamStore

LOG = logging.getLogger(__name__)

WAIT_S = 1.0
CLOSE_S = 2.0
E = TypeVar("E", ControlEvent, OscEvent)


class Hands:
    """Controllers and OSC riding a store. Built, started and closed by one thread; the rest may be called from any.

    `folder` holds the MIDI maps. With `midi` off no controller is opened; what else writes to `inbox` still counts.
    `acts` are what OSC can ask for beside the parameters; `say` is told, once, what came in and was not understood.
    """

    def __init__(
        self,
        store: ParamStore,
        clock: Clock,
        folder: Path,
        midi: bool = True,
        acts: Acts | None = None,
        say: Callable[[str], None] = LOG.warning,
    ) -> None:
        self.inbox = Inbox()
        self._store, self._clock = store, clock
        self._router = Router(store, folder)
        self._complaints = Complaints(say)
        self._osc_router = OscRouter(store, acts, self._complaints)
        self._osc: OscInput | None = None
        self._osc_lock = threading.Lock()
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
    def osc_state(self) -> str:
        """How OSC is, in one line; empty if no port is open."""
        osc = self._osc
        return osc.state if osc else ""

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

    def open_osc(self, text: str) -> None:
        """Listen to OSC at ``PORT`` or ``HOST:PORT``, and no longer where it was; empty: nowhere.

        Blocks for a tick, and where a host must be looked up. Raises ControlError, and then no port is open.
        """
        with self._osc_lock:
            if self._osc:
                self._osc.close()
            self._osc = None
            if text:
                self._osc = OscInput(endpoint_of(text), self._store, self._clock, self.inbox.put, self._complaints)

    def close(self) -> None:
        """End all threads. May be called twice; blocks for 6 s at most."""
        self.open_osc("")
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
            events = self.inbox.take(WAIT_S)
            self._follow(self._router.process, [event for event in events if isinstance(event, ControlEvent)])
            self._follow(self._osc_router.process, [event for event in events if isinstance(event, OscEvent)])

    def _follow(self, process: Callable[[list[E]], None], events: list[E]) -> None:
        try:
            if events:
                process(events)
        except Exception:  # top of a thread: one bad event must not take the hands off
            self._failures += 1
            if self._failures == 1:
                LOG.exception("a controller could not be followed")
