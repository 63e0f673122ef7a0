"""The sound sources by name: the one list of what ``--audio`` takes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from instrument.audio.player import Listener
from instrument.audio.source import AudioSource
from instrument.clock import Clock
from instrument.errors import AudioError, candidates


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What a source may need to know besides its own text."""

    clock: Clock
    block_size: int
    loop: bool
    monitor: Listener | None


@dataclass(frozen=True, slots=True)
class SourceKind:
    """One way to get sound: `usage` is how it is written; `make` gets what stands behind the colon."""

    usage: str
    help: str
    make: Callable[[str, SourceOptions], AudioSource]


def _make_synth(argument: str, options: SourceOptions) -> AudioSource:
    from instrument.audio.synth import SynthSource

    if argument:
        raise AudioError(f"synth takes no argument, got {argument!r}")
    return SynthSource(options.clock, options.block_size, monitor=options.monitor)


def _make_file(argument: str, options: SourceOptions) -> AudioSource:
    from instrument.audio.file import FileSource

    if not argument:
        raise AudioError("file: needs the path of a sound file, e.g. file:song.flac")
    path = Path(argument).expanduser()
    return FileSource(path, options.clock, options.block_size, options.loop, options.monitor)


def _make_live(argument: str, options: SourceOptions) -> AudioSource:
    from instrument.audio.live import LiveSource

    name, channels = parse_live(argument)
    return LiveSource(name, options.clock, options.block_size, channels)


SOURCES: dict[str, SourceKind] = {
    "synth": SourceKind("synth", "A piece made by the program; needs nothing.", _make_synth),
    "file": SourceKind("file:PATH", "A sound file, played as if live.", _make_file),
    "live": SourceKind("live[:NAME[:1,2]]", "An interface, by part of its name; channels count from 1.", _make_live),
}


def make_source(
    text: str,
    clock: Clock,
    *,
    block_size: int = 1024,
    loop: bool = False,
    monitor: bool = False,
    monitor_device: str = "",
) -> AudioSource:
    """The source `text` describes, not yet open: a name of `SOURCES` with its argument, or the path of a file.

    `loop` and `monitor` are for files; the demo always loops, and an interface is not played back. Raises
    AudioError, listing what there is.
    """
    name, _, argument = text.partition(":")
    kind = SOURCES.get(name)
    if kind is None:
        if not Path(text).expanduser().is_file():
            usages = candidates(known.usage for known in SOURCES.values())
            raise AudioError(f"no sound source or file {text!r}; there are: {usages}")
        kind, argument = SOURCES["file"], text
    listener = _make_monitor(monitor_device) if monitor and kind is not SOURCES["live"] else None
    return kind.make(argument, SourceOptions(clock, block_size, loop, listener))


def parse_live(argument: str) -> tuple[str, tuple[int, ...]]:
    """Split what stands behind ``live:`` into the part of the name and the channels (from 1; empty: the first two).

    >>> parse_live("Scarlett")
    ('Scarlett', ())
    >>> parse_live("HDA Intel (hw:0,0):3,4")
    ('HDA Intel (hw:0,0)', (3, 4))
    >>> parse_live(":2")
    ('', (2,))
    """
    match = re.fullmatch(r"(?P<name>.*):(?P<channels>\d+(,\d+)*)", argument)
    if match is None:
        return argument, ()
    return match["name"], tuple(int(channel) for channel in match["channels"].split(","))


def _make_monitor(device: str) -> Listener:
    from instrument.audio.monitor import Monitor

    return Monitor(device)
