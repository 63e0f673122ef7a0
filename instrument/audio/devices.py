"""Which sound devices there are, and choosing one by part of its name."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from instrument.children import spawn_child
from instrument.errors import AudioError, candidates

CHILD_MODULE = "instrument.audio.child"
"""The process that owns the sound device."""
LIST_TIMEOUT_S = 10.0

HOST_API_RANK = (
    "ASIO",
    "Windows WASAPI",
    "Core Audio",
    "JACK Audio Connection Kit",
    "ALSA",
    "OSS",
    "Windows DirectSound",
    "MME",
    "Windows WDM-KS",
)
"""Windows shows one interface once per host API; the first of these that has it is taken."""


class Direction(Enum):
    """Which way sound goes through a device."""

    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Device:
    """One row of the listing. `index` is PortAudio's and holds only within the process that asked."""

    index: int
    name: str
    host_api: str
    input_channels: int
    output_channels: int
    sample_rate: int
    is_default_input: bool = False
    is_default_output: bool = False

    @property
    def label(self) -> str:
        """Name and host API: unique, and accepted by `find_device`."""
        return f"{self.name} [{self.host_api}]"

    def channels(self, direction: Direction) -> int:
        """How many channels it has in `direction`."""
        return self.input_channels if direction is Direction.INPUT else self.output_channels

    def is_default(self, direction: Direction) -> bool:
        """Whether the system takes it when nothing is said."""
        return self.is_default_input if direction is Direction.INPUT else self.is_default_output


def find_device(listing: Sequence[Device], part_of_name: str, direction: Direction) -> Device:
    """The one device of `listing` meant by `part_of_name`, in any case; the empty text means the default.

    A whole name or label wins over a part of one; where one name is there under several host APIs, `HOST_API_RANK`
    decides. Raises AudioError, listing the candidates, for none or several.
    """
    usable = [device for device in listing if device.channels(direction) > 0]
    if not usable:
        raise AudioError(
            f"no sound {direction.value} device found; is the interface plugged in, or its JACK server running?"
        )
    wanted = part_of_name.strip().lower()
    if not wanted:
        found = [device for device in usable if device.is_default(direction)]
    else:
        found = [device for device in usable if wanted in (device.name.lower(), device.label.lower())]
        found = found or [device for device in usable if wanted in device.name.lower()]
    if not found:
        asked = f"no {direction.value} device has {part_of_name!r} in its name" if wanted else "no default device"
        raise AudioError(f"{asked}; there are: {_labels(usable)}")
    best = min(map(_rank, found))
    found = [device for device in found if _rank(device) == best]
    if len(found) > 1:
        raise AudioError(f"{part_of_name!r} is part of several {direction.value} devices: {_labels(found)}")
    return found[0]


def list_devices(timeout_s: float = LIST_TIMEOUT_S) -> tuple[Device, ...]:
    """All devices present now, in PortAudio's order; empty if there are none. Blocks about half a second.

    A process of its own asks, since PortAudio only sees what was there when it was initialised. Raises AudioError
    if PortAudio is missing or does not answer.
    """
    process = spawn_child(CHILD_MODULE, ["list"])
    try:
        output, _ = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.communicate()
        raise AudioError(f"the sound system did not list its devices within {timeout_s:g} s") from error
    return parse_listing(output)


def parse_listing(output: bytes) -> tuple[Device, ...]:
    """Read what ``instrument.audio.child list`` printed, among the noise of sound libraries. Raises AudioError."""
    lines = output.decode("utf-8", "replace").splitlines()
    for line in lines:
        if line.startswith('{"devices":'):
            return tuple(Device(**row) for row in json.loads(line)["devices"])
        if line.startswith('{"error":'):
            raise AudioError(json.loads(line)["error"])
    raise AudioError(f"the sound system broke down while listing its devices: {''.join(lines[-1:])}")


def _rank(device: Device) -> int:
    known = device.host_api in HOST_API_RANK
    return HOST_API_RANK.index(device.host_api) if known else len(HOST_API_RANK)


def _labels(devices: Sequence[Device]) -> str:
    return candidates(device.label for device in devices)
