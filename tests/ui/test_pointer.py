from instrument.ui.hand.pointer import Gesture, Pointer, PointerState


def gestures(*steps: tuple[PointerState, float]) -> list[Gesture | None]:
    pointer = Pointer()
    events = (pointer.process(state, now_s) for state, now_s in steps)
    return [None if event is None else event.gesture for event in events]


UP, DOWN = PointerState(10, 10), PointerState(10, 10, left=True)


def test_a_click_is_a_press_and_a_release() -> None:
    assert gestures((UP, 0.0), (DOWN, 0.1), (DOWN, 0.2), (UP, 0.3)) == [None, Gesture.PRESS, None, Gesture.RELEASE]


def test_two_quick_presses_are_a_double_click_and_a_third_begins_anew() -> None:
    steps = ((DOWN, 0.0), (UP, 0.1), (DOWN, 0.2), (UP, 0.3), (DOWN, 0.4))
    assert gestures(*steps)[::2] == [Gesture.PRESS, Gesture.DOUBLE, Gesture.PRESS]


def test_two_slow_or_distant_presses_are_two() -> None:
    far = PointerState(60, 10, left=True)
    assert gestures((DOWN, 0.0), (UP, 0.1), (DOWN, 0.9))[2] is Gesture.PRESS
    assert gestures((DOWN, 0.0), (UP, 0.1), (far, 0.2))[2] is Gesture.PRESS


def test_a_drag_carries_its_movement_and_keys() -> None:
    pointer = Pointer()
    pointer.process(DOWN, 0.0)
    event = pointer.process(PointerState(14, 7, left=True, shift=True), 0.1)
    assert event is not None
    assert (event.gesture, event.dx, event.dy, event.shift) == (Gesture.DRAG, 4, -3, True)


def test_the_right_button_asks_for_the_menu_unless_the_left_is_held() -> None:
    right = PointerState(10, 10, right=True)
    both = PointerState(10, 10, left=True, right=True)
    assert gestures((right, 0.0), (right, 0.1)) == [Gesture.MENU, None]
    assert gestures((DOWN, 0.0), (both, 0.1)) == [Gesture.PRESS, None]


def test_moving_without_a_button_is_no_gesture() -> None:
    assert gestures((UP, 0.0), (PointerState(50, 50), 0.1)) == [None, None]
