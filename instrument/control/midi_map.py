"""Which control rides which parameter. Pure; the files are in `map_files`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from instrument.control.events import ControlEvent

KINDS: dict[str, str] = {"control": "CC", "note": "note"}
"""Kinds of control, and what stands on a badge for them."""


@dataclass(frozen=True, slots=True, order=True)
class Binding:
    """One control of one device: `channel` 0 to 15, `number` 0 to 127."""

    device: str
    kind: str
    channel: int
    number: int

    @classmethod
    def of(cls, event: ControlEvent) -> "Binding":
        """The control that `event` moved."""
        return cls(event.device, event.kind, event.channel, event.number)

    def text(self) -> str:
        """A badge for it; the channel as printed on devices, and only where it is not the first.

        >>> Binding("nanoKONTROL2", "control", 0, 16).text()
        'CC 16'
        >>> Binding("nanoPAD", "note", 9, 36).text()
        'note 36 ch 10'
        """
        channel = f" ch {self.channel + 1}" if self.channel else ""
        return f"{KINDS.get(self.kind, self.kind)} {self.number}{channel}"


@dataclass(frozen=True, slots=True)
class MidiMap:
    """Parameter name by control. One control rides one parameter; a parameter may have several controls.

    Immutable: changes return a new map. Names are not checked here, so that a map outlives a checkpoint.
    """

    entries: Mapping[Binding, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", MappingProxyType(dict(self.entries)))

    def bind(self, binding: Binding, parameter: str) -> "MidiMap":
        """With `binding` on `parameter`, wherever it was before."""
        return MidiMap({**self.entries, binding: parameter})

    def unbind(self, binding: Binding) -> "MidiMap":
        """Without `binding`; the same if it was not bound."""
        return MidiMap({other: name for other, name in self.entries.items() if other != binding})

    def lookup(self, binding: Binding) -> str | None:
        """The parameter that `binding` rides, or None."""
        return self.entries.get(binding)

    def bindings_of(self, parameter: str) -> tuple[Binding, ...]:
        """The controls on `parameter`, in a fixed order."""
        return tuple(sorted(binding for binding, name in self.entries.items() if name == parameter))

    def only(self, device: str) -> "MidiMap":
        """The part of it that belongs to `device`."""
        return MidiMap({binding: name for binding, name in self.entries.items() if binding.device == device})

    def joined(self, other: "MidiMap") -> "MidiMap":
        """Both together; `other` wins."""
        return MidiMap({**self.entries, **other.entries})
