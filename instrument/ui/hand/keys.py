"""The keyboard: which of the instrument's keys have just been struck."""

import dearpygui.dearpygui as dpg

from instrument.control.acts import Act
from instrument.ui.deck import PADS
from instrument.ui.hand.keymap import KEYS, Key

REPEAT_AFTER_S = 0.35
REPEAT_EVERY_S = 0.05


class Keyboard:
    """Polled once a frame, so that a key held down counts once, or evenly if it repeats. Owned by the surface."""

    def __init__(self) -> None:
        self._meanings = _meanings()
        self._repeating = {row.key for row in KEYS if row.repeats}
        self._down: frozenset[int] = frozenset()
        self._due_s: dict[int, float] = {}

    def process(self, now_s: float) -> tuple[Key | Act | int, ...]:
        """What was struck since the last call; a number is a pad."""
        down = frozenset(code for code in self._meanings if dpg.is_key_down(code))
        struck, held = down - self._down, down & self._down
        self._down = down
        self._due_s = {code: self._due_s[code] for code in held} | dict.fromkeys(struck, now_s + REPEAT_AFTER_S)
        again = {code for code in held if self._meanings[code] in self._repeating and now_s >= self._due_s[code]}
        self._due_s |= dict.fromkeys(again, now_s + REPEAT_EVERY_S)
        return tuple(self._meanings[code] for code in sorted(struck | again))


def ctrl_down() -> bool:
    """Whether Ctrl is held."""
    return any(dpg.is_key_down(code) for code in (dpg.mvKey_LControl, dpg.mvKey_RControl))


def shift_down() -> bool:
    """Whether Shift is held."""
    return any(dpg.is_key_down(code) for code in (dpg.mvKey_LShift, dpg.mvKey_RShift))


def _meanings() -> dict[int, Key | Act | int]:
    pads = range(1, PADS + 1)
    digits = {getattr(dpg, f"mvKey_{pad}"): pad for pad in pads} | {
        getattr(dpg, f"mvKey_NumPad{pad}"): pad for pad in pads
    }
    return digits | {getattr(dpg, f"mvKey_{code}"): row.key for row in KEYS for code in row.codes}
