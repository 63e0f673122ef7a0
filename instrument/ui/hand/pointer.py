"""What a hand does with the pointer, told apart from raw positions and buttons. Pure: time is an argument."""

from dataclasses import dataclass
from enum import Enum

DOUBLE_CLICK_S = 0.4
DOUBLE_CLICK_PX = 8.0


@dataclass(frozen=True, slots=True)
class PointerState:
    """The pointer at one moment, in pixels of the window."""

    x: float
    y: float
    left: bool = False
    right: bool = False
    ctrl: bool = False
    shift: bool = False


class Gesture(Enum):
    """What has just happened."""

    PRESS = "press"
    DOUBLE = "double"
    DRAG = "drag"
    RELEASE = "release"
    MENU = "menu"


@dataclass(frozen=True, slots=True)
class PointerEvent:
    """A gesture where it happened; `dx` and `dy` are the movement since the last state, in pixels."""

    gesture: Gesture
    x: float
    y: float
    dx: float = 0.0
    dy: float = 0.0
    ctrl: bool = False
    shift: bool = False


class Pointer:
    """Turns states into gestures. One owner."""

    def __init__(self) -> None:
        self._last = PointerState(0.0, 0.0)
        self._pressed_s = float("-inf")
        self._pressed_at = (0.0, 0.0)

    def process(self, state: PointerState, now_s: float) -> PointerEvent | None:
        """The gesture that leads from the last state to this one, or None."""
        last, self._last = self._last, state
        gesture = self._gesture(last, state, now_s)
        if gesture is None:
            return None
        moved = (state.x - last.x, state.y - last.y) if gesture is Gesture.DRAG else (0.0, 0.0)
        return PointerEvent(gesture, state.x, state.y, *moved, ctrl=state.ctrl, shift=state.shift)

    def _gesture(self, last: PointerState, state: PointerState, now_s: float) -> Gesture | None:
        if state.left and not last.left:
            return self._press(state, now_s)
        if last.left and not state.left:
            return Gesture.RELEASE
        if state.right and not last.right and not state.left:
            return Gesture.MENU
        moved = (state.x, state.y) != (last.x, last.y)
        return Gesture.DRAG if state.left and moved else None

    def _press(self, state: PointerState, now_s: float) -> Gesture:
        near = abs(state.x - self._pressed_at[0]) + abs(state.y - self._pressed_at[1]) <= DOUBLE_CLICK_PX
        double = near and now_s - self._pressed_s <= DOUBLE_CLICK_S
        # A third press in a row begins anew, so that fast tapping is not read as one double click after another.
        self._pressed_s = float("-inf") if double else now_s
        self._pressed_at = (state.x, state.y)
        return Gesture.DOUBLE if double else Gesture.PRESS
