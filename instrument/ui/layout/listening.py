"""The places of what is heard: scopes, the level, the rhythm. Pure."""

from dataclasses import dataclass

from instrument.features.vector import DESCRIPTORS
from instrument.ui.draw.theme import GAP_PX, PAD_PX
from instrument.ui.layout.rect import Rect
from instrument.ui.layout.scaling import px

RHYTHM_PX = 226
METER_PX = 78
ROWS = 4


@dataclass(frozen=True, slots=True)
class RhythmPlan:
    """Tempo and onset, the bar, the buttons of the tempo, drop and sound check."""

    tempo: Rect
    onset: Rect
    bar: Rect
    tap: Rect
    halve: Rect
    double: Rect
    drop: Rect
    sound_check: Rect


@dataclass(frozen=True, slots=True)
class ListeningPlan:
    """The panel with its parts from left to right."""

    panel: Rect
    scopes: tuple[Rect, ...]
    meter: Rect
    rhythm: RhythmPlan


def listening_plan(panel: Rect, scale: float) -> ListeningPlan:
    """Share the panel out."""
    inner = panel.inset(px(PAD_PX, scale), px(PAD_PX * 0.75, scale))
    gap = px(GAP_PX + 4, scale)
    rhythm, rest = inner.from_right(px(RHYTHM_PX, scale), gap)
    meter, traces = rest.from_right(px(METER_PX, scale), gap)
    return ListeningPlan(panel, traces.columns(len(DESCRIPTORS), gap), meter, _rhythm(rhythm, scale))


def _rhythm(room: Rect, scale: float) -> RhythmPlan:
    gap = px(6, scale)
    heading, bar, buttons, last = room.middle(room.width, min(room.height, px(172, scale))).rows(ROWS, gap)
    onset, tempo = heading.from_right(px(84, scale), gap)
    tap, rest = buttons.from_left(round(0.5 * buttons.width), gap)
    halve, double = rest.columns(2, gap)
    drop, check = last.from_left(round(0.5 * last.width), gap)
    return RhythmPlan(tempo, onset, bar, tap, halve, double, drop, check)
