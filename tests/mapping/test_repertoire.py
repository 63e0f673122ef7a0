"""Moods that join the checkpoint's own, and how the sound asks for them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from instrument.errors import CheckpointError
from instrument.mapping.mined_shelf import MinedShelf, load_mined, save_mined
from instrument.mapping.moods import MOST, MoodSet
from instrument.mapping.network import MoodNetwork
from instrument.mapping.repertoire import MinedMood, Repertoire, network_for

HAND = 6.0
"""The most a hand can add."""


def mined(moods: MoodSet, name: str = "Embers", seed: int = 0) -> MinedMood:
    rng = np.random.default_rng(seed)
    shapes = moods.centroids.shape[1:], moods.basis.shape[1:]
    return MinedMood(name, "burning embers", *(rng.standard_normal(shape).astype(np.float32) for shape in shapes))


@pytest.fixture
def repertoire(moods: MoodSet, network: MoodNetwork) -> Repertoire:
    return Repertoire(moods, network)


@pytest.fixture
def sounds() -> np.ndarray:
    return np.random.default_rng(1).uniform(0.0, 1.0, (200, 16))


def test_a_mood_joins_and_goes(repertoire: Repertoire, moods: MoodSet) -> None:
    grown = repertoire.with_mood(mined(moods)).with_mood(mined(moods, "Ocean", 1))
    assert grown.moods.names == (*moods.names, "Embers", "Ocean")
    np.testing.assert_array_equal(grown.moods.centroids[3], mined(moods).centroid)
    np.testing.assert_array_equal(grown.moods.basis[4], mined(moods, "Ocean", 1).basis)
    assert grown.without("Embers").moods.names == (*moods.names, "Ocean")
    assert repertoire.moods is moods


def test_what_the_sound_asks_of_the_old_moods_stays(
    repertoire: Repertoire, moods: MoodSet, network: MoodNetwork, sounds: np.ndarray
) -> None:
    logits, coords = repertoire.with_mood(mined(moods)).full_network.process(sounds)
    old_logits, old_coords = network.process(sounds)
    np.testing.assert_allclose(logits[:, :3], old_logits, atol=1e-5)
    np.testing.assert_allclose(coords[:, :3], old_coords, atol=1e-5)
    assert np.abs(coords[:, 3]).max() > 0.1, "the picture would stand still in it"


def test_a_new_mood_waits_for_a_hand(repertoire: Repertoire, moods: MoodSet, sounds: np.ndarray) -> None:
    logits, _ = repertoire.with_mood(mined(moods)).full_network.process(sounds)

    def share(bias: float) -> np.ndarray:
        powers = np.exp(logits + bias * np.eye(4)[3])
        return powers[:, 3] / powers.sum(axis=1)

    assert share(0.0).max() < 0.05
    assert np.median(share(HAND)) > 0.8


def test_networks_shrink_as_they_grew(network: MoodNetwork, sounds: np.ndarray) -> None:
    back = network_for(network_for(network, (*network.names, "Embers")), network.names)
    np.testing.assert_array_equal(back.process(sounds)[0], network.process(sounds)[0])
    np.testing.assert_array_equal(back.process(sounds)[1], network.process(sounds)[1])


def test_refused(repertoire: Repertoire, moods: MoodSet) -> None:
    with pytest.raises(CheckpointError, match="came with the checkpoint"):
        repertoire.without("Calm")
    with pytest.raises(CheckpointError, match="called alike"):
        repertoire.with_mood(mined(moods, "calm"))
    with pytest.raises(CheckpointError, match="another generator"):
        repertoire.with_mood(replace(mined(moods), centroid=np.zeros(3, np.float32)))
    many = repertoire
    for number in range(MOST - len(moods.names)):
        many = many.with_mood(mined(moods, f"M{number}"))
    with pytest.raises(CheckpointError, match="there must be 2 to 12"):
        many.with_mood(mined(moods))


def test_the_shelf_keeps_them(moods: MoodSet, tmp_path: Path) -> None:
    shelf = MinedShelf(tmp_path / "mined", moods)
    assert shelf.load() == ()
    kept = [mined(moods), mined(moods, "Ocean", 1)]
    shelf.keep(kept)
    for one, back in zip(kept, shelf.load(), strict=True):
        assert (one.name, one.prompt) == (back.name, back.prompt)
        np.testing.assert_array_equal(one.centroid, back.centroid)
        np.testing.assert_array_equal(one.basis, back.basis)
    assert MinedShelf(tmp_path / "mined", replace(moods, fingerprint="cd" * 32)).load() == ()
    shelf.keep(())
    assert list((tmp_path / "mined").iterdir()) == []


def test_a_damaged_shelf_is_one_line(moods: MoodSet, tmp_path: Path) -> None:
    path = tmp_path / "mined.safetensors"
    save_mined(path, [mined(moods)])
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"mined\.safetensors") as caught:
        load_mined(path)
    assert "\n" not in str(caught.value)
