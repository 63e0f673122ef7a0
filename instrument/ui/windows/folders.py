"""What is in a folder, for somebody who looks for a file: read once, in any order, narrowed to what is wanted.

Reading happens in a thread of its own: a folder on a network or on a worn stick may take seconds. Knows no window.
"""

import os
import re
import string
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

HOME_PLACES = ("Music", "Downloads", "Desktop")
MOUNTS = ("/media", "/run/media", "/Volumes", "/mnt")
"""Where systems put what is plugged in, some of them below the user's name."""
SIZES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


class Order(Enum):
    """How files are sorted; the value is what the button says."""

    NAME = "By name"
    NEWEST = "Newest first"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder; `changed_s` counts from 1970."""

    name: str
    is_folder: bool
    size_bytes: int = 0
    changed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder holds, or the trouble with it; `wanted` is the file in it that was asked for by its path."""

    folder: Path
    entries: tuple[Entry, ...] = ()
    trouble: str = ""
    wanted: str = ""


def read_folder(path: Path) -> Listing:
    """What stands in the folder `path`, or in that of the file `path`. Blocks for the disk; never raises."""
    try:
        folder, wanted = (path.parent, path.name) if path.is_file() else (path, "")
        with os.scandir(folder) as found:
            entries = tuple(_entry(each) for each in found if not each.name.startswith("."))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Listing(path, trouble=f"{path}: {reason.lower()}")
    return Listing(folder, entries, wanted=wanted)


def shown(listing: Listing, extensions: Sequence[str], order: Order, words: str) -> tuple[Entry, ...]:
    """Folders, then files with one of `extensions` (all files if none is given), whose names have all of `words`."""
    wanted = words.casefold().split()
    kept = [
        entry for entry in listing.entries
        if (entry.is_folder or not extensions or entry.name.casefold().endswith(tuple(extensions)))
        and all(word in entry.name.casefold() for word in wanted)
    ]  # fmt: skip
    kept.sort(key=lambda entry: _spoken(entry.name))
    if order is Order.NEWEST:
        kept.sort(key=lambda entry: -entry.changed_s)
    kept.sort(key=lambda entry: not entry.is_folder)
    return tuple(kept)


def trail(folder: Path) -> tuple[Path, ...]:
    """The folders from the root to `folder`.

    >>> [step.name for step in trail(Path("/music/live"))]
    ['', 'music', 'live']
    """
    return (*reversed(folder.parents), folder)


def path_in(text: str, folder: Path) -> Path | None:
    """The path that a performer wrote instead of words to find; None if it is none."""
    told = text.strip()
    if not told.startswith(("~", "/", "\\", "./", "../")) and not re.match(r"[A-Za-z]:", told):
        return None
    try:
        return folder / Path(told).expanduser()
    except RuntimeError:
        return None


def size_text(size_bytes: float) -> str:
    """A size to read.

    >>> size_text(734), size_text(45_300_000), size_text(2e12)
    ('734 B', '45.3 MB', '2000 GB')
    """
    for unit, unit_bytes in SIZES:
        if size_bytes >= 0.9995 * unit_bytes:
            value = size_bytes / unit_bytes
            return f"{value:.0f} {unit}" if value >= 99.95 else f"{value:.3g} {unit}"
    return f"{size_bytes:.0f} B"


def places() -> tuple[tuple[str, Path], ...]:
    """Where sound files may be, by name: of the user's own folders, and of what is plugged in. Blocks for the disk."""
    home = Path.home()
    own = [("Home", home), *((name, home / name) for name in HOME_PLACES)]
    if sys.platform == "win32":
        plugged = [(f"{letter}:", Path(f"{letter}:/")) for letter in string.ascii_uppercase]
    else:
        plugged = [(path.name, path) for root in MOUNTS for path in _below(Path(root), home.name)]
    return tuple((name, path) for name, path in (*own, *plugged) if _is_folder(path))


class FolderReader:
    """Reads one folder after another in the background; only the one asked for last is answered. Main thread only."""

    def __init__(self) -> None:
        self.places: tuple[tuple[str, Path], ...] = ()
        """Those there were when a folder was read last; empty before the first answer."""
        self._reading: Future[Listing] = Future()

    def ask(self, path: Path) -> None:
        """Begin to read; returns at once."""
        self._reading = Future()
        threading.Thread(target=self._work, args=(path, self._reading), name="read folder", daemon=True).start()

    def answer(self) -> Listing | None:
        """What was read of the path asked for last, once; None before and after."""
        if not self._reading.done():
            return None
        read, self._reading = self._reading, Future()
        return read.result()

    def _work(self, path: Path, reading: Future[Listing]) -> None:
        self.places = places()
        reading.set_result(read_folder(path))


def _entry(found: os.DirEntry[str]) -> Entry:
    try:
        is_folder, state = found.is_dir(), found.stat()
    except OSError:
        return Entry(found.name, False)
    return Entry(found.name, is_folder, state.st_size, state.st_mtime)


def _spoken(name: str) -> list[tuple[int, str]]:
    """Sorts take 2 before take 10, and capitals among the others."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _below(root: Path, user: str) -> list[Path]:
    """What is mounted below `root`, or below the user's own folder there."""
    own = root / user
    try:
        return sorted((own if own.is_dir() else root).iterdir())
    except OSError:
        return []


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False
