from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from instrument.errors import CheckpointError
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import FORMAT, INPUT_NAMES, Layer, MoodNetwork, load_network, save_network
from instrument.mapping.tensor_file import encode_list, write_tensor_file


def test_what_is_saved_is_loaded(network: MoodNetwork, moods: MoodSet, tmp_path: Path) -> None:
    path = tmp_path / "mapping.safetensors"
    save_network(path, network)
    loaded = load_network(path, moods)
    sounds = np.random.default_rng(0).uniform(size=(50, 5))
    for ours, theirs in zip(network.process(sounds), loaded.process(sounds), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_one_sound_is_heard_as_it_is_among_many(network: MoodNetwork) -> None:
    sounds = np.random.default_rng(0).uniform(size=(20, 5))
    logits, coords = network.process(sounds)
    assert logits.shape == (20, 3)
    assert coords.shape == (20, 3, 4)
    assert np.abs(coords).max() <= 1.0
    for sound, its_logits, its_coords in zip(sounds, logits, coords, strict=True):
        alone_logits, alone_coords = network.process(sound)
        np.testing.assert_allclose(alone_logits, its_logits, atol=1e-5)
        np.testing.assert_allclose(alone_coords, its_coords, atol=1e-5)


@pytest.mark.parametrize("descriptor", range(5))
def test_every_descriptor_matters(network: MoodNetwork, descriptor: int) -> None:
    low, high = np.full(5, 0.5), np.full(5, 0.5)
    low[descriptor], high[descriptor] = 0.2, 0.8
    difference = [np.abs(a - b).max() for a, b in zip(network.process(low), network.process(high), strict=True)]
    assert min(difference) > 0.05


def test_other_moods_than_it_was_fitted_for_are_refused(network: MoodNetwork, moods: MoodSet, tmp_path: Path) -> None:
    path = tmp_path / "mapping.safetensors"
    save_network(path, network)
    turned = replace(moods, names=moods.names[::-1])
    with pytest.raises(CheckpointError, match=r"for the moods Aggressive, Calm, Deep Sea, .* fit again"):
        load_network(path, turned)
    narrow = replace(moods, basis=moods.basis[:, :, :2])
    with pytest.raises(CheckpointError, match="4 coordinates a mood, the moods have 2: fit again"):
        load_network(path, narrow)


def _layer(inputs: int, outputs: int) -> Layer:
    return Layer(np.zeros((inputs, outputs), np.float32), np.zeros(outputs, np.float32))


@pytest.mark.parametrize("sizes", [(4, 6), (5, 7), (5,), (5, 8, 3)])
def test_layers_that_do_not_lead_to_the_moods_are_refused(sizes: tuple[int, ...]) -> None:
    layers = tuple(_layer(inputs, outputs) for inputs, outputs in pairwise(sizes))
    with pytest.raises(CheckpointError):
        MoodNetwork(("A", "B"), 2, layers)
    with pytest.raises(CheckpointError, match="layer 1"):
        MoodNetwork(("A", "B"), 2, (_layer(5, 8), _layer(9, 6)))


WORDS = {"moods": '["A", "B"]', "inputs": encode_list(INPUT_NAMES), "dimension": "2"}
ARRAYS = {"layer0.weight": np.zeros((5, 6), np.float32), "layer0.bias": np.zeros(6, np.float32)}


@pytest.mark.parametrize(
    ("words", "arrays", "answer"),
    [
        ({"inputs": '["loudness"]'}, {}, "listens to loudness, not to spectral_contrast"),
        ({"dimension": "two"}, {}, "not a number"),
        ({"dimension": "999999999999"}, {}, "does not fit its moods"),
        ({}, {"layer0.bias": np.zeros(5, np.float32)}, "does not fit the one before"),
        ({}, {"layer0.bias": np.full(6, np.inf, np.float32)}, "not finite"),
        ({}, {"layer2.weight": np.zeros((6, 6), np.float32)}, "layer1.weight"),
    ],
)
def test_a_damaged_file_is_refused(
    tmp_path: Path, moods: MoodSet, words: dict[str, str], arrays: dict[str, np.ndarray], answer: str
) -> None:
    path = tmp_path / "mapping.safetensors"
    write_tensor_file(path, FORMAT, 1, {**ARRAYS, **arrays}, {**WORDS, **words})
    with pytest.raises(CheckpointError, match=answer):
        load_network(path, moods)


def test_a_file_of_moods_is_no_mapping(tmp_path: Path, moods: MoodSet) -> None:
    path = tmp_path / "mapping.safetensors"
    write_tensor_file(path, "latent-instrument/moods", 1, ARRAYS, WORDS)
    with pytest.raises(CheckpointError, match="no latent-instrument/mapping file"):
        load_network(path, moods)
