"""The process that owns the sound device: ``python -m instrument.audio.child list | stream REQUEST``.

PortAudio can hang for minutes, or abort, once a device has gone. Here it may: a watchdog ends the process, and the
parent starts a new one. It also ends when its input is closed, that is when the parent has gone.
"""

import json
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from typing import NoReturn

from instrument.audio import portaudio
from instrument.audio.absence import AbsenceCheck
from instrument.audio.devices import Device, Direction, find_device
from instrument.audio.playback import Playback
from instrument.audio.ring import SharedRing
from instrument.audio.wire import ChildMessage, StreamRequest
from instrument.background import come_second
from instrument.clock import SystemClock
from instrument.errors import AudioError

WATCH_INTERVAL_S = 0.05
CALLBACK_AGE_MAX_S = 0.5
CLOSE_PATIENCE_S = 0.5
JACK = "JACK Audio Connection Kit"


def main(arguments: Sequence[str]) -> NoReturn:
    """Run one of the two commands and end the process without asking any library."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes this one
    if arguments[0] == "list":
        come_second()
        _say(_listing_line())
    else:
        _stream(StreamRequest.from_json(arguments[1]))
    os._exit(0)


def _listing_line() -> bytes:
    try:
        rows = [asdict(device) for device in portaudio.query_devices()]
    except AudioError as error:
        return b"\n" + json.dumps({"error": str(error)}).encode("ascii") + b"\n"
    return b"\n" + json.dumps({"devices": rows}).encode("ascii") + b"\n"


def _stream(request: StreamRequest) -> None:
    clock = SystemClock()
    stream = portaudio.Stream(clock)
    inbox: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(inbox,), daemon=True).start()
    try:
        device = find_device(portaudio.query_devices(), request.device, request.direction)
        picked = pick_channels(device, request)
        sample_rate = request.sample_rate or device.sample_rate
        _send(ChildMessage("device", name=device.label, channels=len(picked), sample_rate=sample_rate))
        ring_name = inbox.get()
        if not ring_name:
            return
        ring = SharedRing.attach(ring_name)
        if request.direction is Direction.INPUT:
            stream.open_input(device, picked, ring)
        else:
            stream.open_output(device, Playback(ring).fill, ring)
    except AudioError as error:
        _send(ChildMessage("error", str(error)))
        return
    _send(ChildMessage("playing"))
    _watch(stream, device, request, inbox, clock)


def _watch(
    stream: portaudio.Stream,
    device: Device,
    request: StreamRequest,
    inbox: "queue.SimpleQueue[str]",
    clock: SystemClock,
) -> None:
    """Return when the parent has gone, or once the device has, after saying so."""
    absence = AbsenceCheck(device)
    can_vanish_silently = request.direction is Direction.INPUT and device.host_api == JACK
    parent = os.getppid()
    while True:
        try:
            inbox.get(timeout=WATCH_INTERVAL_S)
        except queue.Empty:
            pass
        else:
            _close(stream)
            break
        if os.getppid() != parent:
            break
        now_s = clock.now_s()
        verdict = ""
        if now_s - stream.last_callback_s > CALLBACK_AGE_MAX_S or not stream.active:
            verdict = "lost"
        elif can_vanish_silently:
            verdict = absence.verdict(now_s - stream.last_sound_s, stream.heard)
        if verdict:
            _send(ChildMessage(verdict, f"{device.name} went away"))
            break
    absence.close()


def pick_channels(device: Device, request: StreamRequest) -> tuple[int, ...]:
    """Columns, from 0, that `request` wants of `device`. Raises AudioError if it has not so many.

    The output ring is always stereo.
    """
    available = device.channels(request.direction)
    if request.direction is Direction.OUTPUT:
        return (0, 1)
    picked = request.channels or tuple(range(1, min(available, 2) + 1))
    wrong = [channel for channel in picked if not 1 <= channel <= available]
    if wrong:
        raise AudioError(f"{device.name} has no input channel {wrong[0]}; it has 1 to {available}")
    return tuple(channel - 1 for channel in picked)


def _close(stream: portaudio.Stream) -> None:
    closing = threading.Thread(target=stream.close, daemon=True)
    closing.start()
    closing.join(CLOSE_PATIENCE_S)


def _listen(inbox: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        inbox.put(line.strip())
    inbox.put("")  # the parent has closed its end


def _send(message: ChildMessage) -> None:
    _say(message.to_line())


def _say(line: bytes) -> None:
    try:
        os.write(1, line)
    except OSError:
        logging.getLogger(__name__).debug("the parent no longer listens")


if __name__ == "__main__":
    main(sys.argv[1:])
