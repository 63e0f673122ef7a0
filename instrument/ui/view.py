"""What the widgets are shown in one pass, and what a hand can touch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from instrument.engine.snapshot import Snapshot
from instrument.ui.deck import LookPad
from instrument.ui.rect import Rect


class TargetKind(Enum):
    """What sort of thing stands under the pointer."""

    CONTROL = "control"
    PAD = "pad"
    BUTTON = "button"
    INFO = "info"
    """Nothing to press: the line below tells more about it."""


class Button(Enum):
    """The buttons, by what they do."""

    PAUSE = "pause"
    OPEN = "open"
    INPUT = "input"
    MODEL = "model"
    LEARN = "learn"
    SAVE = "save"
    NEXT_PAGE = "next page"


class Info(Enum):
    """What the line below can tell more about."""

    SOURCE = "source"
    OUTPUTS = "outputs"
    PICTURE = "picture"
    CONTROLLERS = "controllers"


@dataclass(frozen=True, slots=True)
class Target:
    """Something a hand can touch: a parameter by name, a pad by number, a button or an info by value.

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
    badges: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    """What broke in the surface itself."""
    reduced_hz: float | None = None
    """How often the surface draws while it gives way to the picture."""

    def hovers(self, kind: TargetKind, name: str) -> bool:
        """Whether the pointer is over that."""
        return self.hovered is not None and self.hovered.kind is kind and self.hovered.name == name
