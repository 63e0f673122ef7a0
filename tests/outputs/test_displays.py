import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.errors import OutputError
from instrument.outputs.displays import Display, fit_within, own_names, pick_display, window_size

LAPTOP, WALL, BEAMER = (Display(name, 1280, 800) for name in ("eDP-1", "HDMI-A-1", "HDMI-A-2"))
SIDES = st.integers(1, 4096)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("", WALL), ("1", LAPTOP), ("3", BEAMER), ("hdmi-a-2", BEAMER), ("eDP", LAPTOP), ("HDMI-A-1", WALL)],
)
def test_a_display_is_named_by_number_name_or_part(wanted: str, found: Display) -> None:
    assert pick_display([LAPTOP, WALL, BEAMER], wanted) is found


def test_without_a_second_one_nothing_is_filled_unless_it_is_asked_for() -> None:
    assert pick_display([LAPTOP], "") is None
    assert pick_display([LAPTOP], "1") is LAPTOP
    assert pick_display([], "") is None


@pytest.mark.parametrize(
    ("wanted", "told"), [("4", "2 HDMI-A-1, 1280 x 800"), ("0", "1 eDP-1"), ("hdmi", "several"), ("\n", "there are")]
)
def test_what_is_not_there_is_told_with_the_candidates(wanted: str, told: str) -> None:
    with pytest.raises(OutputError, match=told):
        pick_display([LAPTOP, WALL, BEAMER], wanted)


@given(st.lists(st.sampled_from(["a", "b", "c"])))
def test_no_two_displays_are_called_the_same(names: list[str]) -> None:
    assert len(set(own_names(names))) == len(names)


@given(SIDES, SIDES, SIDES, SIDES)
def test_a_picture_keeps_its_shape_and_touches_two_edges(width: int, height: int, room_w: int, room_h: int) -> None:
    left, bottom, wide, high = fit_within(width, height, room_w, room_h)
    assert 0 <= left <= room_w - wide
    assert 0 <= bottom <= room_h - high
    assert wide == room_w or high == room_h
    assert abs(wide * height - high * width) <= max(width, height)


def test_a_plain_window_is_a_whole_number_of_times_as_large_or_fits() -> None:
    assert window_size(256, 256, Display("", 1920, 1080)) == (768, 768)
    assert window_size(1024, 1024, Display("", 1000, 800)) == (640, 640)
