from collections.abc import Callable

import numpy as np
import pytest

from instrument.features.vector import NormalizedFeatures
from instrument.mapping.fitting import fit_moods
from instrument.mapping.inputs import INPUT_NAMES
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import MoodNetwork

NAMES = ("Aggressive", "Calm", "Deep Sea")
W_DIM = 16
DIMENSION = 4
MIDDLES = np.array([[0.2, 0.8, 0.8, 0.8, 0.2], [0.7, 0.2, 0.2, 0.2, 0.6], [0.6, 0.5, 0.6, 0.5, 0.9]])


@pytest.fixture(scope="session")
def moods() -> MoodSet:
    rng = np.random.default_rng(3)
    centroids = 4.0 * rng.standard_normal((3, W_DIM))
    basis = rng.standard_normal((3, W_DIM, DIMENSION))
    return MoodSet(NAMES, ("fire", "still water", ""), centroids, basis, "ab" * 32)


def inputs_of(descriptors: np.ndarray) -> np.ndarray:
    """What the network is asked with after a while of these five ``(..., 5)``, level and octaves in the middle."""
    rest = np.full((*descriptors.shape[:-1], len(INPUT_NAMES) - 10), 0.5)
    return np.concatenate([descriptors, descriptors, rest], axis=-1)


@pytest.fixture(scope="session")
def as_inputs() -> Callable[[np.ndarray], np.ndarray]:
    return inputs_of


@pytest.fixture(scope="session")
def draw_sounds() -> Callable[[int, int], tuple[np.ndarray, np.ndarray]]:
    """Draws `count` labelled sounds: one cloud of descriptors a mood."""

    def draw(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        labels = np.arange(count) % 3
        sounds = MIDDLES[labels] + 0.1 * rng.standard_normal((count, 5))
        return inputs_of(np.clip(sounds, 0.0, 1.0)), labels

    return draw


@pytest.fixture(scope="session")
def network(draw_sounds: Callable[[int, int], tuple[np.ndarray, np.ndarray]]) -> MoodNetwork:
    return fit_moods(*draw_sounds(600, 0), NAMES, DIMENSION, 0)[0]


@pytest.fixture(scope="session")
def hear() -> Callable[..., NormalizedFeatures]:
    """Makes the features of a hop from its five descriptors."""

    def build(descriptors: np.ndarray, gate_open: bool = True) -> NormalizedFeatures:
        return NormalizedFeatures(
            *(float(value) for value in descriptors),
            level=0.5,
            gate_open=gate_open,
            capture_time_s=0.0,
            anchored=tuple(inputs_of(np.asarray(descriptors))[5:].tolist()),
        )

    return build
