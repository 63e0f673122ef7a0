"""What was done to looks, so that it can be taken back."""

import contextlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from instrument.disk.atomic import write_atomic
from instrument.errors import PresetError

DEPTH = 20


@dataclass(frozen=True, slots=True)
class Step:
    """The state before something was done: files (None: there was none), values (None: untouched), and the look."""

    what: str
    files: Mapping[Path, bytes | None]
    current: int | None
    recalled: Mapping[str, float]
    values: Mapping[str, float] | None = None

    def restore(self) -> None:
        """Bring the files back. Raises PresetError."""
        for path, data in self.files.items():
            try:
                if data is None:
                    path.unlink(missing_ok=True)
                else:
                    write_atomic(path, data)
            except OSError as error:
                raise PresetError(f"{path.name} cannot be brought back: {error.strerror}") from error


class History:
    """The last steps. One owner thread."""

    def __init__(self) -> None:
        self._steps: deque[Step] = deque(maxlen=DEPTH)

    def push(self, step: Step) -> None:
        """Something was done."""
        self._steps.append(step)

    def pop(self) -> Step:
        """The newest step. Raises PresetError if there is none."""
        if not self._steps:
            raise PresetError("nothing to undo")
        return self._steps.pop()


def contents(path: Path) -> bytes | None:
    """What stands in a file; None if there is none."""
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return None
