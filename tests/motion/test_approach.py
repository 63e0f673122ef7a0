import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instrument.motion.approach import approach
from instrument.motion.slerp import angle_between, slerp

SIZES = st.shared(st.integers(1, 24), key="size")
VECTORS = SIZES.flatmap(lambda size: hnp.arrays(np.float64, size, elements=st.floats(-1000.0, 1000.0)))
WAYS = st.floats(0.0, 50.0)
RNG = np.random.default_rng(3)
CENTER, HERE, THERE = RNG.standard_normal((3, 12))


def test_of_a_held_target_both_go_along_the_arc() -> None:
    """From rest, it is slerp in space; the law is in time."""
    pair = HERE, HERE
    for _ in range(20):
        pair = approach(CENTER, *pair, THERE, 0.1)
    for place, left in zip(pair, (math.exp(-4.0), (1.0 + 4.0) * math.exp(-4.0)), strict=True):
        expected = CENTER + slerp(HERE - CENTER, THERE - CENTER, 1.0 - left)
        np.testing.assert_allclose(place, expected, atol=1e-9)


@given(leader=VECTORS, follower=VECTORS, target=VECTORS, way=WAYS)
@example(leader=np.zeros(3), follower=np.ones(3), target=np.ones(3), way=0.5)
@example(leader=np.ones(3), follower=np.ones(3), target=np.zeros(3), way=0.5)
@example(leader=np.ones(3), follower=np.zeros(3), target=-np.ones(3), way=0.1)
@example(leader=np.array([1.0, 1.0]), follower=np.array([1.0, 1.0]), target=np.array([-1.0, -1.0 - 1e-12]), way=0.25)
@example(leader=np.array([2.0]), follower=np.array([-2.0]), target=np.array([2.0]), way=0.5)
@example(leader=np.array([1e-160, 0.0]), follower=np.array([1.0, 0.0]), target=np.array([0.0, 1.0]), way=0.5)
def test_it_is_finite_and_never_longer_than_the_longest(
    leader: np.ndarray, follower: np.ndarray, target: np.ndarray, way: float
) -> None:
    longest = max(np.linalg.norm(vector) for vector in (leader, follower, target))
    for place in approach(np.zeros(target.size), leader, follower, target, way):
        assert np.isfinite(place).all()
        assert np.linalg.norm(place) <= longest * (1.0 + 1e-6) + 1e-9


@pytest.mark.parametrize("target", [THERE, CENTER, CENTER - 2.0 * (HERE - CENTER)])
@pytest.mark.parametrize("cuts", [2, 7])
def test_a_way_in_pieces_is_the_way(target: np.ndarray, cuts: int) -> None:
    """Also to the center, and to the very opposite."""
    pair = approach(CENTER, HERE, HERE, THERE + 1.0, 0.2)
    for start in ((HERE, HERE), pair):
        whole = approach(CENTER, *start, target, 0.9)
        for _ in range(cuts):
            start = approach(CENTER, *start, target, 0.9 / cuts)
        np.testing.assert_allclose(start, whole, atol=1e-7)


def test_it_does_not_overshoot() -> None:
    pair, left = (HERE, HERE), []
    for _ in range(200):
        pair = approach(CENTER, *pair, THERE, 0.05)
        left.append(angle_between(pair[1] - CENTER, THERE - CENTER))
    assert (np.diff(left) < 0.0).all()
    assert left[-1] < 1e-6


def test_no_way_is_no_step() -> None:
    for place, start in zip(approach(CENTER, THERE, HERE, -THERE, 0.0), (THERE, HERE), strict=True):
        np.testing.assert_allclose(place, start, atol=1e-12)
