import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from instrument.mining.climbing import proposals
from instrument.mining.regions import FEWEST_MEMBERS, candidate_regions, cluster, region_of


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 1.0), st.integers(2, 12))
def test_a_proposal_is_as_far_from_the_average_as_what_it_is_made_of(seed: int, progress: float, w_dim: int) -> None:
    rng = np.random.default_rng(seed)
    climbers, others = (rng.standard_normal((5, w_dim)).astype(np.float32) for _ in range(2))
    w_avg = rng.standard_normal(w_dim).astype(np.float32)
    tried = proposals(climbers, others, w_avg, progress, rng)
    lengths = [np.linalg.norm(points - w_avg, axis=1) for points in (climbers, others, tried)]
    assert tried.dtype == np.float32
    assert (lengths[2] >= min(lengths[0].min(), lengths[1].min()) * 0.999).all()
    assert (lengths[2] <= max(lengths[0].max(), lengths[1].max()) * 1.001).all()
    assert (tried != climbers).any()


def test_later_rounds_take_smaller_steps() -> None:
    climbers, others = np.eye(2, 9, dtype=np.float32), np.eye(9, dtype=np.float32)[[5]]
    early, late = (
        proposals(climbers, others, np.zeros(9, np.float32), progress, np.random.default_rng(0)) for progress in (0, 1)
    )
    assert np.linalg.norm(late - climbers) < 0.5 * np.linalg.norm(early - climbers)


def test_clusters_that_lie_apart_are_found() -> None:
    rng = np.random.default_rng(2)
    truth = np.repeat([0, 1, 2], 10)
    points = 20.0 * np.eye(3, 6)[truth] + rng.standard_normal((30, 6))
    labels = cluster(points, 3, rng)
    assert all(len(set(labels[truth == group])) == 1 for group in range(3))
    assert len(set(labels)) == 3


@given(st.integers(1, 12), st.integers(1, 3))
def test_points_that_are_all_alike_make_clusters_too(count: int, clusters: int) -> None:
    labels = cluster(np.ones((count, 4)), clusters, np.random.default_rng(0))
    assert labels.shape == (count,)


def test_a_region_lies_where_its_members_do_and_is_as_wide() -> None:
    rng = np.random.default_rng(1)
    spread = np.array([3.0, 1.0, 0.1, 0.0, 0.0])
    members = (rng.standard_normal((4000, 5)) * spread + 7.0).astype(np.float32)
    region = region_of(members, 2)
    drawn = region.at(rng.uniform(-1.0, 1.0, (4000, 2)))
    np.testing.assert_allclose(region.centroid, 7.0, atol=0.2)
    np.testing.assert_allclose(drawn.std(axis=0)[:2], 0.87 * spread[:2], rtol=0.1)
    np.testing.assert_array_equal(region.at(np.zeros((1, 2)))[0], region.centroid)
    np.testing.assert_allclose(region.scaled(0.5).basis, 0.5 * region.basis, rtol=1e-6)


def test_with_fewer_axes_than_coordinates_the_others_stand_still() -> None:
    region = region_of(np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]], np.float32), 4)
    assert region.basis.shape == (3, 4)
    assert np.linalg.norm(region.basis[:, 0]) > 1.0
    assert not region.basis[:, 3].any()


def test_candidates_are_the_whole_and_clusters_that_are_large_enough() -> None:
    rng = np.random.default_rng(0)
    found = candidate_regions(rng.standard_normal((20, 6)).astype(np.float32), 3, rng)
    assert found[0].members == 20
    assert len(found) > 1
    assert all(FEWEST_MEMBERS <= region.members < 20 for region in found[1:])
