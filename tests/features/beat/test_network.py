from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from instrument.features.beat.front_end import INPUTS
from instrument.features.beat.network import BLOCKS, FIRST_TAPS, TAPS, BeatMarker, load_bars, load_weights
from instrument.features.beat.recurrent import LAYERS, RecurrentNetwork


def test_networks_are_averaged_before_the_mark_is_made():
    heard = np.random.default_rng(2).uniform(0.0, 4.0, (60, INPUTS)).astype(np.float32)
    fits = load_weights()
    assert len(fits) > 1
    alone = [BeatMarker(weights) for weights in fits]
    together = BeatMarker(*fits)
    for row in heard:
        marks = np.array([marker.process(row) for marker in alone])
        logits = np.log(marks / (1.0 - marks)).mean(axis=0)
        assert together.process(row) == pytest.approx(1.0 / (1.0 + np.exp(-logits)), abs=1e-4)


def test_what_was_heard_eleven_seconds_ago_counts_and_what_came_before_does_not():
    reach = (FIRST_TAPS - 1) + (TAPS - 1) * (2**BLOCKS - 1)
    heard = np.random.default_rng(4).uniform(0.0, 4.0, (reach + 2, INPUTS)).astype(np.float32)
    other = heard.copy()
    other[0] = 0.0
    markers = [BeatMarker(load_weights()[0]) for _ in range(2)]
    marks = np.array([[marker.process(row) for marker, row in zip(markers, rows, strict=True)]
                      for rows in zip(heard, other, strict=True)])  # fmt: skip
    differs = (marks[:, 0] != marks[:, 1]).any(axis=1)
    assert differs[:-1].sum() > reach // 2
    assert not differs[-1]


def in_torch(weights: Any, heard: np.ndarray) -> np.ndarray:
    """Logits ``(hops, 2)`` by torch's own recurrent layers."""
    layers = nn.GRU(INPUTS, weights["weight_hh_0"].shape[1], LAYERS, batch_first=True)
    with torch.no_grad():
        for layer in range(LAYERS):
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                getattr(layers, f"{name}_l{layer}").copy_(torch.from_numpy(weights[f"{name}_{layer}"]))
        values = layers(torch.from_numpy(heard)[None])[0][0].numpy()
    return np.asarray(values @ weights["weight_out"].T + weights["bias_out"])


def test_the_recurrent_network_hop_by_hop_equals_torch_over_all_and_marks_the_bars():
    heard = np.random.default_rng(2).uniform(0.0, 4.0, (60, INPUTS)).astype(np.float32)
    network, marker = RecurrentNetwork(load_bars()), BeatMarker(*load_weights(), bars=load_bars())
    beats_alone = BeatMarker(*load_weights())
    whole = in_torch(load_bars(), heard)
    assert np.array([network.process(row) for row in heard]) == pytest.approx(whole, abs=1e-4)
    marks = np.array([marker.process(row) for row in heard])
    assert marks[:, 1] == pytest.approx(1.0 / (1.0 + np.exp(-whole[:, 1])), abs=1e-4)
    assert marks[:, 0].tolist() == [beats_alone.process(row)[0] for row in heard]


def test_reset_forgets():
    marker = BeatMarker(*load_weights(), bars=load_bars())
    row = np.full(INPUTS, 1.0, np.float32)
    first = [marker.process(row) for _ in range(5)]
    marker.reset()
    assert [marker.process(row) for _ in range(5)] == first


@pytest.mark.parametrize("weights", load_weights())
def test_the_weights_are_small_and_whole(weights):
    assert sum(array.nbytes for array in weights.values()) < 1_500_000
    assert all(np.isfinite(array).all() and array.dtype == np.float32 for array in weights.values())
    channels = len(weights["bias_in"])
    assert weights["weight_in"].shape == (channels, FIRST_TAPS * INPUTS)
    assert all(weights[f"weight_{number}"].shape == (channels, TAPS * channels) for number in range(BLOCKS))
