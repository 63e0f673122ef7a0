"""What parent and audio child say to each other: one JSON object a line, over the child's input and output."""

import json
from dataclasses import asdict, dataclass

from instrument.audio.devices import Direction


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """What the child is to open.

    `device` is part of a name, empty for the default. `channels` count from 1; empty takes the first two (or the
    only one). `sample_rate` 0 takes the device's own.
    """

    direction: Direction
    device: str
    block_size: int
    channels: tuple[int, ...] = ()
    sample_rate: int = 0

    def to_json(self) -> str:
        """As one line."""
        return json.dumps({**asdict(self), "direction": self.direction.value})

    @classmethod
    def from_json(cls, text: str) -> "StreamRequest":
        """Inverse of `to_json`."""
        row = json.loads(text)
        row["direction"] = Direction(row["direction"])
        row["channels"] = tuple(row["channels"])
        return cls(**row)


@dataclass(frozen=True, slots=True)
class ChildMessage:
    """One thing the child says; which fields count depends on `kind`.

    ``device``: found it, `name` is its label, `channels` and `sample_rate` are what the ring must hold. ``playing``:
    the stream runs. ``error``: it could not be opened. ``lost``: it was, and went away. ``again``: it is worth
    opening anew, though nothing is known to be wrong. `text` is one line for people.
    """

    kind: str
    text: str = ""
    name: str = ""
    channels: int = 0
    sample_rate: int = 0

    def to_line(self) -> bytes:
        """As a line of its own, even where a library left one unfinished."""
        return f"\n{json.dumps(asdict(self))}\n".encode("ascii")

    @classmethod
    def from_line(cls, line: bytes) -> "ChildMessage | None":
        """The message in `line`, or None if it is a sound library's chatter."""
        if not line.startswith(b'{"kind":'):
            return None
        return cls(**json.loads(line))
