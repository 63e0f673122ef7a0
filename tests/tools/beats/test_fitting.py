import numpy as np
import pytest

from instrument.features.beat.front_end import INPUTS
from instrument.features.beat.network import DELAY_S, BeatMarker
from instrument.tools.beats.training import Example, fit, targets

HOP_S = 512 / 46000


def pulses(period: int, hops: int = 1400) -> Example:
    """A rise in all bands each `period` hops, 35 ms after the beat."""
    heard = np.random.default_rng(period).uniform(0.0, 0.1, (hops, INPUTS)).astype(np.float32)
    heard[4::period] += 3.0
    beats_s = (np.arange(4, hops, period) + 1) * HOP_S - DELAY_S
    return Example(heard, HOP_S, beats_s, 4)


def test_targets_stand_where_the_network_has_heard_enough():
    example = pulses(50)
    rows = targets(example)
    assert np.flatnonzero(rows[:, 0] == 1.0).tolist() == list(range(4, 1400, 50))
    assert np.flatnonzero(rows[:, 1] == 1.0).tolist() == list(range(4, 1400, 200))
    assert rows[3, 0] == rows[5, 0] == 0.5


def test_a_few_steps_learn_a_plain_pulse_and_what_ships_is_what_was_fitted():
    losses = []
    weights = fit([pulses(48)], 5, 0, lambda _, loss: losses.append(loss), batch=2)
    assert losses[-1] < losses[0]
    marker = BeatMarker(weights)
    assert all(0.0 < mark < 1.0 for row in pulses(48).heard[:20] for mark in marker.process(row))
    with pytest.raises(ValueError):
        fit([pulses(50, 100)], 2, 0, lambda _, __: None)
