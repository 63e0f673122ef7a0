"""The keyboard: which of the instrument's keys have just been struck."""

import dearpygui.dearpygui as dpg

from instrument.ui.deck import PADS
from instrument.ui.hands import Key


class Keyboard:
    """Polled once a frame, so that a key held down counts once. Owned by the surface."""

    def __init__(self) -> None:
        self._down: frozenset[int] = frozenset()

    def process(self) -> tuple[Key | int, ...]:
        """What was struck since the last call; a number is a pad."""
        meanings = _meanings()
        down = frozenset(code for code in meanings if dpg.is_key_down(code))
        struck, self._down = down - self._down, down
        return tuple(meanings[code] for code in sorted(struck))


def ctrl_down() -> bool:
    """Whether Ctrl is held."""
    return any(dpg.is_key_down(code) for code in (dpg.mvKey_LControl, dpg.mvKey_RControl))


def shift_down() -> bool:
    """Whether Shift is held."""
    return any(dpg.is_key_down(code) for code in (dpg.mvKey_LShift, dpg.mvKey_RShift))


def _meanings() -> dict[int, Key | int]:
    pads = range(1, PADS + 1)
    digits = {getattr(dpg, f"mvKey_{pad}"): pad for pad in pads} | {
        getattr(dpg, f"mvKey_NumPad{pad}"): pad for pad in pads
    }
    return {
        **digits,
        dpg.mvKey_Spacebar: Key.FREEZE,
        dpg.mvKey_M: Key.LEARN,
        dpg.mvKey_Escape: Key.CANCEL,
        dpg.mvKey_F11: Key.FULL_SCREEN,
    }
