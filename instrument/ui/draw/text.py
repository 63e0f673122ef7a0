"""How wide a text will be, read from the font's own tables, so that nothing is drawn past its box.

Dear PyGui takes a size as the distance from ascent to descent (as Dear ImGui does), not as the em; a width is
advance / (ascent - descent) * size. Table layouts: OpenType specification 1.9, `cmap`, `hhea` and `hmtx`.
"""

import math
import struct
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ELLIPSIS = "…"
FONT_FOLDER = Path(__file__).resolve().parent.parent / "fonts"
MEDIUM = FONT_FOLDER / "Manrope-Medium.ttf"
BOLD = FONT_FOLDER / "Manrope-Bold.ttf"


class FontMetrics:
    """Advances of one TrueType file with a format 4 character map."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        tables = _tables(data)
        ascent, descent = struct.unpack_from(">hh", data, tables["hhea"] + 4)
        (metrics,) = struct.unpack_from(">H", data, tables["hhea"] + 34)
        advances = [struct.unpack_from(">H", data, tables["hmtx"] + 4 * glyph)[0] for glyph in range(metrics)]
        height = ascent - descent
        self._advances: dict[int, float] = {
            character: advances[min(glyph, metrics - 1)] / height
            for character, glyph in _character_map(data, tables["cmap"]).items()
        }
        self._missing = self._advances[ord("?")]

    def has(self, character: str) -> bool:
        """Whether the font can draw it; Dear PyGui shows a question mark otherwise."""
        return ord(character) in self._advances

    def width_px(self, text: str, size_px: float) -> float:
        """Width of one line of `text` at `size_px`."""
        return size_px * math.fsum(self._advances.get(ord(character), self._missing) for character in text)


@cache
def metrics(bold: bool) -> FontMetrics:
    """The metrics of the surface's font, read once."""
    return FontMetrics(BOLD if bold else MEDIUM)


def width_px(text: str, size_px: float, bold: bool = False) -> float:
    """Width of `text` in the surface's font."""
    return metrics(bold).width_px(text, size_px)


def elide(text: str, size_px: float, room_px: float, bold: bool = False) -> str:
    """`text`, or as much of its beginning as fits into `room_px` with an ellipsis behind; empty if not even that.

    >>> elide("short", 20.0, 200.0)
    'short'
    >>> elide("a rather long name of a song.flac", 20.0, 120.0)
    'a rather long na…'
    """
    if width_px(text, size_px, bold) <= room_px:
        return text
    fitting = ""
    for end in range(len(text) + 1):
        candidate = text[:end].rstrip() + ELLIPSIS
        if width_px(candidate, size_px, bold) > room_px:
            return fitting
        fitting = candidate
    return fitting


def wrap(text: str, size_px: float, room_px: float, lines: int, bold: bool = False) -> tuple[str, ...]:
    """`text` broken between words into at most `lines`, the last one cut with an ellipsis if need be.

    >>> wrap("a held sound still breathes", 20.0, 120.0, 2)
    ('a held sound still', 'breathes')
    """
    words = text.split()
    broken: list[str] = []
    while words and len(broken) < lines - 1:
        count = 1
        while count < len(words) and width_px(" ".join(words[: count + 1]), size_px, bold) <= room_px:
            count += 1
        broken.append(elide(" ".join(words[:count]), size_px, room_px, bold))
        words = words[count:]
    return (*broken, elide(" ".join(words), size_px, room_px, bold)) if words else tuple(broken)


def _tables(data: bytes) -> Mapping[str, int]:
    (count,) = struct.unpack_from(">H", data, 4)
    records = (struct.unpack_from(">4sIII", data, 12 + 16 * index) for index in range(count))
    return {tag.decode("ascii"): offset for tag, _checksum, offset, _length in records}


def _character_map(data: bytes, cmap: int) -> dict[int, int]:
    """Glyph index by code point, from the first format 4 subtable."""
    (count,) = struct.unpack_from(">H", data, cmap + 2)
    offsets = [struct.unpack_from(">I", data, cmap + 8 + 8 * index)[0] for index in range(count)]
    start = next(cmap + offset for offset in offsets if struct.unpack_from(">H", data, cmap + offset)[0] == 4)
    (double,) = struct.unpack_from(">H", data, start + 6)
    segments = double // 2
    glyphs: dict[int, int] = {}
    for segment in range(segments):
        at = start + 14 + 2 * segment
        (last,) = struct.unpack_from(">H", data, at)
        (first,) = struct.unpack_from(">H", data, at + double + 2)
        (delta,) = struct.unpack_from(">h", data, at + 2 * double + 2)
        range_at = at + 3 * double + 2
        (range_offset,) = struct.unpack_from(">H", data, range_at)
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code if range_offset == 0 else _glyph(data, range_at + range_offset + 2 * (code - first))
            if glyph:
                glyphs[code] = (glyph + delta) & 0xFFFF
    return glyphs


def _glyph(data: bytes, offset: int) -> int:
    return int(struct.unpack_from(">H", data, offset)[0])
