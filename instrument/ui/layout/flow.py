"""How the controls of the parameter table are spread over lines and pages. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from instrument.params.spec import ParamSpec
from instrument.params.table import ParamTable

MOOD_GROUP = "mood"
"""The rows that get faders in the panel of the moods."""
MIX_GROUP = "mapping"
"""The rows that say how much the sound decides: they stand in the panel of the moods too, while there is room."""
MIX_ROOM = 1
BALANCE_STEPS = 10


@dataclass(frozen=True, slots=True)
class Section:
    """Neighbours of one group under one title; `widths_px` are those that the controls want at scale 1."""

    title: str
    specs: tuple[ParamSpec, ...]
    widths_px: tuple[float, ...]


@dataclass(slots=True)
class Line:
    """Sections side by side, `gap_px` apart, in `room_px`."""

    room_px: float
    gap_px: float
    sections: list[Section] = field(default_factory=list)

    @property
    def wanted_px(self) -> float:
        """What its sections want, with the gaps between them."""
        return sum(sum(section.widths_px) for section in self.sections) + self.gap_px * (len(self.sections) - 1)

    def fits(self, width_px: float) -> bool:
        """Whether a section of that width can be added."""
        return not self.sections or self.wanted_px + self.gap_px + width_px <= self.room_px


def mixing(table: ParamTable) -> tuple[ParamSpec, ...]:
    """The rows that the panel of the moods takes beside the moods."""
    return table.group(MIX_GROUP)[:MIX_ROOM]


def knob_groups(table: ParamTable) -> tuple[tuple[str, tuple[ParamSpec, ...]], ...]:
    """Title and rows of each group that gets knobs and switches, in table order."""
    taken = {spec.name for spec in (*table.group(MOOD_GROUP), *mixing(table))}
    groups = dict.fromkeys(spec.group for spec in table.values())
    rows = ((group, tuple(spec for spec in table.group(group) if spec.name not in taken)) for group in groups)
    return tuple((group.capitalize(), specs) for group, specs in rows if specs)


def flow(sections: Sequence[Section], room_px: float, gap_px: float) -> tuple[Line, ...]:
    """Lines of `room_px`: whole sections where that takes no more lines than cutting them would.

    A section that is cut repeats its title.
    """
    whole = _fill(sections, room_px, gap_px, cut=False)
    cut = _fill(sections, room_px, gap_px, cut=True)
    return whole if len(whole) <= len(cut) else cut


def balanced(sections: Sequence[Section], room_px: float, gap_px: float) -> tuple[Line, ...]:
    """As `flow`, in no more lines, but lines as even as whole sections make them: none is left nearly empty."""
    best = flow(sections, room_px, gap_px)
    # As many steps as narrow the room down to a pixel or two on the largest screen.
    low, high = room_px / 2.0, room_px
    for _ in range(BALANCE_STEPS):
        middle = 0.5 * (low + high)
        tried = flow(sections, middle, gap_px)
        if len(tried) <= len(best) and all(line.wanted_px <= room_px for line in tried):
            best, high = tried, middle
        else:
            low = middle
    return best


def _fill(sections: Sequence[Section], room_px: float, gap_px: float, cut: bool) -> tuple[Line, ...]:
    lines = [Line(room_px, gap_px)]
    for section in sections:
        if not cut and sum(section.widths_px) <= room_px:
            line = next((line for line in lines if line.fits(sum(section.widths_px))), None)
            if line is None:
                lines.append(line := Line(room_px, gap_px))
            line.sections.append(section)
            continue
        start = 0
        while start < len(section.specs):
            count = _fitting(lines[-1], section.widths_px[start:])
            if count == 0:
                lines.append(Line(room_px, gap_px))
                continue
            end = start + count
            lines[-1].sections.append(Section(section.title, section.specs[start:end], section.widths_px[start:end]))
            start = end
    return tuple(line for line in lines if line.sections)


def _fitting(line: Line, widths_px: Sequence[float]) -> int:
    """How many of these the line still takes; an empty one takes one at least."""
    count = 0
    while count < len(widths_px) and line.fits(sum(widths_px[: count + 1])):
        count += 1
    return count if line.sections else max(1, min(count, _alone(line.room_px, widths_px)))


def _alone(room_px: float, widths_px: Sequence[float]) -> int:
    count = 0
    while count < len(widths_px) and sum(widths_px[: count + 1]) <= room_px:
        count += 1
    return max(1, count)
