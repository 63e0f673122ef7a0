"""Which displays this machine has, choosing one, and where a picture goes on it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from instrument.errors import OutputError, candidates

WINDOW_SHARE = 0.8
"""A window that does not fill its display takes this much of it at most."""


@dataclass(frozen=True, slots=True)
class Display:
    """A screen: `name` is its own among all, the size is in pixels."""

    name: str
    width_px: int
    height_px: int

    @property
    def size(self) -> str:
        """The size in words."""
        return f"{self.width_px} x {self.height_px}"


def own_names(names: Sequence[str]) -> list[str]:
    """The same names, told apart by a number where several displays share one.

    >>> own_names(["Generic PnP Monitor", "DP-1", "Generic PnP Monitor"])
    ['Generic PnP Monitor (1)', 'DP-1', 'Generic PnP Monitor (2)']
    """
    shared, seen, told = Counter(names), Counter[str](), []
    for name in names:
        seen[name] += 1
        told.append(f"{name} ({seen[name]})" if shared[name] > 1 else name)
    return told


def pick_display(displays: Sequence[Display], wanted: str) -> Display | None:
    """The display that `wanted` names: its number from 1, its name, or a part that only one has; the first is the main.

    An empty `wanted` is the second display; None, a plain window, where there is only one. Raises OutputError,
    candidates listed.
    """
    if not wanted:
        return displays[1] if len(displays) > 1 else None
    if re.fullmatch("[0-9]+", wanted):
        found = [display for number, display in enumerate(displays, 1) if number == int(wanted)]
    else:
        exact = [display for display in displays if display.name.casefold() == wanted.casefold()]
        found = exact or [display for display in displays if wanted.casefold() in display.name.casefold()]
    if len(found) > 1:
        raise OutputError(f"{wanted!r} is part of several displays: {candidates(row.name for row in found)}")
    if not found:
        rows = (f"{number} {row.name}, {row.size}" for number, row in enumerate(displays, 1))
        raise OutputError(f"there is no display {wanted!r}; there are: {'; '.join(rows) or 'none'}")
    return found[0]


def fit_within(width: int, height: int, room_width: int, room_height: int) -> tuple[int, int, int, int]:
    """Left, bottom, width and height of a picture as large as the room allows, in its own shape, in the middle.

    >>> fit_within(256, 256, 1280, 800)
    (240, 0, 800, 800)
    """
    scale = min(room_width / width, room_height / height)
    wide, high = round(width * scale), round(height * scale)
    return (room_width - wide) // 2, (room_height - high) // 2, wide, high


def window_size(width: int, height: int, display: Display) -> tuple[int, int]:
    """Of a plain window: the picture a whole number of times as large, or smaller where even once is too large.

    >>> window_size(256, 256, Display("screen", 1280, 800))
    (512, 512)
    """
    scale = WINDOW_SHARE * min(display.width_px / width, display.height_px / height)
    scale = float(int(scale)) if scale >= 1.0 else scale
    return max(round(width * scale), 1), max(round(height * scale), 1)
