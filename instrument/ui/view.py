"""What the widgets are shown in one pass, and what a hand can touch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from instrument.engine.snapshot import Snapshot
from instrument.ui.deck import LookPad
from instrument.ui.layout.rect import Rect
from instrument.ui.processor import CardLoad


class TargetKind(Enum):
    """What sort of thing stands under the pointer."""

    CONTROL = "control"
    PAD = "pad"
    BUTTON = "button"
    SOLO = "solo"
    """A mood alone, and back."""
    TEACH = "teach"
    """Held while a mood's sound plays."""
    MIX = "mix"
    """The pad of the moods."""
    INFO = "info"
    """Nothing to press: the line below tells more about it."""


class Button(Enum):
    """The buttons, by what they do."""

    PAUSE = "pause"
    OPEN = "open"
    INPUT = "input"
    SETTINGS = "settings"
    LEARN = "learn"
    SAVE = "save"
    UNDO = "undo"
    NEXT_PAGE = "next page"
    TAP = "tap"
    HALVE = "half tempo"
    DOUBLE = "double tempo"
    SOUND_CHECK = "sound check"
    PROMPT = "prompt"
    LESSON = "lesson"
    COMPARE = "compare"
    UNDO_LESSON = "undo lesson"
    LOG = "log"
    KEYS = "keys"


class Info(Enum):
    """What the line below can tell more about."""

    SOURCE = "source"
    OUTPUTS = "outputs"
    PICTURE = "picture"
    DELAY = "sound to picture"
    CONTROLLERS = "controllers"
    DROP = "drop"
    WHY = "why"


@dataclass(frozen=True, slots=True)
class Target:
    """Something a hand can touch: a parameter or mood by name, a pad by number, a button or an info by value.

    `travel_px` is the movement that leads a parameter from one end to the other; `upwards` says that
    moving up raises it too, as on a knob.
    """

    kind: TargetKind
    name: str
    rect: Rect
    travel_px: float = 200.0
    upwards: bool = True


@dataclass(frozen=True, slots=True)
class View:
    """Everything on show at one moment: of the engine, of the values, and of the hand."""

    snapshot: Snapshot
    values: Mapping[str, float]
    now_s: float = 0.0
    dt_s: float = 0.0
    looks: tuple[LookPad, ...] = ()
    current_look: tuple[int | None, bool] = (None, False)
    learning: str | None = None
    picking: bool = False
    """MIDI learn waits for a control to be chosen."""
    saving: bool = False
    """The next pad that is pressed is saved to."""
    hovered: Target | None = None
    held: str | None = None
    """The parameter in the hand."""
    selected: str | None = None
    """The parameter that the arrow keys trim."""
    soloed: str | None = None
    """The mood that plays alone."""
    badges: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    """What broke in the surface itself."""
    reduced_hz: float | None = None
    """How often the surface draws while it gives way to the picture."""
    processor: float = 0.0
    """Share of one core that the whole program takes."""
    card: CardLoad | None = None
    """How busy the graphics card is, where the pictures are made on one."""

    def hovers(self, kind: TargetKind, name: str) -> bool:
        """Whether the pointer is over that."""
        return self.hovered is not None and self.hovered.kind is kind and self.hovered.name == name

    def touches(self, parameter: str) -> bool:
        """Whether a parameter is in the hand, or under the pointer."""
        return self.held == parameter or self.hovers(TargetKind.CONTROL, parameter)
