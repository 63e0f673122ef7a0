from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from instrument.errors import InstrumentError
from instrument.features.beat.front_end import BANDS, INPUTS
from instrument.features.beat.network import DELAY_S, TEMPI_BPM, BeatMarker
from instrument.features.beat.pitches import PITCHES
from instrument.tools.beats import training
from instrument.tools.beats.beat_net import BeatNet, arrays_of
from instrument.tools.beats.crops import STRETCH, Example, crop, marks_of, targets, tempo_of, with_rises
from instrument.tools.beats.hearing import hear
from instrument.tools.beats.keeping import HOP_SIZE, examples_of, file_name
from instrument.tools.beats.pieces import constructed
from instrument.tools.beats.training import Plan, fit

HOP_S = 512 / 46000


@pytest.fixture(autouse=True)
def short_crops(monkeypatch):
    monkeypatch.setattr(training, "CROP_S", 4.0)


def pulses(period: int, hops: int = 1700) -> Example:
    """A rise in all bands each `period` hops, 35 ms after the beat."""
    heard = np.random.default_rng(period).uniform(0.0, 0.1, (hops, INPUTS)).astype(np.float32)
    heard[4::period] += 3.0
    beats_s = (np.arange(4, hops, period) + 1) * HOP_S - DELAY_S
    return Example(heard, np.zeros((hops, PITCHES), np.float32), HOP_S, beats_s, 4)


def test_targets_stand_where_the_network_has_heard_enough():
    rows = targets(marks_of(pulses(50)), 1700, 4)
    assert np.flatnonzero(rows[:, 0] == 1.0).tolist() == list(range(4, 1700, 50))
    assert np.flatnonzero(rows[:, 1] == 1.0).tolist() == list(range(4, 1700, 200))
    assert rows[3, 0] == rows[5, 0] == 0.5


@pytest.mark.parametrize("seed", range(6))
def test_a_crop_at_another_pace_keeps_its_marks_on_what_is_heard(seed):
    drawn = crop(pulses(55), 1200, np.random.default_rng(seed))
    marks = np.flatnonzero(drawn.marks[:, 0] == 1.0)
    assert len(marks) > 15
    heights = drawn.levels.mean(axis=1)
    delay = DELAY_S / HOP_S
    for mark in marks:
        # The delay of the network is not stretched, so the pulse may be that share of a hop or two beside its mark.
        near = heights[max(mark - 2, 0) : mark + 3]
        assert near.max() > heights.mean() + 0.1
        assert abs(int(np.argmax(near)) - min(mark, 2)) <= 1 + STRETCH * delay


def test_rises_are_those_of_the_front_end():
    piece = constructed("rock", 3)
    heard, _ = hear(piece.samples[: 6 * piece.sample_rate], piece.sample_rate)
    made = with_rises(heard[None, :, :BANDS])[0]
    assert np.abs(made - heard)[8:].mean() < 0.004
    assert np.corrcoef(made[8:, BANDS:].ravel(), heard[8:, BANDS:].ravel())[0, 1] > 0.99


def test_a_few_steps_learn_a_plain_pulse_and_what_ships_is_what_was_fitted():
    losses = []
    weights = fit([pulses(48)], [], Plan(6, batch=2), lambda _, loss: losses.append(loss))
    assert losses[-1] < losses[0]
    marker = BeatMarker(weights)
    assert all(0.0 < marker.process(row) < 1.0 for row in pulses(48).heard[:20])
    with pytest.raises(ValueError, match="no piece is longer"):
        fit([pulses(50, 100)], [], Plan(2), lambda _, __: None)


def test_an_interrupted_fit_goes_on_as_if_it_had_not_been(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "KEEP_EVERY", 2)
    state, steps = tmp_path / "fit.safetensors", []
    plan = Plan(6, batch=2, channels=8, state=state)

    def stop(step: int, _loss: float) -> None:
        if step == 5:
            raise KeyboardInterrupt

    whole = fit([pulses(48)], [pulses(60)], replace(plan, state=None), lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        fit([pulses(48)], [pulses(60)], plan, stop)
    kept = state.read_bytes()
    resumed = fit([pulses(48)], [pulses(60)], plan, lambda step, _: steps.append(step))
    assert steps == [4, 5]
    assert all(np.array_equal(resumed[name], whole[name]) for name in whole)
    for state_of_another, other in (
        (b"no fit", plan),
        (kept, replace(plan, steps=8)),
        (kept, replace(plan, channels=9)),
    ):
        state.write_bytes(state_of_another)
        with pytest.raises(InstrumentError, match="delete it"):
            fit([pulses(48)], [], other, lambda *_: None)


def test_hop_by_hop_it_is_what_torch_fitted():
    torch.manual_seed(3)
    network = BeatNet(12)
    rng = np.random.default_rng(3)
    heard = rng.uniform(0.0, 4.0, (900, INPUTS)).astype(np.float32)
    mean, spread = heard.mean(axis=0), rng.uniform(0.5, 2.0, INPUTS).astype(np.float32)
    standardised = torch.from_numpy((heard - mean) / spread)[None]
    network(standardised)  # gives the norms something to remember
    with torch.no_grad():
        marks, tempi = network.eval()(standardised)
    marker = BeatMarker(arrays_of(network, mean, spread))
    played = [(marker.process(row), marker.tempi()) for row in heard]
    assert [mark for mark, _ in played] == pytest.approx(torch.sigmoid(marks[0, :, 0]).numpy(), abs=1e-5)
    assert np.array([each for _, each in played]) == pytest.approx(tempi[0].numpy(), abs=1e-4)


def test_the_tempo_asked_for_is_that_of_the_hop():
    marks = np.concatenate([np.arange(0.0, 500.0, 50.0), np.arange(500.0, 1001.0, 25.0)])
    at = np.interp(tempo_of(marks, 1000, HOP_S), np.arange(len(TEMPI_BPM)), np.log(TEMPI_BPM))
    assert np.exp(at[[100, 900]]) == pytest.approx([60.0 / (50.0 * HOP_S), 60.0 / (25.0 * HOP_S)], rel=0.001)
    assert set(tempo_of(np.zeros(0), 10, HOP_S)) == {-1.0}


def test_a_piece_is_made_once_and_kept(tmp_path):
    job = partial(constructed, "half-time", 4)
    (made,) = examples_of([job], tmp_path)
    path = tmp_path / file_name(job)
    assert path.name == "constructed-half-time-4.safetensors"
    before = path.stat().st_mtime_ns
    (kept,) = examples_of([job], tmp_path)
    assert path.stat().st_mtime_ns == before
    assert np.array_equal(kept.heard, made.heard)
    assert np.array_equal(kept.beats_s, made.beats_s)
    assert (kept.hop_s, kept.bar) == (made.hop_s, made.bar)
    assert made.hop_s == HOP_SIZE / 44_100
    path.write_bytes(b"nothing")
    with pytest.raises(InstrumentError, match="delete it"):
        list(examples_of([job], tmp_path))
