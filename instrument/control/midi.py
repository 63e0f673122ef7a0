"""MIDI controllers as the system has them: found, opened, heard, lost and found again."""

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from instrument.clock import Clock
from instrument.control.events import ControlEvent
from instrument.control.port_names import CLIENT_NAME, controllers, port_change
from instrument.errors import ControlError

LOG = logging.getLogger(__name__)

POLL_S = 0.004
"""Between two looks into the open ports; a time stamp is late by this at most."""
LIST_S = 0.5
"""Between two looks at the list of ports."""
REOPEN_S = 3.0
"""Between two tries to open a port that is held by another program, or not ready yet."""
RETRY_S = 30.0
"""Between two tries to reach a MIDI system."""
CLOSE_S = 2.0
MESSAGES_A_TURN = 256
"""So that one flooding port cannot keep the others waiting."""


class Port(Protocol):
    """An open input port. One owner thread."""

    def read(self) -> Sequence[int] | None:
        """The bytes of the oldest message that waits, or None. Never blocks."""
        ...

    def close(self) -> None:
        """Close it. Once."""
        ...


class System(Protocol):
    """A MIDI system. One owner thread."""

    @property
    def api(self) -> str:
        """As rtmidi calls it: ``alsa``, ``jack``, ``winmm``, ``core``."""
        ...

    def port_names(self) -> list[str]:
        """All input ports now. Raises ControlError if the system went away."""
        ...

    def open(self, name: str) -> Port:
        """Open one of them. Raises ControlError."""
        ...


class RtMidiPort:
    """A port that rtmidi's own thread fills.

    It is read, not called back: closing a JACK port cancels that thread, and a thread cancelled while it waits for
    the interpreter freezes the whole process.
    """

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def read(self) -> Sequence[int] | None:
        """The bytes of the oldest message that waits, or None."""
        heard = self._handle.get_message()
        return heard[0] if heard else None

    def close(self) -> None:
        """Close it; frees the system's client at once, not when memory is next collected."""
        self._handle.close_port()
        self._handle.delete()


class RtMidiSystem:
    """A MIDI system behind rtmidi. Raises ControlError where it does not answer.

    The handle that lists is kept: a new one takes 71 ms on JACK, a look through a kept one 0.05 ms. The death of a
    JACK server cannot be seen from here, and controllers come back only with a new start of the instrument.
    """

    def __init__(self, number: int) -> None:
        import rtmidi

        self._rtmidi = rtmidi
        self._number = number
        self._handle = self._new_handle()

    @property
    def api(self) -> str:
        """As rtmidi calls it."""
        return str(self._rtmidi.get_api_name(self._number))

    def port_names(self) -> list[str]:
        """All input ports now."""
        try:
            return list(self._handle.get_ports())
        except self._rtmidi.RtMidiError as error:
            raise ControlError(f"the MIDI system went away: {error}") from error

    def open(self, name: str) -> Port:
        """Open one of them, with a handle of its own."""
        handle = self._new_handle()
        try:
            handle.open_port(handle.get_ports().index(name))
        except (ValueError, self._rtmidi.RtMidiError) as error:
            handle.delete()
            raise ControlError(f"{name} cannot be opened: {error}") from error
        return RtMidiPort(handle)

    def _new_handle(self) -> Any:
        try:
            return self._rtmidi.MidiIn(rtapi=self._number, name=CLIENT_NAME)
        except self._rtmidi.RtMidiError as error:
            raise ControlError(f"MIDI does not answer: {error}") from error


def open_system() -> System:
    """The first MIDI system that answers; on Linux ALSA, then JACK if its server is up (it is never started).

    Blocks for about 0.1 s. Raises ControlError where there is none.
    """
    try:
        import rtmidi
    except ImportError as error:
        raise ControlError(f"MIDI cannot be used: {error}") from error
    for number in rtmidi.get_compiled_api():
        # Both libraries complain on the terminal where nobody answers.
        if number == rtmidi.API_LINUX_ALSA and not Path("/dev/snd/seq").exists():
            continue
        if number == rtmidi.API_UNIX_JACK and not jack_answers():
            continue
        with contextlib.suppress(ControlError):
            return RtMidiSystem(number)
    raise ControlError("no MIDI system")


def jack_answers() -> bool:
    """Whether a JACK server of the name that a client would ask for has its socket here; on macOS it is not known."""
    name = os.environ.get("JACK_DEFAULT_SERVER", "default")
    return sys.platform != "linux" or any(Path("/dev/shm").glob(f"jack_{name}_*"))


def event_of(data: Sequence[int], device: str, time_s: float) -> ControlEvent | None:
    """What a MIDI message says, or None for one that no control of ours speaks.

    >>> event_of([0xB0, 16, 127], "nanoKONTROL2", 2.0)
    ControlEvent(device='nanoKONTROL2', kind='control', channel=0, number=16, position=1.0, time_s=2.0)
    >>> event_of([0x99, 36, 0], "nanoPAD", 2.0).position  # velocity 0 is a release
    0.0
    >>> event_of([0xF8], "nanoPAD", 2.0) is event_of([0xB0, 200], "nanoPAD", 2.0) is None
    True
    """
    import mido

    try:
        message = mido.Message.from_bytes(data)
    except ValueError:
        return None
    if message.type == "control_change":
        return ControlEvent(device, "control", message.channel, message.control, message.value / 127.0, time_s)
    if message.type in ("note_on", "note_off"):
        velocity = message.velocity if message.type == "note_on" else 0
        return ControlEvent(device, "note", message.channel, message.note, velocity / 127.0, time_s)
    return None


class MidiInput:
    """Hears every controller, from a thread of its own; controllers may come and go.

    `on_event` is called in that thread and must neither block nor raise. `connected` and `state` may be read from
    any thread. Without a MIDI system it waits quietly and tries again rarely.
    """

    def __init__(
        self, clock: Clock, on_event: Callable[[ControlEvent], None], system: Callable[[], System] = open_system
    ) -> None:
        self._clock = clock
        self._on_event = on_event
        self._open_system = system
        self._system: System | None = None
        self._held: dict[str, tuple[str, ...]] = {}
        self._ports: dict[str, list[Port]] = {}
        self._refused: dict[str, str] = {}
        self._abandoned: list[object] = []
        self._list_at_s = 0.0
        self._reopen_at_s = 0.0
        self._connected: tuple[str, ...] = ()
        self._state = "MIDI is off"
        self._stop = threading.Event()
        self._looked = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi", daemon=True)

    @property
    def connected(self) -> tuple[str, ...]:
        """Names of the controllers that are heard."""
        return self._connected

    @property
    def state(self) -> str:
        """How it is, in one line."""
        return self._state

    def start(self, wait_s: float = 1.0) -> None:
        """Begin to listen. Blocks until it was first looked for controllers, but no longer than `wait_s`. Once."""
        self._list_at_s = self._clock.now_s()
        self._thread.start()
        self._looked.wait(wait_s)

    def close(self) -> None:
        """Let all ports go. May be called twice; blocks for 2 s at most."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._turn()
            except Exception as error:  # top of a thread: the show goes on without controllers
                LOG.exception("MIDI failed")
                self._lose(f"MIDI failed: {error}")
            self._looked.set()
            self._stop.wait(POLL_S if self._ports else LIST_S)
        self._close_ports(tuple(self._ports))
        self._connected, self._state = (), "MIDI is off"

    def _turn(self) -> None:
        now_s = self._clock.now_s()
        if now_s >= self._list_at_s:
            self._list_at_s = now_s + LIST_S
            self._look_around(now_s)
        for name, ports in self._ports.items():
            for port in ports:
                self._hear(name, port)

    def _hear(self, name: str, port: Port) -> None:
        for _ in range(MESSAGES_A_TURN):
            data = port.read()
            if data is None:
                return
            event = event_of(data, name, self._clock.now_s())
            if event is not None:
                self._on_event(event)

    def _look_around(self, now_s: float) -> None:
        try:
            if self._system is None:
                self._system = self._open_system()
            found = controllers(self._system.port_names(), self._system.api)
        except ControlError as error:
            self._lose(str(error))
            return
        if now_s >= self._reopen_at_s:
            self._close_ports(tuple(self._refused))
        change = port_change(self._held, found)
        self._close_ports(change.close)
        for name in change.open:
            self._open_ports(self._system, name, found[name], now_s)
        self._connected = tuple(self._ports)
        self._say("; ".join((_count(len(self._connected)), *self._refused.values())))

    def _open_ports(self, system: System, name: str, raws: tuple[str, ...], now_s: float) -> None:
        self._held[name] = raws
        opened = [port for raw in raws if (port := self._try_open(system, name, raw, now_s))]
        if opened:
            self._ports[name] = opened

    def _try_open(self, system: System, name: str, raw: str, now_s: float) -> Port | None:
        try:
            return system.open(raw)
        except ControlError as error:
            self._refused[name] = str(error)
            self._reopen_at_s = now_s + REOPEN_S
            return None

    def _close_ports(self, names: Sequence[str]) -> None:
        for name in names:
            self._held.pop(name, None)
            self._refused.pop(name, None)
            for port in self._ports.pop(name, ()):
                port.close()

    def _lose(self, state: str) -> None:
        """Let go of the system without closing anything in it, which crashes where its server died."""
        if self._system is not None:
            self._abandoned.append((self._system, self._ports))
        self._system, self._ports, self._held, self._refused = None, {}, {}, {}
        self._connected = ()
        self._list_at_s = self._clock.now_s() + RETRY_S
        self._say(state)

    def _say(self, state: str) -> None:
        if state != self._state:
            LOG.info("MIDI: %s", state)
        self._state = state


def _count(controllers_heard: int) -> str:
    return {0: "no controller", 1: "1 controller"}.get(controllers_heard, f"{controllers_heard} controllers")
