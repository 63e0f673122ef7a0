"""The file a recording grows in: nothing is ever overwritten, and a name without ``.part`` means finished."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from instrument.errors import OutputError

SUFFIX = ".mp4"
PART_SUFFIX = ".part"
_MOST_NAMES = 999


class _WholeWrites(io.FileIO):
    """A raw file whose `write` writes all or raises: short writes are how a full disk announces itself."""

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # narrower: the mp4 writer passes bytes
        rest = memoryview(data)
        while rest:
            rest = rest[super().write(rest) :]
        return len(data)


class RecordingFile:
    """``PATH.mp4.part`` while it grows, ``PATH.mp4`` once finished, ``PATH-2.mp4`` where that exists.

    Every write reaches the system at once, so a process that dies loses nothing it had written.
    """

    def __init__(self, path: Path, stream: io.RawIOBase) -> None:
        self._path = path
        self._part = path.with_name(path.name + PART_SUFFIX)
        self.stream = stream
        """Binary, seekable, open for writing."""

    @classmethod
    def claim(cls, wanted: Path) -> Self:
        """Create the file to write to, and its folder. Raises OutputError in one line if that cannot be."""
        wanted = with_mp4_suffix(wanted.expanduser())
        try:
            wanted.parent.mkdir(parents=True, exist_ok=True)
            for path in _names_like(wanted):
                if path.exists():
                    continue
                try:
                    return cls(path, _WholeWrites(path.with_name(path.name + PART_SUFFIX), "xb"))
                except FileExistsError:  # somebody records there, or died recording
                    continue
        except (OSError, ValueError) as error:  # ValueError: a null byte in the name
            reason = getattr(error, "strerror", None) or error
            raise OutputError(f"cannot record to {wanted}: {reason}") from error
        raise OutputError(f"cannot record to {wanted}: {_MOST_NAMES} recordings have that name; choose another")

    @property
    def path(self) -> Path:
        """Where the finished recording is or will be."""
        return self._path

    @property
    def part(self) -> Path:
        """Where it grows until it is finished; plays up to its last second if it never is."""
        return self._part

    def finish(self) -> None:
        """Close it and give it its name. Raises OSError."""
        self.stream.close()
        self._path = next(path for path in _names_like(self._path) if not path.exists())
        self._part.rename(self._path)

    def discard(self) -> None:
        """Close it and remove it. Raises OSError."""
        self.stream.close()
        self._part.unlink(missing_ok=True)


def with_mp4_suffix(path: Path) -> Path:
    """`path`, ending in ``.mp4``.

    >>> with_mp4_suffix(Path("take.1")).name, with_mp4_suffix(Path("take.MP4")).name
    ('take.1.mp4', 'take.MP4')
    """
    return path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX)


def _names_like(path: Path) -> Iterator[Path]:
    yield path
    for number in range(2, _MOST_NAMES + 1):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")
