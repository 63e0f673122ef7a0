"""A look: the artistic parameters of one moment, under a name, perhaps on a pad; JSON on disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from instrument.disk.documents import DocumentKind, finite, label
from instrument.errors import PresetError

PADS = range(1, 9)
"""Numbers of the pads, as printed on the surface."""

LOOK_FILE = DocumentKind("latent-instrument look", 1, PresetError)


@dataclass(frozen=True, slots=True)
class Look:
    """Values by parameter name. `pad` is None for a look that is kept without a place to play it from.

    Raises
    ------
    PresetError
        If the name cannot be shown on one line, the pad does not exist or a value is not a finite number.
    """

    name: str
    pad: int | None
    values: Mapping[str, float]

    def __post_init__(self) -> None:
        if label(self.name) is None:
            raise PresetError(f"{self.name!r} is not a name for a look: one line of text")
        if self.pad is not None and self.pad not in PADS:
            raise PresetError(f"there is no pad {self.pad!r}; there are {PADS[0]} to {PADS[-1]}")
        for parameter, value in self.values.items():
            if finite(value) is None:
                raise PresetError(f"the look {self.name!r} has no number for {parameter!r}")
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))


def load_look(path: Path) -> Look:
    """Read a look. Raises PresetError in one line for a file that is broken, foreign or from the future."""
    fields = LOOK_FILE.read(path)
    name, pad, values = label(fields.get("name")), fields.get("pad"), fields.get("values")
    if name is None:
        raise PresetError(f"{path.name} has no name")
    if pad is not None and (not isinstance(pad, int) or isinstance(pad, bool) or pad not in PADS):
        raise PresetError(f"{path.name} has a pad that is not {PADS[0]} to {PADS[-1]} or null")
    if not isinstance(values, dict):
        raise PresetError(f"{path.name} has no values")
    return Look(name, pad, {parameter: _number(parameter, value, path) for parameter, value in values.items()})


def save_look(look: Look, path: Path) -> None:
    """Write a look; every value comes back as the same float. Raises PresetError."""
    LOOK_FILE.write(path, {"name": look.name, "pad": look.pad, "values": dict(look.values)})


def _number(parameter: str, value: object, path: Path) -> float:
    number = finite(value)
    if number is None or label(parameter) is None:
        raise PresetError(f"{path.name} has no number for {parameter!r}")
    return number
