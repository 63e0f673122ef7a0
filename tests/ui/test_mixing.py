import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.ui.layout.mixing import LEAST, biases_of, corners, mix_at, mix_of, place_of
from instrument.ui.layout.rect import Rect

ROOM = Rect(10.0, 20.0, 200.0, 160.0)
COUNTS = st.integers(2, 12)


@given(COUNTS)
def test_the_corners_are_inside_the_room_and_touch_it(moods: int) -> None:
    points = corners(ROOM, moods)
    assert points.shape == (moods, 2)
    assert points.min(axis=0)[0] >= ROOM.x - 1e-9
    assert points.max(axis=0)[1] <= ROOM.bottom + 1e-9
    width, height = np.ptp(points, axis=0)
    assert width == pytest.approx(ROOM.width) or height == pytest.approx(ROOM.height)


@given(COUNTS, st.floats(0.0, 1.0), st.floats(0.0, 2.0 * np.pi))
def test_a_mix_stands_where_it_was_asked_for(moods: int, reach: float, angle: float) -> None:
    points = corners(ROOM, moods)
    middle = points.mean(axis=0)
    inner = 0.4 * np.linalg.norm(points - middle, axis=1).min() * reach * (1.0 if moods > 2 else np.array([1.0, 0.0]))
    place = middle + inner * np.array([np.cos(angle), np.sin(angle)])
    mix = mix_at(points, *place)
    assert sum(mix) == pytest.approx(1.0)
    assert min(mix) >= 0.9 * LEAST
    assert place_of(points, mix) == pytest.approx(tuple(place), abs=0.02 * ROOM.width)


@given(COUNTS, st.floats(-500.0, 700.0), st.floats(-500.0, 700.0))
def test_far_outside_is_the_edge_and_never_nonsense(moods: int, x: float, y: float) -> None:
    mix = mix_at(corners(ROOM, moods), x, y)
    assert np.isfinite(mix).all()
    assert sum(mix) == pytest.approx(1.0)


@given(COUNTS, st.data())
def test_a_corner_is_its_mood(moods: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, moods - 1))
    points = corners(ROOM, moods)
    mix = mix_at(points, *points[index])
    assert mix.index(max(mix)) == index
    assert mix[index] > 0.9


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=12))
def test_biases_alone_play_the_mix(parts: list[float]) -> None:
    mix = [part / sum(parts) for part in parts]
    biases = biases_of(mix, 6.0)
    assert sum(biases) == pytest.approx(0.0, abs=1e-9)
    assert mix_of(biases) == pytest.approx(mix)


def test_the_middle_is_no_bias_at_all() -> None:
    for moods in (3, 4, 7):
        points = corners(ROOM, moods)
        middle = points.mean(axis=0)
        assert biases_of(mix_at(points, *middle), 6.0) == pytest.approx((0.0,) * moods, abs=1e-9)
