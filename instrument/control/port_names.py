"""Names of MIDI ports: made to last over a replug, and what to do when the list of them changes. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CLIENT_NAME = "Latent Instrument"
"""What other programs see of ours."""

PASSING = {
    "alsa": re.compile(r" \d+:\d+$"),
    "jack": re.compile(r"(?<=\S)-0\d(?=:)| \[\d+\](?= \()"),
    "winmm": re.compile(r"^\d+- | \d+$"),
}
"""What a system adds to a name and changes from one plug to the next.

ALSA: ``client:port``; JACK: a number for a second client of one name, and the ALSA client in the names of a2jmidid;
Windows: a number for another socket in front, and the port's index behind.
"""


def stable_name(raw: str, api: str) -> str:
    """Name of a port without what changes from one plug to the next; `api` as rtmidi calls it.

    >>> stable_name("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", "alsa")
    'nanoKONTROL2:nanoKONTROL2 MIDI 1'
    >>> stable_name("2- nanoKONTROL2 1", "winmm")
    'nanoKONTROL2'
    >>> stable_name("a2j:nanoKONTROL2 [20] (capture): MIDI 1", "jack")
    'a2j:nanoKONTROL2 (capture): MIDI 1'
    """
    passing = PASSING.get(api)
    return (passing.sub("", raw) if passing else raw).strip() or raw


def controllers(listed: Iterable[str], api: str) -> dict[str, tuple[str, ...]]:
    """The ports worth opening, by stable name; controllers of one make share a name, and so a map.

    Leaves out our own ports and ALSA's loop.

    >>> controllers(["Midi Through:Midi Through Port-0 14:0", "Latent Instrument:out 128:0", "K:K 20:0"], "alsa")
    {'K:K': ('K:K 20:0',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for raw in listed:
        if not raw.startswith((CLIENT_NAME, "Midi Through")):
            name = stable_name(raw, api)
            found[name] = (*found.get(name, ()), raw)
    return found


@dataclass(frozen=True, slots=True)
class PortChange:
    """Stable names whose ports are to be closed, and those to be opened afterwards."""

    close: tuple[str, ...]
    open: tuple[str, ...]


def port_change(held: Mapping[str, tuple[str, ...]], found: Mapping[str, tuple[str, ...]]) -> PortChange:
    """What leads from the ports held open to the ports found.

    A name whose ports changed is closed and opened as a whole: of two like controllers, nothing tells which was
    pulled, and an open port to a controller that was away hears nothing.

    >>> port_change({"K": ("K 0",), "L": ("L 1",)}, {"L": ("L 0",), "M": ("M 1",)})
    PortChange(close=('K', 'L'), open=('L', 'M'))
    """
    return PortChange(
        close=tuple(name for name, raws in held.items() if found.get(name) != raws),
        open=tuple(name for name, raws in found.items() if held.get(name) != raws),
    )
