import numpy as np
import pytest

from instrument.features.beat.front_end import INPUTS
from instrument.features.beat.network import BLOCKS, FIRST_TAPS, TAPS, TEMPI_BPM, BeatMarker, load_weights


def test_networks_are_averaged_before_the_mark_is_made():
    heard = np.random.default_rng(2).uniform(0.0, 4.0, (60, INPUTS)).astype(np.float32)
    fits = load_weights()
    assert len(fits) > 1
    alone = [BeatMarker(weights) for weights in fits]
    together = BeatMarker(*fits)
    for row in heard:
        marks = np.array([marker.process(row) for marker in alone])
        logits = np.log(marks / (1.0 - marks)).mean()
        assert together.process(row) == pytest.approx(1.0 / (1.0 + np.exp(-logits)), abs=1e-4)
        assert together.tempi() == pytest.approx(np.mean([marker.tempi() for marker in alone], axis=0), abs=1e-4)


def test_what_was_heard_eleven_seconds_ago_counts_and_what_came_before_does_not():
    reach = (FIRST_TAPS - 1) + (TAPS - 1) * (2**BLOCKS - 1)
    heard = np.random.default_rng(4).uniform(0.0, 4.0, (reach + 2, INPUTS)).astype(np.float32)
    other = heard.copy()
    other[0] = 0.0
    markers = [BeatMarker(load_weights()[0]) for _ in range(2)]
    marks = np.array([[marker.process(row) for marker, row in zip(markers, rows, strict=True)]
                      for rows in zip(heard, other, strict=True)])  # fmt: skip
    differs = marks[:, 0] != marks[:, 1]
    assert differs[:-1].sum() > reach // 2
    assert not differs[-1]


def test_reset_forgets():
    marker = BeatMarker(*load_weights())
    row = np.full(INPUTS, 1.0, np.float32)
    first = [marker.process(row) for _ in range(5)]
    tempi = marker.tempi()
    marker.reset()
    assert not np.array_equal(marker.tempi(), tempi)
    assert [marker.process(row) for _ in range(5)] == first


@pytest.mark.parametrize("weights", load_weights())
def test_the_weights_are_small_and_whole(weights):
    assert sum(array.nbytes for array in weights.values()) < 1_500_000
    assert all(np.isfinite(array).all() and array.dtype == np.float32 for array in weights.values())
    channels = len(weights["bias_in"])
    assert weights["weight_tempo"].shape == (len(TEMPI_BPM), channels)
    assert weights["weight_in"].shape == (channels, FIRST_TAPS * INPUTS)
    assert all(weights[f"weight_{number}"].shape == (channels, TAPS * channels) for number in range(BLOCKS))
