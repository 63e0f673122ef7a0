import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.mapping.attribution import CAUSES, contributions, shares
from instrument.mapping.inputs import INPUT_NAMES
from instrument.mapping.network import Layer, MoodNetwork

NAMES = ("A", "B", "C")
WIDTH = len(INPUT_NAMES)


def listening_to(name: str) -> MoodNetwork:
    """Two layers that hear one input only."""
    rng = np.random.default_rng(1)
    first = np.zeros((WIDTH, 8), np.float32)
    first[INPUT_NAMES.index(name)] = rng.standard_normal(8)
    last = rng.standard_normal((8, 6)).astype(np.float32)
    return MoodNetwork(NAMES, 1, (Layer(first, np.zeros(8, np.float32)), Layer(last, np.zeros(6, np.float32))))


@given(inputs=st.lists(st.floats(-0.5, 1.5), min_size=WIDTH, max_size=WIDTH))
def test_shares_sum_to_one(network: MoodNetwork, inputs: list[float]) -> None:
    found = shares(network, np.array(inputs))
    assert found.shape == (3, len(CAUSES))
    assert found.min() >= 0.0
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("name", INPUT_NAMES)
def test_a_network_that_hears_one_input_names_it(name: str) -> None:
    cause = name.removeprefix("anchored.")
    cause = "spectral_contrast" if cause.startswith("contrast_") else cause
    found = shares(listening_to(name), np.full(WIDTH, 0.9))
    np.testing.assert_allclose(found[:, CAUSES.index(cause)], 1.0, atol=1e-6)


def test_what_weighs_more_has_the_larger_share_and_its_sign() -> None:
    """Two inputs of one layer, for A and against it: 3 to 1."""
    first = np.zeros((WIDTH, 6), np.float32)
    first[INPUT_NAMES.index("anchored.level"), 0] = 0.3
    first[INPUT_NAMES.index("anchored.onset_strength"), 0] = -0.1
    network = MoodNetwork(NAMES, 1, (Layer(first, np.zeros(6, np.float32)),))
    added = contributions(network, np.full(WIDTH, 1.0))[0]
    assert added[CAUSES.index("level")] > 0.0 > added[CAUSES.index("onset_strength")]
    found = shares(network, np.full(WIDTH, 1.0))[0]
    assert found[CAUSES.index("level")] == pytest.approx(0.75, abs=0.02)


def test_two_that_each_would_do_share_it() -> None:
    """Saturated by either alone: neither could be taken away, yet both are named."""
    first = np.zeros((WIDTH, 1), np.float32)
    first[[INPUT_NAMES.index("anchored.level"), INPUT_NAMES.index("anchored.onset_strength")]] = 40.0
    last = np.array([[2.0, 0.0, 0.0, 0.0, 0.0, 0.0]], np.float32)
    network = MoodNetwork(NAMES, 1, (Layer(first, np.full(1, -41.0, np.float32)), Layer(last, np.zeros(6, np.float32))))
    found = shares(network, np.full(WIDTH, 1.0))[0]
    assert found[CAUSES.index("level")] == pytest.approx(0.5)
    assert found[CAUSES.index("onset_strength")] == pytest.approx(0.5)


def test_the_usual_sound_is_nobodys_doing(network: MoodNetwork) -> None:
    np.testing.assert_allclose(shares(network, network.usual.astype(np.float64)), 1.0 / len(CAUSES))
