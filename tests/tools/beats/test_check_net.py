from dataclasses import replace

import numpy as np
import pytest
import torch

from instrument.features.beat.beat_sketch import VALUES, BeatSketcher
from instrument.features.beat.beatwise_network import BeatwiseNetwork
from instrument.features.beat.front_end import BANDS, INPUTS
from instrument.features.beat.network import DELAY_S
from instrument.features.beat.pitches import PITCHES
from instrument.features.beat.steps import STEP_S
from instrument.tools.beats import beatwise_net, check_net
from instrument.tools.beats.beatwise_net import BeatwiseNet, Shape, arrays_of
from instrument.tools.beats.check_net import MISTAKES, Mistake, beats_of, fit_checks
from instrument.tools.beats.crops import Example, crop

PERIOD = 40


@pytest.fixture(autouse=True)
def little(monkeypatch):
    monkeypatch.setattr(check_net, "CROP_S", 10.0)
    monkeypatch.setattr(check_net, "SAMPLE_CROPS", 4)
    monkeypatch.setattr(beatwise_net, "BATCH", 8)
    monkeypatch.setattr(beatwise_net, "LEARNING_RATE", 1e-2)
    monkeypatch.setattr(beatwise_net, "RISE", 10)


def song(hops: int = 1700) -> Example:
    """Beats in the lower bands, and in the upper ones half way between them."""
    heard = np.random.default_rng(1).uniform(0.0, 0.1, (hops, INPUTS)).astype(np.float32)
    heard[4::PERIOD, : BANDS // 2] += 3.0
    heard[4 + PERIOD // 2 :: PERIOD, BANDS // 2 : BANDS] += 3.0
    pitches = np.zeros((hops, PITCHES), np.float32)
    return Example(heard, pitches, STEP_S, (np.arange(4, hops, PERIOD) + 1) * STEP_S - DELAY_S, 4)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"every {mistake.every:.2g}")
def test_what_is_right_of_each_mistake(mistake: Mistake):
    drawn = crop(song(), 900, np.random.default_rng(3))
    beats, right = beats_of(drawn, mistake, np.random.default_rng(4))
    assert beats.shape == (len(right), VALUES)
    usual = {
        (1.0, 0.0): (1.0, 0.0),
        (1.0, 0.5): (0.0, 1.0),
        (0.5, 0.0): (0.5, 0.0),
        (2.0, 0.0): (1.0, 1.0),
        (2.0, 0.5): (0.0, 0.0),
        (2.0 / 3.0, 0.0): (1.0 / 3.0, 1.0 / 3.0),
        (1.5, 0.0): (0.5, 0.0),
        (4.0 / 3.0, 0.0): (1.0 / 3.0, 1.0 / 3.0),
        (0.75, 0.0): (0.25, 0.0),
        (1.25, 0.0): (0.25, 0.0),
        (0.8, 0.0): (0.2, 0.2),
    }
    assert right[:, :2].mean(axis=0) == pytest.approx(usual[mistake.every, mistake.begins[0]], abs=0.1)
    begun = np.flatnonzero(right[:, 2])
    assert (right[begun, 0] == 1.0).all()
    # Beats that are played seldom may never be the first of a bar.
    assert len(begun) or not right[:, 0].any() or mistake.every in (1.25, 2.0)
    assert set(np.diff(begun)) <= {round(4.0 / mistake.every)}


def test_where_bars_begin_is_not_known_of_every_piece():
    unknown = replace(song(), bar=0)
    _, right = beats_of(crop(unknown, 900, np.random.default_rng(3)), MISTAKES[0], np.random.default_rng(4))
    assert np.isnan(right[:, 2]).all()
    assert not np.isnan(right[:, :2]).any()


def test_a_crop_with_too_few_beats_gives_none():
    drawn = crop(song(), 5 * PERIOD, np.random.default_rng(3))
    beats, right = beats_of(drawn, MISTAKES[0], np.random.default_rng(4))
    assert len(beats) == len(right) == 0


def test_the_shares_are_those_of_one_whole():
    assert sum(mistake.share for mistake in MISTAKES) == pytest.approx(1.0)


def test_a_few_steps_learn_what_lies_on_the_beat(monkeypatch):
    monkeypatch.setattr(check_net, "MISTAKES", (Mistake(0.5, 1.0, (0.0,)), Mistake(0.5, 1.0, (0.5,))))
    losses: list[float] = []
    weights = fit_checks([song()], [replace(song(), bar=0)], 40, 0, lambda _, loss: losses.append(loss))
    assert np.mean(losses[-5:]) < 0.5 * losses[0]
    assert len(weights["weight_out"]) == len(weights["bias_out"]) == 2
    said = []
    for begins in (3, 3 + PERIOD // 2):
        network, sketcher = BeatwiseNetwork(weights), BeatSketcher()
        rows, pitches = song().heard, song().pitches
        starts = range(begins, len(rows) - PERIOD, PERIOD)
        spans = [slice(start, start + PERIOD) for start in starts]
        logits = [network.process(sketcher.sketch(rows[span], pitches[span])).copy() for span in spans]
        said.append((np.array(logits[5:]) > 0.0).mean(axis=0))
    assert said[0] == pytest.approx([1.0, 0.0], abs=0.1)
    assert said[1] == pytest.approx([0.0, 1.0], abs=0.1)


def test_what_has_no_beats_or_is_too_short_is_left_out():
    silent = Example(song().heard, song().pitches, STEP_S, np.zeros(0), 0)
    with pytest.raises(ValueError, match="no piece with beats"):
        fit_checks([silent, song(hops=900)], [song()], 2, 0, lambda *_: None)


def test_beat_by_beat_it_is_what_torch_fitted():
    torch.manual_seed(4)
    network = BeatwiseNet(Shape(12, 16, 2)).eval()
    rng = np.random.default_rng(4)
    beats = rng.uniform(0.0, 4.0, (12, VALUES)).astype(np.float32)
    mean, spread = (rng.uniform(0.5, 2.0, VALUES).astype(np.float32) for _ in range(2))
    played = BeatwiseNetwork(arrays_of(network, mean, spread))
    with torch.no_grad():
        whole = network(torch.from_numpy((beats - mean) / spread)[None])[0].numpy()
    for beat, expected in zip(beats, whole, strict=True):
        assert played.process(beat) == pytest.approx(expected, abs=1e-5)
