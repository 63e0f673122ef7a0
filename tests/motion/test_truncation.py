import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from instrument.motion.truncation import to_ws, truncate

W_AVG, W = np.random.default_rng(1).standard_normal((2, 16)).astype(np.float32)
PSI = st.floats(0.0, 1.5)


@given(psi=PSI)
def test_truncation_scales_the_distance_from_the_average(psi: float) -> None:
    result = truncate(W, W_AVG, psi)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result - W_AVG, psi * (W - W_AVG), atol=1e-6)


def test_its_ends() -> None:
    np.testing.assert_array_equal(truncate(W, W_AVG, 0.0), W_AVG)
    np.testing.assert_allclose(truncate(W, W_AVG, 1.0), W, atol=1e-6)


@given(first=PSI, second=PSI)
def test_truncations_multiply(first: float, second: float) -> None:
    twice = truncate(truncate(W, W_AVG, first), W_AVG, second)
    np.testing.assert_allclose(twice, truncate(W, W_AVG, first * second), atol=1e-5)


def test_every_layer_gets_the_same_w_in_an_array_of_its_own() -> None:
    ws = to_ws(W, 16)
    assert ws.shape == (16, 16)
    assert ws.dtype == np.float32
    assert ws.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(ws, np.broadcast_to(W, (16, 16)))
    ws[0] = 0.0
    np.testing.assert_array_equal(ws[1], W)
    one = to_ws(W, 1)
    one[:] = 0.0
    assert W.any()
