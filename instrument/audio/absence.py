"""Noticing that a JACK client, taken for an interface, has gone: its stream goes on, with zeros in it."""

import contextlib
import subprocess

from instrument.audio.devices import CHILD_MODULE, Device, parse_listing
from instrument.children import spawn_child
from instrument.errors import AudioError

FIRST_LOOK_S = 1.0
LOOK_INTERVAL_MAX_S = 30.0
REOPEN_AFTER_S = 10.0
"""After so much silence the stream is opened anew once: the client may have come back between two looks."""


class AbsenceCheck:
    """Looks for `device` in the listing when the input has been exact zeros for long. One thread; never waits.

    The looks are ever further apart, as each costs half a second of another process.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._process: subprocess.Popen[bytes] | None = None
        self._next_look_s = FIRST_LOOK_S

    def verdict(self, silent_s: float, heard: bool) -> str:
        """``lost``: the device is not there; ``again``: it is, but should be opened anew; else empty.

        `silent_s` is how long the input has been exact zeros, `heard` whether it ever was not.
        """
        if self._process is not None and self._process.poll() is not None:
            if not self._is_listed(self._process):
                return "lost"
            self._process = None
        if silent_s < FIRST_LOOK_S:
            self._next_look_s = FIRST_LOOK_S
        elif silent_s >= self._next_look_s and self._process is None:
            self._process = spawn_child(CHILD_MODULE, ["list"])
            self._next_look_s = silent_s + min(silent_s, LOOK_INTERVAL_MAX_S)
        return "again" if heard and silent_s >= REOPEN_AFTER_S else ""

    def close(self) -> None:
        """End a look that is under way."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=1.0)

    def _is_listed(self, process: "subprocess.Popen[bytes]") -> bool:
        output, _ = process.communicate()
        try:
            listing = parse_listing(output)
        except AudioError:
            return True  # the listing failed, which says nothing of this device
        return any(row.label == self._device.label for row in listing)
