"""JSON files that people make: a header that says what they are, versions, and writes that lose nothing."""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from instrument.disk.atomic import write_atomic
from instrument.errors import InstrumentError

Fields = dict[str, object]
"""What stands in a document, as JSON gives it."""

RESERVED_STEM = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])")
"""Names Windows keeps for devices, whatever extension follows."""

STEM_LENGTH = 48


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of file: its `format` line, the version written today, and the error its troubles are raised as.

    ``migrations[v]`` turns the fields of version ``v`` into those of version ``v + 1``.
    """

    format: str
    version: int
    error: type[InstrumentError]
    migrations: Mapping[int, Callable[[Fields], Fields]] = field(default_factory=dict)

    def read(self, path: Path) -> Fields:
        """The fields of a file, brought to today's version.

        Raises
        ------
        InstrumentError
            Of this kind, in one line: unreadable, not JSON, another format, or from a newer instrument.
        """
        try:
            document = json.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise self.error(f"{path.name} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise self.error(f"{path.name} is not JSON") from error
        if not isinstance(document, dict) or document.get("format") != self.format:
            raise self.error(f"{path.name} is not a file of the format {self.format!r}")
        return self.upgraded(document, path.name)

    def upgraded(self, document: Fields, name: str) -> Fields:
        """`document` brought to today's version; `name` is for the message. Pure.

        Raises
        ------
        InstrumentError
            Of this kind: a version that is none, from the future, or that nothing leads on from.
        """
        version = document.get("version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise self.error(f"{name} has no version")
        if version > self.version:
            raise self.error(f"{name} has version {version}; this instrument reads up to {self.version}: update it")
        for past in range(version, self.version):
            if past not in self.migrations:
                raise self.error(f"{name} has version {version}, which can no longer be read")
            document = {**self.migrations[past](dict(document)), "version": past + 1}
        return document

    def write(self, path: Path, fields: Fields) -> None:
        """Write `fields` under this kind's header: a reader finds the old file or the new one, never a half.

        Makes the folder. Blocks until the disk has it. Raises this kind's error in one line.
        """
        text = json.dumps({"format": self.format, "version": self.version, **fields}, indent=2, ensure_ascii=False)
        try:
            write_atomic(path, f"{text}\n".encode())
        except OSError as error:
            raise self.error(f"{path.name} cannot be written: {error.strerror}") from error


def file_stem(name: str) -> str:
    """A file name without extension that any system takes, made from a name people gave.

    Different names may give one stem; the caller keeps them apart.

    >>> file_stem("Deep Water / 2")
    'deep-water-2'
    >>> file_stem("CON")
    'con-'
    >>> file_stem("海")
    'unnamed'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain)[:STEM_LENGTH].strip("-") or "unnamed"
    return f"{stem}-" if RESERVED_STEM.fullmatch(stem) else stem


def finite(value: object) -> float | None:
    """`value` as a float, or None if it is not a finite number (JSON's true and false are none).

    >>> finite(3)
    3.0
    >>> finite(True) is finite("3") is finite(10**400) is None
    True
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def label(value: object) -> str | None:
    """`value` if it is a name people can read on one line, else None.

    >>> label("Ember")
    'Ember'
    >>> label(" ") is label("two\\nlines") is label(7) is None
    True
    """
    return value if isinstance(value, str) and value.strip() and value.isprintable() else None
