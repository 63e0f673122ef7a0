"""The instrument's keys, declared once: what each does, and how the list on `?` tells it. Pure."""

from dataclasses import dataclass
from enum import Enum

from instrument.control.acts import Act
from instrument.ui.deck import PADS


class Key(Enum):
    """What a key can mean on the surface itself, beside an act and a pad."""

    LEARN = "learn"
    CANCEL = "cancel"
    HIDE = "hide"
    PICTURE = "picture"
    FULL_SCREEN = "full screen"
    NEXT = "next"
    PREVIOUS = "previous"
    RAISE = "raise"
    LOWER = "lower"
    LOG = "log"
    KEYS = "keys"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key: Dear PyGui's names for it (after ``mvKey_``), what it means, how it is written, what it does."""

    codes: tuple[str, ...]
    key: Key | Act
    sign: str
    help: str
    repeats: bool = False


KEYS: tuple[KeyRow, ...] = (
    KeyRow(("Spacebar",), Act.FREEZE, "Space", Act.FREEZE.help),
    KeyRow(("B",), Act.BLACKOUT, "B", Act.BLACKOUT.help),
    KeyRow(("Escape",), Key.CANCEL, "Esc", "Give up what is asked; else panic: the safe look (pad 1), moving, bright."),
    KeyRow(("T",), Act.TAP, "T", Act.TAP.help),
    KeyRow(("M",), Key.LEARN, "M", "Learn: bind a controller to the control under the pointer, or the next clicked."),
    KeyRow(("Z",), Act.UNDO, "Z", Act.UNDO.help),
    KeyRow(("Left",), Key.PREVIOUS, "Left", "Select the control before.", repeats=True),
    KeyRow(("Right",), Key.NEXT, "Right", "Select the next control.", repeats=True),
    KeyRow(("Up",), Key.RAISE, "Up", "Raise the selected control a little, with Shift ten times less.", repeats=True),
    KeyRow(("Down",), Key.LOWER, "Down", "Lower the selected control.", repeats=True),
    KeyRow(("Tab",), Key.HIDE, "Tab", "Hide everything but the picture, or show it again."),
    KeyRow(("F",), Key.PICTURE, "F", "The picture alone: on the chosen display, or on this one if it is the only one."),
    KeyRow(("F11",), Key.FULL_SCREEN, "F11", "The whole surface on the full screen, and back."),
    KeyRow(("L",), Key.LOG, "L", "The log: every message, and the delay stage by stage."),
    KeyRow(("Slash", "F1"), Key.KEYS, "?", "This list."),
)  # fmt: skip

PADS_SIGN = f"1 to {PADS}"
PADS_HELP = "Recall the look on that pad."
