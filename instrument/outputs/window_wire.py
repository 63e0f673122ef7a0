"""What the window's process says to the show: one JSON object a line, over its output.

To the process go lines too: the name of the memory that the pictures are in, and an empty line for each new picture.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from instrument.outputs.displays import Display

CHILD_MODULE = "instrument.outputs.window_child"


@dataclass(frozen=True, slots=True)
class WindowMessage:
    """One thing the process says; which fields count depends on `kind`.

    ``displays``: those there are now. ``ready``: the window waits for pictures, or is back; on which display.
    ``lost``: that went away, and it waits for it. ``left``: somebody closed it. ``error``: it cannot be opened.
    ``ended``: our own, its output is at the end. `text` is one line for people.
    """

    kind: str
    text: str = ""
    displays: tuple[Display, ...] = field(default=())

    def to_line(self) -> bytes:
        """As a line of its own, even where a library left one unfinished."""
        return f"\n{json.dumps(asdict(self))}\n".encode("ascii")

    @classmethod
    def from_line(cls, line: bytes) -> "WindowMessage | None":
        """The message in `line`, or None if it is a library's chatter."""
        if not line.startswith(b'{"kind":'):
            return None
        row = json.loads(line)
        return cls(row["kind"], row["text"], tuple(Display(**display) for display in row["displays"]))


def show_arguments(wanted: str, width_px: int, height_px: int) -> Sequence[str]:
    """How the process is started that shows pictures of about this size on the display `wanted`."""
    return ["show", wanted, str(width_px), str(height_px)]
