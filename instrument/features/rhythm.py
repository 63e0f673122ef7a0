"""What is known of the rhythm: the beat with its next ones, the newest onset, and whether a drop is in the air."""

from dataclasses import dataclass
from enum import Enum

BEATS_IN_BAR = 4


@dataclass(frozen=True, slots=True)
class BeatState:
    """The beat as it is believed now. Times are seconds of the capture clock.

    `tempo_bpm` is 0 while none is known; `confidence` runs from 0 to 1. `anchor_s` is the time of one beat and
    `anchor_bar` its place in the bar, 0 to `BEATS_IN_BAR` - 1: with the tempo they give the phase at any moment.
    `next_beats_s` are the announced beats, soonest first. `by_hand` says that the tempo was tapped or corrected.
    `jumps` counts how often the beat was moved by more than a nudge since the start.
    """

    tempo_bpm: float = 0.0
    confidence: float = 0.0
    anchor_s: float = 0.0
    anchor_bar: int = 0
    next_beats_s: tuple[float, ...] = ()
    by_hand: bool = False
    jumps: int = 0

    @property
    def period_s(self) -> float:
        """Seconds between two beats; 0 while no tempo is known."""
        return 60.0 / self.tempo_bpm if self.tempo_bpm > 0.0 else 0.0

    def position(self, now_s: float) -> float:
        """Beats since the bar began, ``[0, BEATS_IN_BAR)``: its fraction is the phase. 0 while no tempo is known.

        >>> BeatState(tempo_bpm=120.0, anchor_s=10.0, anchor_bar=3).position(10.75)
        0.5
        """
        if self.tempo_bpm <= 0.0:
            return 0.0
        return (self.anchor_bar + (now_s - self.anchor_s) / self.period_s) % BEATS_IN_BAR


@dataclass(frozen=True, slots=True)
class Onset:
    """An attack: when it was captured, and how strong it was, 0 to 1."""

    time_s: float
    strength: float


class DropState(Enum):
    """Whether a build-up was heard (armed: it waits for the bass), and whether the bass has just come back."""

    OFF = "off"
    WATCHING = "watching"
    ARMED = "armed"
    FIRED = "fired"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """All of it at one moment."""

    beat: BeatState = BeatState()
    onset: Onset | None = None
    drop: DropState = DropState.WATCHING


NO_RHYTHM = Rhythm()
"""Before anything was heard."""
