import numpy as np
import pytest

from instrument.features.beat.bar_marker import BarMarker
from instrument.features.beat.beat_sketch import VALUES
from instrument.features.beat.front_end import BANDS, INPUTS
from instrument.features.beat.network import DELAY_S
from instrument.features.beat.passed_beats import PassedBeats
from instrument.features.beat.pitches import PITCHES
from instrument.features.beat.steps import STEP_S
from instrument.tools.beats import bar_net, beatwise_net
from instrument.tools.beats.bar_net import beats_of, fit_bars
from instrument.tools.beats.crops import Example, crop

PERIOD = 40


@pytest.fixture(autouse=True)
def little(monkeypatch):
    monkeypatch.setattr(bar_net, "CROP_S", 10.0)
    monkeypatch.setattr(beatwise_net, "BATCH", 4)
    monkeypatch.setattr(beatwise_net, "LEARNING_RATE", 1e-2)
    monkeypatch.setattr(beatwise_net, "RISE", 10)


def song(bar: int = 4, hops: int = 1700) -> Example:
    """Beats in the lower bands, and a long one in the upper ones where a bar begins."""
    heard = np.random.default_rng(1).uniform(0.0, 0.1, (hops, INPUTS)).astype(np.float32)
    heard[4::PERIOD, : BANDS // 2] += 3.0
    for start in range(4, hops, 4 * PERIOD):
        heard[start : start + PERIOD, BANDS // 2 : BANDS] += 3.0
    beats_s = (np.arange(4, hops, PERIOD) + 1) * STEP_S - DELAY_S
    return Example(heard, np.zeros((hops, PITCHES), np.float32), STEP_S, beats_s, bar)


def test_the_beats_of_a_crop_have_their_firsts_and_begin_anywhere():
    began = set()
    for seed in range(20):
        drawn = crop(song(), 900, np.random.default_rng(seed))
        beats, firsts = beats_of(drawn, np.random.default_rng(seed))
        assert beats.shape == (len(firsts), VALUES)
        at = np.flatnonzero(firsts[:, 0])
        assert set(np.diff(at)) == {4.0}
        began.add(int(at[0]))
    assert began == {0, 1, 2, 3}


def test_a_few_steps_learn_which_beat_has_the_accent():
    losses: list[float] = []
    weights = fit_bars([song()], [song()], 60, 0, lambda _, loss: losses.append(loss))
    assert np.mean(losses[-5:]) < 0.5 * losses[0]
    passed = PassedBeats()
    marker, firsts = BarMarker(weights), []
    for hop, (row, pitches) in enumerate(zip(song().heard, song().pitches, strict=True)):
        passed.hear(row, pitches)
        if hop > PERIOD and hop % PERIOD == 10:
            firsts.append(marker.first(passed.sketch(6.0 + PERIOD, 6.0)))
    assert np.argmax(np.reshape(firsts[8:32], (-1, 4)), axis=1).tolist() == [0] * 6


def test_what_is_not_in_bars_of_four_or_too_short_is_left_out():
    with pytest.raises(ValueError, match="no piece in bars of four"):
        fit_bars([song(bar=3), song(bar=0), song(hops=900)], [song()], 2, 0, lambda *_: None)
