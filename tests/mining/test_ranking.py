import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from instrument.mining.ranking import margins, merge_best, worth

SCORES = arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(2, 5)), elements=st.floats(-50, 50, width=32))


@given(SCORES)
def test_worth_never_passes_the_score_and_grows_with_it(scores: np.ndarray) -> None:
    value = worth(scores)
    assert (value <= scores + 1e-5).all()
    better = scores.copy()
    better[:, 0] += 1.0
    assert (worth(better)[:, 0] > value[:, 0]).all()
    assert (worth(better)[:, 1:] <= value[:, 1:]).all()


def test_of_two_that_fit_alike_the_one_that_fits_nothing_else_is_better() -> None:
    value = worth(np.array([[3.0, 2.9], [3.0, -3.0]]))[:, 0]
    assert value[1] > value[0] + 0.5


@given(SCORES, st.data())
def test_a_margin_is_positive_where_the_prompt_is_the_best(scores: np.ndarray, data: st.DataObject) -> None:
    own = data.draw(st.integers(0, scores.shape[1] - 1))
    for row, margin in zip(scores, margins(scores, own), strict=True):
        assert (margin > 0.0) == all(row[own] > other for index, other in enumerate(row) if index != own)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 7), min_size=1, max_size=6))
def test_the_best_are_the_same_however_they_come_in(seed: int, parts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    count = sum(parts)
    latents = rng.standard_normal((count, 3)).astype(np.float32)
    scores = rng.standard_normal((count, 2)).astype(np.float32)
    kept = (np.zeros((4, 3), np.float32), np.full((4, 2), -np.inf, np.float32))
    whole = merge_best(*kept, latents, scores, 1)
    for start, part in zip(np.cumsum([0, *parts]), parts, strict=False):
        kept = merge_best(*kept, latents[start : start + part], scores[start : start + part], 1)
    np.testing.assert_array_equal(kept[0], whole[0])
    np.testing.assert_array_equal(kept[1], whole[1])
    there = np.isfinite(kept[1][:, 1])
    assert there.sum() == min(count, 4)
    assert worth(kept[1][there])[:, 1] == pytest.approx(np.sort(worth(scores)[:, 1])[::-1][:4])
