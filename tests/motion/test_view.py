import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.motion.view import view_of, view_transform
from instrument.params.table import PAN_X, PAN_Y, ROTATION, ZOOM, build_table

TABLE = build_table(())
DEFAULTS = {name: spec.default for name, spec in TABLE.items()}
PAN = st.floats(-0.5, 0.5)
TURN = st.floats(-180.0, 180.0)
SCALE = st.floats(0.5, 2.0)
POINTS = st.tuples(PAN, PAN)


def seen_at(transform: np.ndarray, x: float, y: float) -> np.ndarray:
    return (transform @ [x, y, 1.0])[:2]


def test_the_defaults_leave_the_picture_where_it_is() -> None:
    np.testing.assert_array_equal(view_of(DEFAULTS), np.eye(3))


@pytest.mark.parametrize("name", [PAN_X, PAN_Y, ROTATION, ZOOM])
def test_every_knob_of_the_view_matters(name: str) -> None:
    assert np.abs(view_of({**DEFAULTS, name: TABLE[name].value_of(0.8)}) - np.eye(3)).max() > 0.1


@given(pan_x=PAN, pan_y=PAN, turn=TURN, zoom=SCALE)
def test_the_middle_goes_where_the_pan_says(pan_x: float, pan_y: float, turn: float, zoom: float) -> None:
    np.testing.assert_allclose(seen_at(view_transform(pan_x, pan_y, turn, zoom), 0.0, 0.0), [pan_x, pan_y])


@given(turn=TURN, zoom=SCALE, point=POINTS)
def test_zoom_and_rotation_keep_shapes(turn: float, zoom: float, point: tuple[float, float]) -> None:
    transform = view_transform(0.0, 0.0, turn, zoom)
    np.testing.assert_allclose(np.hypot(*seen_at(transform, *point)), zoom * np.hypot(*point), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(transform), zoom**2)


@given(turns=st.tuples(TURN, TURN), zooms=st.tuples(SCALE, SCALE))
def test_turns_add_and_zooms_multiply(turns: tuple[float, float], zooms: tuple[float, float]) -> None:
    both = view_transform(0.0, 0.0, turns[0], zooms[0]) @ view_transform(0.0, 0.0, turns[1], zooms[1])
    np.testing.assert_allclose(both, view_transform(0.0, 0.0, sum(turns), zooms[0] * zooms[1]), atol=1e-12)


@given(pan_x=PAN, pan_y=PAN, turn=TURN, zoom=SCALE)
def test_the_opposite_knobs_undo_it(pan_x: float, pan_y: float, turn: float, zoom: float) -> None:
    inverse = view_transform(0, 0, -turn, 1.0 / zoom) @ view_transform(-pan_x, -pan_y, 0.0, 1.0)
    np.testing.assert_allclose(inverse @ view_transform(pan_x, pan_y, turn, zoom), np.eye(3), atol=1e-12)


def test_signs_are_right_down_anticlockwise_larger() -> None:
    np.testing.assert_allclose(seen_at(view_transform(0.2, 0.0, 0.0, 1.0), 0.1, 0.1), [0.3, 0.1])
    np.testing.assert_allclose(seen_at(view_transform(0.0, 0.2, 0.0, 1.0), 0.1, 0.1), [0.1, 0.3])
    right_edge_goes_up = seen_at(view_transform(0.0, 0.0, 90.0, 1.0), 0.5, 0.0)
    np.testing.assert_allclose(right_edge_goes_up, [0.0, -0.5], atol=1e-12)
    np.testing.assert_allclose(seen_at(view_transform(0.0, 0.0, 0.0, 2.0), 0.1, -0.2), [0.2, -0.4])
