"""The current value of every parameter, and who last changed it."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from instrument.params.spec import ParamSpec
from instrument.params.table import ParamTable


@dataclass(frozen=True, slots=True)
class Change:
    """One accepted change: the parameter, its new value, who sent it, and the store's version after it."""

    name: str
    value: float
    sender: str
    version: int


class ParamStore:
    """Values by name. Every method may be called from any thread; none blocks longer than a dictionary access.

    Readers take a `snapshot`; writers give their name as `sender`, so that a surface can tell its own
    echo from a hand on a knob.
    """

    def __init__(self, table: ParamTable) -> None:
        self._lock = threading.Lock()
        self._table = table
        self._values = {name: spec.default for name, spec in table.items()}
        self._last: dict[str, Change] = {}
        self._version = 0

    @property
    def table(self) -> ParamTable:
        """The rows this store holds values of."""
        return self._table

    def adopt(self, table: ParamTable) -> None:
        """Go on with the rows of another checkpoint: common ones keep their values, new ones take their defaults.

        Rows that are gone keep a value that nothing shows, for readers who still hold the old table.
        """
        with self._lock:
            for name, spec in table.items():
                self._values[name] = spec.constrain(self._values.get(name, spec.default))
            self._table = table
            self._version += 1

    @property
    def version(self) -> int:
        """Grows with every change: equal versions mean equal values."""
        return self._version

    def get(self, name: str) -> float:
        """Value of `name`. Raises ParameterError for an unknown one."""
        self._table[name]
        return self._values[name]

    def spec(self, name: str) -> ParamSpec:
        """Row of `name`. Raises ParameterError for an unknown one."""
        return self._table[name]

    def set(self, name: str, value: float, sender: str) -> float:
        """Set `name` to the nearest playable `value` and return that. Raises ParameterError."""
        accepted = self._table[name].constrain(value)
        with self._lock:
            self._accept(name, accepted, sender)
        return accepted

    def set_normalized(self, name: str, position: float, sender: str) -> float:
        """Set `name` from a control position in ``[0, 1]`` and return the value."""
        return self.set(name, self._table[name].value_of(position), sender)

    def update(self, values: Mapping[str, float], sender: str) -> None:
        """Set several at once: a snapshot sees all of them or none. Raises ParameterError, changing nothing."""
        accepted = {name: self._table[name].constrain(value) for name, value in values.items()}
        with self._lock:
            for name, value in accepted.items():
                self._accept(name, value, sender)

    def reset(self, name: str, sender: str) -> float:
        """Set `name` to its default."""
        return self.set(name, self._table[name].default, sender)

    def snapshot(self) -> dict[str, float]:
        """All values at one moment, as the caller's own copy."""
        with self._lock:
            return dict(self._values)

    def persisted(self) -> dict[str, float]:
        """The values a look remembers, in table order."""
        table, values = self._table, self.snapshot()
        return {name: values[name] for name, spec in table.items() if spec.persisted}

    def changes_since(self, version: int) -> Iterator[Change]:
        """The last change of each parameter that changed after `version`, oldest first."""
        with self._lock:
            recent = [change for change in self._last.values() if change.version > version]
        return iter(sorted(recent, key=lambda change: change.version))

    def _accept(self, name: str, value: float, sender: str) -> None:
        self._version += 1
        self._values[name] = value
        self._last[name] = Change(name, value, sender, self._version)
