"""How the controls of the parameter table are spread over lines and pages. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from instrument.params.spec import ParamSpec
from instrument.params.table import ParamTable

MOOD_GROUP = "mood"
"""The rows that get faders; every other group gets knobs and switches."""


@dataclass(frozen=True, slots=True)
class Section:
    """Neighbours of one group under one title."""

    title: str
    specs: tuple[ParamSpec, ...]


@dataclass(slots=True)
class Line:
    """Sections side by side on a line of so many cells."""

    cells: int
    sections: list[Section] = field(default_factory=list)

    def free(self) -> int:
        """Cells that are left."""
        return self.cells - sum(len(section.specs) for section in self.sections)


def sections_of(table: ParamTable) -> tuple[Section, ...]:
    """One section a group, in table order, without the moods."""
    groups = dict.fromkeys(spec.group for spec in table.values())
    return tuple(Section(group.capitalize(), table.group(group)) for group in groups if group != MOOD_GROUP)


def flow(sections: Sequence[Section], cells: int) -> tuple[Line, ...]:
    """Lines of `cells` cells: each section stands on the first line with room for all of it.

    A section longer than a line is cut, its title repeated.
    """
    lines: list[Line] = []
    for section in sections:
        for start in range(0, len(section.specs), cells):
            piece = Section(section.title, section.specs[start : start + cells])
            line = next((line for line in lines if line.free() >= len(piece.specs)), None)
            if line is None:
                line = Line(cells)
                lines.append(line)
            line.sections.append(piece)
    return tuple(lines)
