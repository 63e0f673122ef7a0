"""MIDI learn: the next control that clearly moves gets the parameter. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from instrument.control.events import ControlEvent
from instrument.control.midi_map import Binding

CLEAR_MOVE = 2.5 / 127.0
"""Travel that is a hand's: three of a controller's steps; a worn knob flickers by one."""


@dataclass(frozen=True, slots=True)
class Learned:
    """The outcome: `binding` is to ride `parameter`."""

    parameter: str
    binding: Binding


@dataclass(frozen=True, slots=True)
class LearnState:
    """Waiting for a hand, or not (`parameter` is None).

    `rest` is where the controls were known to stand when it began; the first word of any other is taken as its rest.
    """

    parameter: str | None = None
    rest: Mapping[Binding, float] = field(default_factory=dict)

    def arm(self, parameter: str, known: Mapping[Binding, float]) -> "LearnState":
        """Wait for a control for `parameter`, whatever was waited for before."""
        return LearnState(parameter, dict(known))

    def cancel(self) -> "LearnState":
        """Wait no more."""
        return LearnState()

    def hear(self, event: ControlEvent) -> tuple["LearnState", Learned | None]:
        """The state after `event`, and the outcome if it was a clear move of a control or a press of a note."""
        if self.parameter is None:
            return self, None
        binding = Binding.of(event)
        if event.kind == "note":
            moved = event.position > 0.0
        else:
            moved = abs(event.position - self.rest.get(binding, event.position)) >= CLEAR_MOVE
        if moved:
            return LearnState(), Learned(self.parameter, binding)
        if event.kind == "note" or binding in self.rest:
            return self, None
        return replace(self, rest={**self.rest, binding: event.position}), None
