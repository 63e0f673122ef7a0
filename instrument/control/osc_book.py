"""What stands behind each OSC address: all derived from the parameter table, and from the table of acts. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from instrument.control.acts import Act
from instrument.errors import ControlError
from instrument.params.spec import Kind, ParamSpec
from instrument.params.table import ParamTable

Said = tuple[str, tuple[float | str, ...]]
"""A message to send: its address and its arguments."""

NORMALIZED = "/normalized"
"""After the address of a value: the same as a control's travel, 0 to 1."""
RECALL = "/look/recall"
QUERY = "/query"
SUBSCRIBE = "/subscribe"
ACTS: Mapping[str, Act] = {act.address: act for act in Act}
HELP: Mapping[str, str] = {
    **{address: act.help for address, act in ACTS.items()},
    RECALL: "Recall the look on a pad, by its number or its name.",
    QUERY: "Answers with every address, its value and its range.",
    SUBSCRIBE: "Tells every value now, and every change from now on; with a number, to that port of the sender's.",
}
"""What is not a parameter."""
WILD = frozenset("*?[")
LONGEST_PATTERN = 100


@dataclass(frozen=True, slots=True)
class Place:
    """What an address moves: a parameter, by its value or by its control's travel."""

    spec: ParamSpec
    normalized: bool = False

    def value_of(self, arguments: Sequence[object]) -> float:
        """The nearest playable value to what a message says. Raises ControlError for what is not one number.

        >>> Place(ParamSpec("x", "X", "g", 0.0, -2.0, 2.0, "")).value_of([7])
        2.0
        >>> Place(ParamSpec("x", "X", "g", 0.0, -2.0, 2.0, ""), normalized=True).value_of([0.25])
        -1.0
        """
        number = number_of(arguments)
        return self.spec.value_of(number) if self.normalized else self.spec.constrain(number)


class AddressBook:
    """The addresses of one table. Immutable."""

    def __init__(self, table: ParamTable) -> None:
        self.table = table
        self._places: dict[str, Place] = {}
        for spec in table.values():
            self._places[spec.address] = Place(spec)
            self._places[spec.address + NORMALIZED] = Place(spec, normalized=True)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Everything that moves a parameter."""
        return tuple(self._places)

    def places(self, pattern: str) -> tuple[Place, ...]:
        """What an address moves, or one with OSC's ``*``, ``?`` and ``[...]`` in its parts; empty if nothing."""
        place = self._places.get(pattern)
        if place is not None:
            return (place,)
        if len(pattern) > LONGEST_PATTERN or WILD.isdisjoint(pattern):
            return ()
        parts = pattern.split("/")
        return tuple(place for address, place in self._places.items() if _fits(address.split("/"), parts))


def number_of(arguments: Sequence[object]) -> float:
    """The one number that a message says; true is 1. Raises ControlError for anything else.

    >>> number_of([True])
    1.0
    """
    if len(arguments) == 1 and isinstance(arguments[0], bool | int | float):
        number = float(arguments[0])
        if math.isfinite(number):
            return number
    raise ControlError("it wants one number")


def is_press(arguments: Sequence[object]) -> bool:
    """Whether a message to an act means it: buttons say 1, and 0 as they are released. Raises ControlError."""
    return not arguments or number_of(arguments) > 0.0


def listing(table: ParamTable, values: Mapping[str, float]) -> list[Said]:
    """The answer to a query: for each row address, value, minimum, maximum, unit and label; for the rest its help."""
    rows: list[Said] = [
        (QUERY, (spec.address, values[name], spec.minimum, spec.maximum, spec.unit, spec.label))
        for name, spec in table.items()
    ]
    return rows + [(QUERY, row) for row in HELP.items()]


def text_lines(table: ParamTable) -> list[str]:
    """All addresses as a person reads them."""
    rows = [(spec.address, f"{_range(spec)}: {spec.help}") for spec in table.values()]
    return [f"{address:32} {text}" for address, text in (*rows, *HELP.items())]


def told(spec: ParamSpec, value: float) -> list[Said]:
    """What a subscriber hears of one value, at both of its addresses."""
    return [(spec.address, (value,)), (spec.address + NORMALIZED, (spec.normalized_of(value),))]


def _range(spec: ParamSpec) -> str:
    if spec.kind is Kind.SWITCH:
        return f"{spec.minimum:g} or {spec.maximum:g}"
    return f"{spec.minimum:g} to {spec.maximum:g} {spec.unit}".rstrip()


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    return len(parts) == len(pattern) and all(map(fnmatchcase, parts, pattern))
