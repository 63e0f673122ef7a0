"""What the engine shows of itself: immutable pictures of the moment, for the surface and the status line."""

from dataclasses import dataclass, field
from enum import Enum

from instrument.features.rhythm import Rhythm
from instrument.features.vector import FeatureVector, NormalizedFeatures
from instrument.mapping.teaching import TeachingState
from instrument.outputs.sink import Frame


class Lamp(Enum):
    """State of a part, as a lamp shows it."""

    OFF = "off"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class SinkStatus:
    """One sink: frames sent and dropped, and how it is."""

    label: str
    lamp: Lamp
    sent: int
    dropped: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """The sound source: what it is called, how it is, and where in a file it stands (None: an interface)."""

    label: str
    state: str
    lamp: Lamp
    sample_rate: int = 0
    position_s: float | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Rates and delays over the last seconds. Delays are audio capture to frame handed to the sinks."""

    frame_rate_hz: float = 0.0
    target_rate_hz: float = 0.0
    latency_p50_ms: float = 0.0
    latency_p95_ms: float = 0.0
    render_ms: float = 0.0
    frames: int = 0
    late: int = 0
    """Frames since the start, and how many of them were late (`giving_way.is_late`) once the generator was warm."""


@dataclass(frozen=True, slots=True)
class MoodState:
    """What the moods are doing: weights that sum to 1, as the sound alone asks and as played with the hand's bias.

    `why` has a row a mood: the share of each of `mapping.attribution.CAUSES` in its asked weight, summing to 1.
    """

    names: tuple[str, ...] = ()
    asked: tuple[float, ...] = ()
    played: tuple[float, ...] = ()
    why: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class PromptState:
    """A mood being mined from a prompt: what was typed, and the share that is done; no text: nothing is."""

    text: str = ""
    progress: float = 0.0


@dataclass(frozen=True, slots=True)
class SoundCheckState:
    """The sound check: share done while one runs (None: none runs), and whether the room's own ranges are in use."""

    progress: float | None = None
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class StageDelay:
    """One stage of the way from sound to picture: its name, and its delay, p50, p95 and the worst, in ms."""

    name: str
    p50_ms: float
    p95_ms: float
    worst_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Message:
    """One line for the performer."""

    time_s: float
    lamp: Lamp
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the surface draws, taken at one moment. `frame` is None only before the first one."""

    frame: Frame | None
    source: SourceStatus
    features: FeatureVector | None
    normalized: NormalizedFeatures
    moods: MoodState
    timing: Timing
    sinks: tuple[SinkStatus, ...]
    messages: tuple[Message, ...]
    """Newest last; bounded."""
    generator: str
    midi: tuple[str, ...] = ()
    """Names of the connected controllers."""
    paused: bool = False
    history: tuple[NormalizedFeatures, ...] = field(default=(), repr=False)
    """The normalised features of the last hops, oldest first: what the scopes draw."""
    teaching: TeachingState = field(default_factory=TeachingState)
    rhythm: Rhythm = field(default_factory=Rhythm)
    clipped: bool = False
    """Whether the input was at full scale during the last second."""
    sound_check: SoundCheckState = field(default_factory=SoundCheckState)
    prompt: PromptState = field(default_factory=PromptState)
    stages: tuple[StageDelay, ...] = ()
    """Capture to sink, stage by stage, over the last seconds."""
    osc: str = ""
    """How OSC is, in one line; empty: no port is open."""
