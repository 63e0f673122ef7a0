import numpy as np
import pytest

from instrument.motion.drift import AXES, FASTEST_HZ, Drift, principal_axes, random_axes


def walk(drift: Drift, end_s: float = 4000.0, step_s: float = 0.5) -> np.ndarray:
    return np.array([drift.at(time_s) for time_s in np.arange(0.0, end_s, step_s)])


def test_it_starts_at_zero_and_wanders_about_it_by_the_length_of_its_axes() -> None:
    axes = np.diag([1.0, 3.0, 0.1])
    path = walk(Drift(axes, 1))
    assert not path[0].any()
    np.testing.assert_allclose(path.std(axis=0), [1.0, 3.0, 0.1], rtol=0.1)
    np.testing.assert_allclose(path.mean(axis=0) / [1.0, 3.0, 0.1], 0.0, atol=0.1)


def test_it_is_smooth() -> None:
    path = walk(Drift(np.eye(4), 1), 200.0, 0.01)
    fastest = 2.0 * np.pi * FASTEST_HZ * np.sqrt(2.0 * 3)
    assert np.abs(np.diff(path, axis=0)).max() <= fastest * 0.01


def test_the_seed_decides_and_nothing_else() -> None:
    axes = random_axes(12, 5)
    np.testing.assert_array_equal(Drift(axes, 5).at(77.0), Drift(axes, 5).at(77.0))
    assert np.abs(Drift(axes, 5).at(77.0) - Drift(axes, 6).at(77.0)).max() > 0.01
    assert np.abs(random_axes(12, 5) - random_axes(12, 6)).max() > 0.01


@pytest.mark.parametrize("w_dim", [3, 88, 512])
def test_a_walk_along_random_axes_has_length_one(w_dim: int) -> None:
    path = walk(Drift(random_axes(w_dim, 2), 2))
    np.testing.assert_allclose(np.sqrt((path**2).sum(axis=1).mean()), 1.0, rtol=0.1)


def test_principal_axes_are_those_of_the_samples() -> None:
    rng = np.random.default_rng(0)
    rotation = np.linalg.qr(rng.standard_normal((20, 20)))[0]
    samples = 7.0 + (rng.standard_normal((4000, 20)) * np.r_[10.0, 5.0, np.full(18, 0.1)]) @ rotation.T
    axes = principal_axes(samples)
    assert axes.shape == (AXES, 20)
    lengths = np.linalg.norm(axes, axis=1)
    np.testing.assert_allclose(lengths[:2], [10.0, 5.0], rtol=0.05)
    np.testing.assert_allclose(np.abs(axes[:2] @ rotation[:, :2]) / lengths[:2, None], np.eye(2), atol=0.03)


def test_a_small_w_has_fewer_principal_axes() -> None:
    assert principal_axes(np.random.default_rng(0).standard_normal((50, 3))).shape == (3, 3)
