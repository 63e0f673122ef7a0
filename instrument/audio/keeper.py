"""The parent's side of the audio child: starts it, hands it the ring, and starts another when it ends."""

import contextlib
import logging
import queue
import subprocess
import threading
from dataclasses import replace
from enum import Enum

from instrument.audio.devices import CHILD_MODULE
from instrument.audio.ring import RingShape, SharedRing
from instrument.audio.wire import ChildMessage, StreamRequest
from instrument.children import end_child, spawn_child
from instrument.clock import SystemClock
from instrument.errors import AudioError

START_TIMEOUT_S = 10.0
"""The sound system must list its devices and open one within this time, each."""
BEAT_AGE_MAX_S = 2.0
"""A child that has not stamped the ring for so long hangs as a whole; its own watchdog is quicker otherwise."""
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 2.0
STEADY_S = 5.0
"""A device that plays for less than this each time is one that comes and goes: told once, tried ever less often."""
POLL_S = 0.25
RING_S = 1.0
SILENT = "silent"
"""Kind of a message that no child sends."""

_log = logging.getLogger(__name__)


class KeeperState(Enum):
    """How the device is doing."""

    STARTING = "starting"
    PLAYING = "playing"
    LOST = "lost"
    """It was there once; a new child tries again and again."""
    FAILED = "failed"
    """It never was; nothing is tried any more."""
    CLOSED = "closed"


class ChildKeeper:
    """Keeps one audio child running. `open`, `start` and `close` belong to one thread; the properties to all."""

    def __init__(self, request: StreamRequest) -> None:
        self._request = request
        self._clock = SystemClock()
        self._settled = threading.Event()
        self._closing = threading.Event()
        self._inbox: queue.SimpleQueue[ChildMessage] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._ring: SharedRing | None = None
        self.state = KeeperState.CLOSED
        self.reason = ""
        """Why it is not playing, in one line."""
        self.device = ""
        """Label of the device, once found."""

    @property
    def ring(self) -> SharedRing | None:
        """The shared ring; there once a device was found, and the same until `close`."""
        return self._ring

    def start(self) -> None:
        """Begin, without waiting for the outcome."""
        self.state = KeeperState.STARTING
        self._thread = threading.Thread(target=self._run, name="audio-keeper", daemon=True)
        self._thread.start()

    def open(self) -> None:
        """Begin, and wait for the outcome. Raises AudioError if there is none within `START_TIMEOUT_S` twice."""
        self.start()
        settled = self._settled.wait(2.0 * START_TIMEOUT_S + 2.0)
        if settled and self.state is not KeeperState.FAILED:
            return
        reason = self.reason or "the sound system does not answer"
        self.close()
        raise AudioError(reason)

    def close(self) -> None:
        """End the child and remove the ring. May be called twice; takes a few seconds at the very worst."""
        self._closing.set()
        self._inbox.put(ChildMessage("closing"))
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(timeout=10.0)
        self.state = KeeperState.CLOSED
        ring, self._ring = self._ring, None
        if ring is not None:
            ring.close()

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._closing.is_set():
            begun_s = self._clock.now_s()
            outcome = self._run_child()
            if self._closing.is_set() or outcome is _Outcome.AGAIN:
                continue
            if self.state is KeeperState.STARTING:
                self.state = KeeperState.FAILED
                break
            steady = pause_s == FIRST_PAUSE_S or self._clock.now_s() - begun_s > STEADY_S
            if self.state is KeeperState.PLAYING and steady:
                _log.warning("%s; trying to get it back", self.reason)
                pause_s = FIRST_PAUSE_S
            self.state = KeeperState.LOST
            self._closing.wait(pause_s)
            pause_s = min(2.0 * pause_s, LONGEST_PAUSE_S)
        self._settled.set()

    def _run_child(self) -> "_Outcome":
        try:
            process = spawn_child(CHILD_MODULE, ["stream", self._request.to_json()])
        except OSError as error:
            self.reason = f"the audio process cannot be started: {error}"
            return _Outcome.NOT_OPENED
        inbox: queue.SimpleQueue[ChildMessage] = queue.SimpleQueue()
        self._inbox = inbox
        pump = threading.Thread(target=_pump, args=(process, inbox), name="audio-child-output", daemon=True)
        pump.start()
        try:
            return self._follow(process, inbox)
        finally:
            end_child(process)
            pump.join(timeout=2.0)

    def _follow(self, process: "subprocess.Popen[bytes]", inbox: "queue.SimpleQueue[ChildMessage]") -> "_Outcome":
        """Do what the child's messages ask until it has ended or should."""
        playing_since_s: float | None = None
        while not self._closing.is_set():
            message = self._next_message(inbox, playing_since_s)
            if message is None:
                continue
            if message.kind == "device" and (problem := self._hand_over_ring(process, message)):
                message = ChildMessage("error", problem)
            if message.kind == "playing":
                playing_since_s = self._clock.now_s()
                self.state, self.reason = KeeperState.PLAYING, ""
                self._settled.set()
            if message.kind == "again":
                return _Outcome.AGAIN
            if message.kind == SILENT:
                # It will not notice that its input is closed, either.
                process.kill()
            if message.kind in ("error", "lost", "ended", SILENT):
                self.reason = message.text
                break
        return _Outcome.NOT_OPENED if playing_since_s is None else _Outcome.LOST

    def _next_message(
        self, inbox: "queue.SimpleQueue[ChildMessage]", playing_since_s: float | None
    ) -> ChildMessage | None:
        """The next message; `SILENT`, of our own, where the child gives no sign of life; None if all is well."""
        silence = ChildMessage(SILENT, "the sound system does not answer")
        if playing_since_s is None:
            return _get(inbox, START_TIMEOUT_S) or silence
        message = _get(inbox, POLL_S)
        beat_s = max(playing_since_s, self._ring.beat_s if self._ring is not None else 0.0)
        if message is None and self._clock.now_s() - beat_s > BEAT_AGE_MAX_S:
            return silence
        return message

    def _hand_over_ring(self, process: "subprocess.Popen[bytes]", message: ChildMessage) -> str:
        """Tell the child where to write or read; make the ring for the first one. Returns what is wrong, or nothing."""
        if self._ring is None:
            self._ring = SharedRing.create(_ring_shape(message, self._request.block_size))
            self.device = message.name
            # From now on only the very same will do, whatever else may be plugged in.
            channels = self._request.channels or tuple(range(1, message.channels + 1))
            self._request = replace(
                self._request, device=message.name, channels=channels, sample_rate=message.sample_rate
            )
        if process.stdin is not None:
            with contextlib.suppress(OSError):  # it has ended already, and says so itself
                process.stdin.write(f"{self._ring.name}\n".encode("ascii"))
                process.stdin.flush()
        shape = _ring_shape(message, self._request.block_size)
        return "" if shape == self._ring.shape else f"{message.name} came back with another number of channels"


class _Outcome(Enum):
    NOT_OPENED = "not opened"
    LOST = "lost"
    AGAIN = "again"


def _ring_shape(message: ChildMessage, block_size: int) -> RingShape:
    slots = max(8, round(RING_S * message.sample_rate / block_size))
    return RingShape(slots, block_size, message.channels, message.sample_rate)


def _get(inbox: "queue.SimpleQueue[ChildMessage]", timeout_s: float) -> ChildMessage | None:
    try:
        return inbox.get(timeout=timeout_s)
    except queue.Empty:
        return None


def _pump(process: "subprocess.Popen[bytes]", inbox: "queue.SimpleQueue[ChildMessage]") -> None:
    """Forward the child's messages, log its libraries' chatter, and end with an ``ended`` that quotes it."""
    last = ""
    if process.stdout is None:
        return
    with process.stdout as output:
        for line in output:
            message = ChildMessage.from_line(line)
            if message is not None:
                inbox.put(message)
            elif text := line.decode("utf-8", "replace").strip():
                last = text
                _log.debug("audio child: %s", text)
    inbox.put(ChildMessage("ended", f"the audio process ended: {last}" if last else "the audio process ended"))
