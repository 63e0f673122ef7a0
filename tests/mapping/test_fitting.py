from collections.abc import Callable

import numpy as np
import pytest

from instrument.errors import CheckpointError
from instrument.mapping.fitting import fit_moods
from instrument.mapping.inputs import INPUT_NAMES
from instrument.mapping.inside import inside_views

NAMES = ("Aggressive", "Calm", "Deep Sea")
Draw = Callable[[int, int], tuple[np.ndarray, np.ndarray]]
AsInputs = Callable[[np.ndarray], np.ndarray]
WIDTH = len(INPUT_NAMES)


def test_it_hears_moods_it_was_not_shown(draw_sounds: Draw) -> None:
    sounds, labels = draw_sounds(600, 1)
    network, report = fit_moods(sounds, labels, NAMES, 4, 0)
    fresh, true = draw_sounds(600, 2)
    accuracy = (network.process(fresh)[0].argmax(axis=1) == true).mean()
    assert accuracy > 0.95
    assert report.train_accuracy > 0.95
    assert report.heldout_accuracy is not None
    assert abs(report.heldout_accuracy - accuracy) < 0.05
    assert report.confusion.sum() == 120
    np.testing.assert_allclose(np.trace(report.confusion) / 120, report.heldout_accuracy)


def test_labels_without_meaning_score_by_chance_on_held_out_sounds(draw_sounds: Draw) -> None:
    sounds, _ = draw_sounds(900, 1)
    labels = np.random.default_rng(5).integers(0, 3, 900)
    _, report = fit_moods(sounds, labels, NAMES, 4, 0)
    assert report.heldout_accuracy is not None
    assert report.heldout_accuracy < 0.5


def test_held_out_recordings_are_held_out_whole(as_inputs: AsInputs) -> None:
    """A label that only tells the recording can be learned from neighbours, and not from other recordings."""
    rng = np.random.default_rng(4)
    recordings = np.repeat(np.arange(60), 20)
    sounds = as_inputs(np.clip(rng.uniform(size=(60, 5))[recordings] + 0.01 * rng.standard_normal((1200, 5)), 0.0, 1.0))
    labels = (np.arange(60) % 3)[recordings]
    _, by_sound = fit_moods(sounds, labels, NAMES, 2, 0)
    _, by_recording = fit_moods(sounds, labels, NAMES, 2, 0, groups=recordings)
    assert by_sound.heldout_accuracy is not None
    assert by_recording.heldout_accuracy is not None
    assert by_sound.heldout_accuracy > by_recording.heldout_accuracy + 0.2
    assert by_recording.confusion.sum() == 12 * 20


def test_the_same_seed_gives_the_same_network(draw_sounds: Draw) -> None:
    sounds, labels = draw_sounds(90, 1)
    first, again, other = (fit_moods(sounds, labels, NAMES, 3, seed)[0] for seed in (7, 7, 8))
    for ours, theirs in zip(first.layers, again.layers, strict=True):
        np.testing.assert_array_equal(ours.weight, theirs.weight)
        np.testing.assert_array_equal(ours.bias, theirs.bias)
    assert np.abs(first.layers[0].weight - other.layers[0].weight).max() > 0.01


@pytest.mark.parametrize("dimension", [1, 4, 8])
def test_the_coordinates_move_inside_every_mood(draw_sounds: Draw, dimension: int) -> None:
    network, report = fit_moods(*draw_sounds(600, 1), NAMES, dimension, 0)
    assert report.coords_deviation.shape == (3, dimension)
    assert report.coords_deviation.min() > 0.35
    fresh, true = draw_sounds(600, 9)
    _, coords = network.process(fresh)
    for mood in range(3):
        inside = coords[true == mood, mood]
        assert inside.std(axis=0).min() > 0.35
        assert np.abs(inside.mean(axis=0)).max() < 0.2
        if 1 < dimension <= 5:
            assert np.abs(np.corrcoef(inside.T) - np.eye(dimension)).max() < 0.35


def test_a_descriptor_that_stands_still_is_not_blown_up() -> None:
    rng = np.random.default_rng(0)
    sounds = rng.uniform(size=(300, 5))
    sounds[:, 2] = 0.5 + 1e-6 * rng.standard_normal(300)
    view = inside_views(sounds, np.ones((300, 1)), 5, rng)[0]
    assert np.abs(view.weight[2]).max() < 30.0
    assert view.coords(sounds).std(axis=0).min() > 0.3


def test_a_rare_mood_counts_as_much_as_a_common_one(as_inputs: AsInputs) -> None:
    rng = np.random.default_rng(2)
    labels = np.repeat([0, 1], [950, 50])
    sounds = np.clip(0.5 + 0.12 * np.where(labels, 1, -1)[:, None] + 0.15 * rng.standard_normal((1000, 5)), 0, 1)
    network, _ = fit_moods(as_inputs(sounds), labels, ("A", "B"), 2, 0)
    fresh = np.clip(0.62 + 0.15 * rng.standard_normal((500, 5)), 0, 1)
    assert (network.process(as_inputs(fresh))[0].argmax(axis=1) == 1).mean() > 0.85


def test_three_sounds_are_enough_to_start_with(draw_sounds: Draw) -> None:
    sounds, labels = draw_sounds(3, 1)
    network, report = fit_moods(sounds, labels, NAMES, 4, 0)
    assert report.heldout_accuracy is None
    assert report.confusion.tolist() == np.eye(3, dtype=int).tolist()
    logits, coords = network.process(np.random.default_rng(0).uniform(size=(100, WIDTH)))
    assert np.isfinite(logits).all()
    assert coords.std(axis=0).min() > 0.1


def test_soft_labels_are_answered_softly(draw_sounds: Draw) -> None:
    sounds, labels = draw_sounds(300, 1)
    kind = (labels == 0).astype(int)
    answers = np.array([[0.1, 0.3, 0.6], [0.6, 0.3, 0.1]])
    network, _ = fit_moods(sounds, 5.0 * answers[kind], NAMES, 2, 0)
    powers = np.exp(network.process(sounds)[0])
    shares = powers / powers.sum(axis=1, keepdims=True)
    for index in range(2):
        np.testing.assert_allclose(shares[kind == index].mean(axis=0), answers[index], atol=0.06)


def test_logits_stay_within_reach_of_the_hand(network_logits_gap: float) -> None:
    assert network_logits_gap < 6.0


@pytest.fixture
def network_logits_gap(draw_sounds: Draw) -> float:
    network, _ = fit_moods(*draw_sounds(600, 1), NAMES, 4, 0)
    logits, _ = network.process(np.random.default_rng(0).uniform(size=(2000, WIDTH)))
    return float(np.quantile(np.ptp(logits, axis=1), 0.99))


@pytest.mark.parametrize(
    ("features", "labels", "answer"),
    [
        (np.zeros((3, 4)), [0, 1, 2], "features must be"),
        (np.full((3, WIDTH), np.nan), [0, 1, 2], "features must be"),
        (np.zeros((3, WIDTH)), [0, 1], "labels are"),
        (np.zeros((3, WIDTH)), [0.0, 1.0, 2.0], "labels are"),
        (np.zeros((3, WIDTH)), [0, 1, 3], "a label is no mood"),
        (np.zeros((3, WIDTH)), [0, 1, 1], "no sound is labelled 'Deep Sea'"),
        (np.zeros((3, WIDTH)), np.zeros((3, 3)), "not all zero"),
        (np.zeros((3, WIDTH)), np.full((3, 3), np.inf), "must be finite"),
        (np.zeros((0, WIDTH)), np.zeros(0, int), "no sound is labelled"),
    ],
)
def test_what_cannot_be_fitted_is_refused(features: np.ndarray, labels: object, answer: str) -> None:
    with pytest.raises(CheckpointError, match=answer):
        fit_moods(features, labels, NAMES, 2, 0)


def test_groups_and_dimension_are_checked(draw_sounds: Draw) -> None:
    sounds, labels = draw_sounds(60, 1)
    with pytest.raises(CheckpointError, match="2 groups for 60 sounds"):
        fit_moods(sounds, labels, NAMES, 2, 0, groups=[1, 2])
    with pytest.raises(CheckpointError, match="at least one"):
        fit_moods(sounds, labels, NAMES, 0, 0)
