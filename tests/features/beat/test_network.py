from typing import Any

import numpy as np
import pytest
import torch

from instrument.features.beat.front_end import INPUTS
from instrument.features.beat.network import BeatMarker, load_weights
from instrument.tools.beats.training import BeatNet


def logits_of(weights: Any, heard: Any) -> Any:
    network = BeatNet(weights["weight_hh_0"].shape[1])
    network.take(weights)
    return network(torch.from_numpy(heard)[None])[0]


def test_a_hop_at_a_time_equals_torch_over_all_and_networks_are_averaged():
    fits = load_weights()
    assert len(fits) == 3
    heard = np.random.default_rng(2).uniform(0.0, 4.0, (60, INPUTS)).astype(np.float32)
    with torch.no_grad():
        whole = torch.sigmoid(sum(logits_of(weights, heard) for weights in fits) / len(fits)).numpy()
    marker = BeatMarker(*fits)
    hop_by_hop = np.array([marker.process(row) for row in heard])
    assert hop_by_hop == pytest.approx(whole, abs=1e-4)


def test_reset_forgets():
    marker = BeatMarker(*load_weights())
    row = np.full(INPUTS, 1.0, np.float32)
    first = [marker.process(row) for _ in range(5)]
    marker.reset()
    assert [marker.process(row) for _ in range(5)] == first


@pytest.mark.parametrize("weights", load_weights())
def test_the_weights_are_small_and_whole(weights):
    assert sum(array.nbytes for array in weights.values()) < 400_000
    assert all(np.isfinite(array).all() and array.dtype == np.float32 for array in weights.values())
    rows, hidden = weights["weight_hh_0"].shape
    assert rows == 3 * hidden
