"""OSC over UDP: hears what moves the instrument, tells who asks what there is, and a subscriber what has changed.

A port is open only where it was asked for, and heard on this machine alone unless a host is named.
"""

import contextlib
import logging
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from instrument.clock import Clock
from instrument.control.complaints import Complaints
from instrument.control.events import OscEvent
from instrument.control.osc_book import HELP, QUERY, SUBSCRIBE, Said, is_press, listing, number_of
from instrument.control.osc_news import News
from instrument.errors import ControlError
from instrument.params.store import ParamStore

LOG = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
TICK_S = 0.05
"""Between two words to a subscriber, and how long closing waits at most."""
CLOSE_S = 2.0
RECEIVE_BYTES = 1 << 20
"""What the system is asked to hold while this thread waits for its turn; it may give less."""
LARGEST_DATAGRAM = 65_535
LARGEST_PACKET = 8192
MOST_ARGUMENTS = 16
DEEPEST = 4
"""Bundles within bundles."""
BUNDLE = b"#bundle\0"
HEADER_BYTES = len(BUNDLE) + 8
KNOWN_TYPES = frozenset(b"ifhdsbrmtTFN[]")
LOWEST_PORT, HIGHEST_PORT = 1024, 65_535
"""A number between them is a port to answer to; smaller ones are a button's."""

Peer = tuple[Any, ...]
"""An address as sockets give it: host, port, and more for IPv6."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where OSC is listened to. Port 0 takes any that is free."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def endpoint_of(text: str) -> Endpoint:
    """What ``PORT`` or ``HOST:PORT`` says. Raises ControlError.

    >>> str(endpoint_of("9000")), str(endpoint_of("0.0.0.0:9000")), str(endpoint_of("[::1]:9000"))
    ('127.0.0.1:9000', '0.0.0.0:9000', '[::1]:9000')
    """
    host, colon, port = text.rpartition(":")
    host = host.strip("[]") if colon else LOOPBACK
    if not (host and port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= HIGHEST_PORT):
        raise ControlError(f"OSC: {text!r} is not PORT or HOST:PORT, such as 9000 or 0.0.0.0:9000")
    return Endpoint(host, int(port))


def messages_of(packet: bytes) -> list[tuple[str, tuple[object, ...]]]:
    """Addresses and arguments of the messages in a packet; time tags are not waited for. Raises ControlError.

    Bundles are taken apart here: the library's own way never ends on one whose size is negative, and its server sleeps
    until a time tag that is still to come.
    """
    if len(packet) > LARGEST_PACKET:
        raise ControlError(f"a packet of more than {LARGEST_PACKET} bytes")
    return [_message_of(part) for part in _parts(packet, 0)]


def _parts(packet: bytes, depth: int) -> Iterable[bytes]:
    if not packet.startswith(BUNDLE):
        yield packet
        return
    if depth >= DEEPEST or len(packet) < HEADER_BYTES:
        raise ControlError("a bundle that is none")
    at = HEADER_BYTES
    while at < len(packet):
        if len(packet) - at < 4:
            raise ControlError("a bundle that ends too soon")
        (size,) = struct.unpack_from(">i", packet, at)
        at += 4
        if not 0 < size <= len(packet) - at:
            raise ControlError("a bundle that ends too soon")
        yield from _parts(packet[at : at + size], depth + 1)
        at += size


def _message_of(packet: bytes) -> tuple[str, tuple[object, ...]]:
    from pythonosc.osc_message import OscMessage, ParseError

    address, _, rest = packet.partition(b"\0")
    types = packet[len(packet) - len(rest) + (-len(address) - 1) % 4 :].partition(b"\0")[0]
    if not packet.startswith(b"/") or len(types) > MOST_ARGUMENTS + 1 or not KNOWN_TYPES.issuperset(types[1:]):
        raise ControlError("not a message")
    try:
        message = OscMessage(packet)
    except (ParseError, ValueError, OverflowError) as error:
        raise ControlError("not a message") from error
    return message.address, tuple(message)


def packet_of(said: Said) -> bytes:
    """The message as it is sent."""
    from pythonosc.osc_message_builder import build_msg

    address, arguments = said
    packet: bytes = build_msg(address, arguments).dgram
    return packet


class OscInput:
    """Hears one UDP port, from a thread of its own, from the moment it is made. Raises ControlError if it cannot.

    `on_event` is called in that thread with the event, and with the name under which only its newest is wanted, or
    None if each counts; it must neither block nor raise. Whoever sends ``/query`` is answered; the last who sent
    ``/subscribe`` is told every value, then every change that OSC did not make itself.
    """

    def __init__(
        self,
        at: Endpoint,
        store: ParamStore,
        clock: Clock,
        on_event: Callable[[OscEvent, str | None], None],
        complaints: Complaints,
    ) -> None:
        self._socket = _open(at)
        self.at = Endpoint(at.host, self._socket.getsockname()[1])
        """Where it listens."""
        self._store = store
        self._clock = clock
        self._on_event = on_event
        self._complaints = complaints
        self._heard = 0
        self._failed = False
        self._subscriber: Peer | None = None
        self._news = News(store)
        self._tell_at_s = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="osc", daemon=True)
        self._thread.start()

    @property
    def state(self) -> str:
        """How it is, in one line. Any thread."""
        refused = self._complaints.count
        heard = f"{self._heard} messages" if self._heard else "nothing heard yet"
        return f"OSC at {self.at}: {heard}" + (f", {refused} not understood" if refused else "")

    def close(self) -> None:
        """Give the port back. May be called twice; blocks for about a tick."""
        self._stop.set()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        with self._socket:
            while not self._stop.is_set():
                try:
                    self._turn()
                except Exception as error:  # top of a thread: one bad packet must not close the port
                    if not self._failed:
                        LOG.exception("OSC failed")
                    self._failed = True
                    self._complaints.add(f"OSC failed: {error}")
                    self._stop.wait(TICK_S)

    def _turn(self) -> None:
        heard = self._receive()
        if heard is not None:
            try:
                for address, arguments in messages_of(heard[0]):
                    self._hear(address, arguments, heard[1])
            except ControlError as error:
                self._complaints.add(f"OSC from {heard[1][0]}: {error}")
        now_s = self._clock.now_s()
        if self._subscriber is not None and now_s >= self._tell_at_s:
            self._tell_at_s = now_s + TICK_S
            self._send(self._news.take(), self._subscriber)

    def _receive(self) -> tuple[bytes, Peer] | None:
        try:
            return self._socket.recvfrom(LARGEST_DATAGRAM)
        except (TimeoutError, ConnectionResetError):  # the second is how Windows says that an answer was not taken
            return None

    def _hear(self, address: str, arguments: tuple[object, ...], peer: Peer) -> None:
        self._heard += 1
        if address == QUERY:
            if is_press(arguments):
                self._send(listing(self._store.table, self._store.snapshot()), peer)
        elif address == SUBSCRIBE:
            self._subscribe(arguments, peer)
        else:
            self._on_event(OscEvent(address, arguments, self._clock.now_s()), None if address in HELP else address)

    def _subscribe(self, arguments: tuple[object, ...], peer: Peer) -> None:
        """Many surfaces hear at another port than they speak from, and name it."""
        if not is_press(arguments):
            return
        port = int(number_of(arguments)) if arguments else 0
        self._subscriber = (peer[0], port, *peer[2:]) if LOWEST_PORT <= port <= HIGHEST_PORT else peer
        self._news = News(self._store)

    def _send(self, messages: Iterable[Said], peer: Peer) -> None:
        for said in messages:
            with contextlib.suppress(OSError):  # nobody waits for it any more
                self._socket.sendto(packet_of(said), peer)


def _open(at: Endpoint) -> socket.socket:
    try:
        import pythonosc.osc_message  # noqa: F401 - before the first packet, and while it can still be told

        family, _, _, _, address = socket.getaddrinfo(at.host, at.port, type=socket.SOCK_DGRAM)[0]
        opened = socket.socket(family, socket.SOCK_DGRAM)
    except ImportError as error:
        raise ControlError(f"OSC cannot be used: {error}") from error
    except (OSError, UnicodeError) as error:
        raise ControlError(f"OSC cannot listen at {at}: {_reason(error)}") from error
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        opened.settimeout(TICK_S)
        opened.bind(address)
    except OSError as error:
        opened.close()
        raise ControlError(f"OSC cannot listen at {at}: {_reason(error)}") from error
    return opened


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
