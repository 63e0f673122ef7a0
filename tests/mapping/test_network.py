from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from instrument.errors import CheckpointError
from instrument.mapping.inputs import INPUT_NAMES, LATELY_NAMES
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import FORMAT, Layer, MoodNetwork, load_network, save_network
from instrument.mapping.tensor_file import encode_list, write_tensor_file

WIDTH = len(INPUT_NAMES)


def test_what_is_saved_is_loaded(network: MoodNetwork, moods: MoodSet, tmp_path: Path) -> None:
    path = tmp_path / "mapping.safetensors"
    save_network(path, network)
    loaded = load_network(path, moods)
    sounds = np.random.default_rng(0).uniform(size=(50, WIDTH))
    for ours, theirs in zip(network.process(sounds), loaded.process(sounds), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_one_sound_is_heard_as_it_is_among_many(network: MoodNetwork) -> None:
    sounds = np.random.default_rng(0).uniform(size=(20, WIDTH))
    logits, coords = network.process(sounds)
    assert logits.shape == (20, 3)
    assert coords.shape == (20, 3, 4)
    assert np.abs(coords).max() <= 1.0
    for sound, its_logits, its_coords in zip(sounds, logits, coords, strict=True):
        alone_logits, alone_coords = network.process(sound)
        np.testing.assert_allclose(alone_logits, its_logits, atol=1e-5)
        np.testing.assert_allclose(alone_coords, its_coords, atol=1e-5)


@pytest.mark.parametrize("name", LATELY_NAMES)
def test_every_descriptor_matters(network: MoodNetwork, name: str) -> None:
    """The moment moves the coordinates, what is anchored the moods, and neither the other's."""
    for own, (logits_move, coords_move) in ((name, (False, True)), (f"anchored.{name}", (True, False))):
        low, high = np.full(WIDTH, 0.5), np.full(WIDTH, 0.5)
        low[INPUT_NAMES.index(own)], high[INPUT_NAMES.index(own)] = 0.2, 0.8
        logits, coords = (np.abs(a - b).max() for a, b in zip(network.process(low), network.process(high), strict=True))
        assert (logits > 0.05) == logits_move
        assert (coords > 0.05) == coords_move
        assert logits_move or logits < 1e-5
        assert coords_move or coords < 1e-5


def test_a_file_that_knows_fewer_inputs_is_deaf_to_the_others(moods: MoodSet, tmp_path: Path) -> None:
    path = tmp_path / "mapping.safetensors"
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((5, 15)).astype(np.float32)
    words = {"moods": encode_list(moods.names), "inputs": encode_list(LATELY_NAMES), "dimension": "4"}
    write_tensor_file(path, FORMAT, 1, {"layer0.weight": weight, "layer0.bias": np.zeros(15, np.float32)}, words)
    network = load_network(path, moods)
    sound, same = rng.uniform(size=(2, WIDTH))
    same[:5] = sound[:5]
    np.testing.assert_array_equal(network.process(sound)[0], network.process(same)[0])
    np.testing.assert_allclose(network.process(sound)[0], sound[:5] @ weight[:, :3], atol=1e-5)


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


@pytest.mark.parametrize("sizes", [(4, 6), (WIDTH, 7), (WIDTH,), (WIDTH, 8, 3)])
def test_layers_that_do_not_lead_to_the_moods_are_refused(sizes: tuple[int, ...]) -> None:
    layers = tuple(_layer(inputs, outputs) for inputs, outputs in pairwise(sizes))
    with pytest.raises(CheckpointError):
        MoodNetwork(("A", "B"), 2, layers)
    with pytest.raises(CheckpointError, match="layer 1"):
        MoodNetwork(("A", "B"), 2, (_layer(WIDTH, 8), _layer(9, 6)))


WORDS = {"moods": '["A", "B"]', "inputs": encode_list(LATELY_NAMES), "dimension": "2"}
ARRAYS = {"layer0.weight": np.zeros((5, 6), np.float32), "layer0.bias": np.zeros(6, np.float32)}


@pytest.mark.parametrize(
    ("words", "arrays", "answer"),
    [
        ({"inputs": '["loudness"]'}, {}, "listens to loudness, not to spectral_contrast"),
        ({"inputs": encode_list(INPUT_NAMES)}, {}, "does not fit its inputs"),
        ({}, {"usual": np.zeros(4, np.float32), "scatter": np.zeros((4, 4), np.float32)}, "takes for usual"),
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
