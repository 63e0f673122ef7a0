"""MIDI maps on disk: one JSON a device in one folder."""

import zlib
from pathlib import Path

from instrument.control.midi_map import KINDS, Binding, MidiMap
from instrument.disk.documents import DocumentKind, file_stem, label
from instrument.errors import ControlError

MAP_FILE = DocumentKind("latent-instrument midi map", 1, ControlError)
CHANNELS = range(16)
NUMBERS = range(128)


def map_file_name(device: str) -> str:
    """Name of a device's file; a checksum keeps devices apart whose names differ only in what files cannot show.

    >>> map_file_name("nanokontrol2")
    'nanokontrol2.json'
    >>> map_file_name("nanoKONTROL2") != map_file_name("NANOKONTROL2")
    True
    """
    stem = file_stem(device)
    return f"{stem}.json" if stem == device else f"{stem}-{zlib.crc32(device.encode()):08x}.json"


def load_map(path: Path) -> tuple[str, MidiMap]:
    """The device of a file and its map.

    Raises
    ------
    ControlError
        In one line: broken, foreign, from the future, or a control bound twice.
    """
    fields = MAP_FILE.read(path)
    device, rows = label(fields.get("device")), fields.get("bindings")
    if device is None or not isinstance(rows, list):
        raise ControlError(f"{path.name} has no device or no bindings")
    entries: dict[Binding, str] = {}
    for row in rows:
        binding, parameter = _entry(device, row, path)
        if binding in entries:
            raise ControlError(f"{path.name} has {binding.text()} twice")
        entries[binding] = parameter
    return device, MidiMap(entries)


def save_map(path: Path, device: str, midi_map: MidiMap) -> None:
    """Write the part of `midi_map` that belongs to `device`. Raises ControlError."""
    rows = [
        {"kind": binding.kind, "channel": binding.channel, "number": binding.number, "parameter": parameter}
        for binding, parameter in sorted(midi_map.only(device).entries.items())
    ]
    MAP_FILE.write(path, {"device": device, "bindings": rows})


class MapFolder:
    """The maps of all devices. Reading and writing block; one thread at a time.

    A file that could not be used is left as it is: before its name is needed, it is renamed to ``.json.kept``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[str, Path] = {}
        self._refused: set[Path] = set()
        self.troubles: tuple[str, ...] = ()

    def load(self) -> MidiMap:
        """All that can be read; `troubles` has a line for each file that cannot. Never raises."""
        self._paths, self._refused = {}, set()
        troubles, everything = [], MidiMap()
        for path in sorted(self._folder.glob("*.json")):
            try:
                device, midi_map = load_map(path)
                if device in self._paths:
                    raise ControlError(f"{path.name} is for {device}, as is {self._paths[device].name}")
            except ControlError as error:
                troubles.append(f"MIDI map left out: {error}")
                self._refused.add(path)
                continue
            self._paths[device] = path
            everything = everything.joined(midi_map)
        self.troubles = tuple(troubles)
        return everything

    def save(self, device: str, midi_map: MidiMap) -> None:
        """Write the map of `device` to the file it came from, or to a new one. Raises ControlError."""
        path = self._paths.setdefault(device, self._folder / map_file_name(device))
        if path in self._refused:
            self._keep(path)
        save_map(path, device, midi_map)

    def _keep(self, path: Path) -> None:
        number, aside = 2, path.with_name(f"{path.name}.kept")
        while aside.exists():
            number, aside = number + 1, path.with_name(f"{path.name}.kept{number}")
        try:
            path.rename(aside)
        except OSError as error:
            raise ControlError(f"{path.name} cannot be set aside: {error.strerror}") from error
        self._refused.discard(path)


def _entry(device: str, row: object, path: Path) -> tuple[Binding, str]:
    fields = row if isinstance(row, dict) else {}
    kind, parameter = label(fields.get("kind")), label(fields.get("parameter"))
    channel, number = _one_of(CHANNELS, fields.get("channel")), _one_of(NUMBERS, fields.get("number"))
    if kind not in KINDS or parameter is None or channel is None or number is None:
        raise ControlError(f"{path.name} has a binding that is none: {str(row)[:60]!r}")
    return Binding(device, kind, channel, number), parameter


def _one_of(allowed: range, value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in allowed else None
