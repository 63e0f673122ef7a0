import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instrument.motion.slerp import angle_between, slerp, slerp_about

SIZES = st.shared(st.integers(1, 24), key="size")
FLOATS = st.shared(st.sampled_from([np.float32, np.float64]), key="dtype")


@st.composite
def vectors(draw: st.DrawFn) -> np.ndarray:
    dtype, size = draw(FLOATS), draw(SIZES)
    width = 32 if dtype is np.float32 else 64
    return draw(hnp.arrays(dtype, size, elements=st.floats(-1000.0, 1000.0, width=width)))


SHARES = st.floats(0.0, 1.0)


@given(a=vectors(), b=vectors())
def test_the_end_points_are_exact_and_copies(a: np.ndarray, b: np.ndarray) -> None:
    np.testing.assert_array_equal(slerp(a, b, 0.0), a)
    np.testing.assert_array_equal(slerp(a, b, 1.0), b)
    np.testing.assert_array_equal(slerp_about(b * 0.5, a, b, 1.0), b)
    assert slerp(a, b, 0.0) is not a


@given(a=vectors(), b=vectors(), t=SHARES)
def test_the_way_back_is_the_same_way(a: np.ndarray, b: np.ndarray, t: float) -> None:
    scale = max(np.abs(a).max(), np.abs(b).max(), 1e-30)
    tolerance = 1e-6 if a.dtype == np.float32 else 1e-12
    np.testing.assert_allclose(slerp(a, b, t), slerp(b, a, 1.0 - t), atol=tolerance * scale, rtol=0)


@given(a=vectors(), b=vectors(), t=SHARES)
@example(a=np.zeros(3), b=np.ones(3), t=0.5)
@example(a=np.zeros(3), b=np.zeros(3), t=0.5)
@example(a=np.ones(3, np.float32), b=-np.ones(3, np.float32), t=0.5)
@example(a=np.array([1.0, 1.0]), b=np.array([-1.0, -1.0 - 1e-12]), t=0.25)
@example(a=np.array([2.0]), b=np.array([-2.0]), t=0.5)
@example(a=np.array([1e-160, 0.0]), b=np.array([0.0, 1.0]), t=0.5)
def test_it_is_always_finite_and_of_the_type_it_was_given(a: np.ndarray, b: np.ndarray, t: float) -> None:
    result = slerp(a, b, t)
    assert result.dtype == a.dtype
    assert result.shape == a.shape
    assert np.isfinite(result).all()


@given(a=vectors(), b=vectors(), t=SHARES)
def test_length_goes_evenly_from_one_to_the_other(a: np.ndarray, b: np.ndarray, t: float) -> None:
    assume(a.size > 1)
    length_a, length_b = np.linalg.norm(a.astype(float)), np.linalg.norm(b.astype(float))
    assume(min(length_a, length_b) > 1e-3)
    length = np.linalg.norm(slerp(a, b, t).astype(float))
    np.testing.assert_allclose(length, (1 - t) * length_a + t * length_b, rtol=1e-5)


@given(a=vectors(), b=vectors(), t=SHARES)
def test_unit_vectors_stay_on_the_sphere(a: np.ndarray, b: np.ndarray, t: float) -> None:
    assume(a.size > 1)
    assume(min(np.abs(a).max(), np.abs(b).max()) > 1e-3)
    unit_a, unit_b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    np.testing.assert_allclose(np.linalg.norm(slerp(unit_a, unit_b, t)), 1.0, atol=1e-6)


@given(a=vectors(), b=vectors(), shares=st.tuples(SHARES, SHARES))
def test_the_angle_grows_evenly(a: np.ndarray, b: np.ndarray, shares: tuple[float, float]) -> None:
    a, b = a.astype(np.float64), b.astype(np.float64)
    assume(a.size > 1)
    assume(min(np.abs(a).max(), np.abs(b).max()) > 1e-3)
    whole = angle_between(a, b)
    for t in shares:
        np.testing.assert_allclose(angle_between(a, slerp(a, b, t)), t * whole, atol=1e-6)


@given(a=vectors(), b=vectors(), steps=st.tuples(SHARES, SHARES))
def test_two_steps_to_one_target_make_one(a: np.ndarray, b: np.ndarray, steps: tuple[float, float]) -> None:
    a, b = a.astype(np.float64), b.astype(np.float64)
    assume(angle_between(a, b) < 3.1)
    first, second = steps
    once = slerp(a, b, 1.0 - (1.0 - first) * (1.0 - second))
    np.testing.assert_allclose(slerp(slerp(a, b, first), b, second), once, atol=1e-6 * max(1.0, np.abs(b).max()))


def test_it_is_the_textbook_formula() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        a, b = rng.standard_normal((2, 8))
        a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
        angle = math.acos(a @ b)
        expected = (math.sin(0.7 * angle) * a + math.sin(0.3 * angle) * b) / math.sin(angle)
        np.testing.assert_allclose(slerp(a, b, 0.3), expected, atol=1e-12)


@pytest.mark.parametrize("opposite", [[-1.0, 0.0, 0.0], [-1.0, 1e-12, 0.0], [-1.0, 1e-7, 0.0]])
def test_between_opposites_it_goes_round_not_through_the_middle(opposite: list[float]) -> None:
    a = np.array([1.0, 0.0, 0.0])
    path = np.array([slerp(a, np.array(opposite), t) for t in np.linspace(0, 1, 101)])
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), 1.0, atol=1e-9)
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert steps.max() < 1.01 * math.pi / 100


def test_seen_from_a_centre_the_distance_to_it_is_kept() -> None:
    center = np.array([10.0, -3.0, 1.0])
    ahead, aside = np.eye(3)[:2]
    a, b = center + 2.0 * ahead, center + 2.0 * aside
    middle = slerp_about(center, a, b, 0.5)
    np.testing.assert_allclose(middle, center + math.sqrt(2) * (ahead + aside))
