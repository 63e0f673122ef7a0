import numpy as np
import pytest

from instrument.tools.fit.character import (
    CHARACTERS,
    MEASURES,
    character_scores,
    count_partials,
    hear_spectra,
    measures,
)
from instrument.tools.fit.synthetic import SAMPLE_RATE, WRITERS

RATE = 48_000
TIME_S = np.arange(6 * RATE) / RATE


def measured(sound: np.ndarray) -> dict[str, float]:
    """The measures in the middle of a mono sound."""
    table = measures(hear_spectra(sound.astype(np.float32), RATE), 1024 / RATE)
    return dict(zip(MEASURES, table[len(table) // 2], strict=True))


def test_the_share_of_the_bass_is_that_of_its_energy() -> None:
    sound = 0.2 * np.sin(2 * np.pi * 60 * TIME_S) + 0.1 * np.sin(2 * np.pi * 3000 * TIME_S)
    found = measured(sound)
    assert found["bass_share"] == pytest.approx(0.8, abs=0.01)
    assert found["treble_db"] == pytest.approx(10 * np.log10(0.2), abs=0.1)
    assert found["level_db"] == pytest.approx(10 * np.log10(0.025), abs=0.1)


def test_tones_are_counted_and_noise_has_none() -> None:
    chord = sum(0.1 * np.sin(2 * np.pi * hz * TIME_S) for hz in (440, 660, 1000, 2500))
    assert measured(np.asarray(chord))["partials"] == pytest.approx(4.0, abs=0.2)
    noise = 0.1 * np.random.default_rng(0).standard_normal(len(TIME_S))
    assert measured(noise)["partials"] < 1.0
    assert count_partials(np.zeros((2, 1025)), 23.4).tolist() == [0.0, 0.0]


def test_attacks_are_heard() -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(len(TIME_S))
    pulses = noise * np.exp(-30.0 * (TIME_S % 0.25))
    tone = 0.1 * np.sin(2 * np.pi * 300 * TIME_S)
    assert measured(pulses)["attacks"] > 2.0 * measured(tone)["attacks"] + 0.5


@pytest.mark.parametrize("character", CHARACTERS)
def test_the_rule_agrees_with_what_was_written(character: str) -> None:
    """Sound made to be heavy, calm or bright is called so."""
    sound = WRITERS[character](np.random.default_rng(3))[: 8 * SAMPLE_RATE, 0]
    scores = character_scores(measures(hear_spectra(sound, SAMPLE_RATE), 1024 / SAMPLE_RATE))
    assert (scores.argmax(axis=1) == CHARACTERS.index(character)).mean() > 0.8
