import numpy as np
import pytest

from instrument.features.vector import SILENT
from instrument.mapping.fallback import LISTENS, MIDDLES, NAMES, fallback_moods, fallback_network
from instrument.mapping.inputs import INPUT_NAMES, LATELY_NAMES
from instrument.mapping.mapper import MoodMapper, softmax
from instrument.mapping.moods import MoodSet
from instrument.params.table import build_table

Z_DIM, W_DIM = 24, 32
W_AVG = np.linspace(-1.0, 1.0, W_DIM, dtype=np.float32)
MIX = np.random.default_rng(8).standard_normal((Z_DIM, W_DIM)).astype(np.float32)
USUAL = np.array([MIDDLES.get(name, 0.5) for name in INPUT_NAMES])


def map_z(z: np.ndarray) -> np.ndarray:
    return np.asarray(W_AVG + z @ MIX, dtype=np.float32)


@pytest.fixture(scope="module")
def picked() -> MoodSet:
    return fallback_moods(map_z, Z_DIM, W_AVG, "ab" * 32, 0)


def test_same_generator_and_seed_same_moods(picked: MoodSet) -> None:
    again = fallback_moods(map_z, Z_DIM, W_AVG, "ab" * 32, 0)
    np.testing.assert_array_equal(again.centroids, picked.centroids)
    np.testing.assert_array_equal(again.basis, picked.basis)
    other = fallback_moods(map_z, Z_DIM, W_AVG, "ab" * 32, 1)
    assert np.abs(other.centroids - picked.centroids).max() > 0.1


def test_three_well_apart_at_the_usual_distance(picked: MoodSet) -> None:
    assert picked.names == NAMES == ("A", "B", "C")
    offsets = picked.centroids - W_AVG
    lengths = np.linalg.norm(offsets, axis=1)
    usual = np.median(np.linalg.norm(map_z(np.random.default_rng(5).standard_normal((500, Z_DIM))) - W_AVG, axis=1))
    np.testing.assert_allclose(lengths, lengths[0], rtol=1e-5)
    assert 0.8 * usual < lengths[0] < 1.25 * usual
    alike = (offsets @ offsets.T) / lengths[0] ** 2
    assert alike[np.triu_indices(3, 1)].max() < 0.1


@pytest.mark.parametrize("w_dim", [1, 2, 5])
def test_a_very_small_w_still_plays(w_dim: int) -> None:
    moods = fallback_moods(lambda z: z[:, :w_dim], 5, np.zeros(w_dim, np.float32), "ab" * 32, 0)
    assert moods.w_dim == w_dim
    MoodMapper(moods, fallback_network(moods))


def test_a_mapping_that_has_collapsed_is_finite() -> None:
    moods = fallback_moods(lambda z: np.tile(W_AVG, (len(z), 1)), Z_DIM, W_AVG, "ab" * 32, 0)
    np.testing.assert_allclose(moods.centroids, np.tile(W_AVG, (3, 1)))


def test_the_ear_is_neutral_in_the_middle(picked: MoodSet) -> None:
    logits, coords = fallback_network(picked).process(USUAL)
    np.testing.assert_allclose(logits, 0.0, atol=1e-5)
    np.testing.assert_allclose(coords, 0.0, atol=1e-5)
    assert all(abs(sum(row)) < 1e-12 for row in LISTENS.values()), "a descriptor speaks for all moods at once"


@pytest.mark.parametrize(
    ("sound", "mood"),
    [
        ({"spectral_contrast": 0.9, "chroma_variance": 0.9, "spectral_flatness": 0.1}, "A"),
        ({"spectral_flatness": 0.9, "zero_crossing_rate": 0.9, "spectral_contrast": 0.1}, "B"),
        ({"onset_strength": 1.0}, "C"),
    ],
)
def test_tones_noise_and_attacks_lead_elsewhere(picked: MoodSet, sound: dict[str, float], mood: str) -> None:
    descriptors = np.array([sound.get(name, MIDDLES.get(name, 0.5)) for name in INPUT_NAMES])
    weights = softmax(fallback_network(picked).process(descriptors)[0].astype(np.float64))
    assert weights[NAMES.index(mood)] > 0.7


def test_the_picture_moves_with_every_descriptor(picked: MoodSet) -> None:
    network = fallback_network(picked)
    length = np.linalg.norm(picked.centroids[0] - W_AVG)

    def target(descriptors: np.ndarray) -> np.ndarray:
        logits, coords = network.process(descriptors)
        return picked.target(softmax(logits.astype(np.float64)), coords)

    for index in range(len(LATELY_NAMES)):
        moved = USUAL.copy()
        moved[index] += 0.3
        assert np.linalg.norm(target(moved) - target(USUAL)) > 0.1 * length, INPUT_NAMES[index]


def test_silence_weighs_all_alike(picked: MoodSet) -> None:
    mapper = MoodMapper(picked, fallback_network(picked))
    params = {name: row.default for name, row in build_table(picked.names).items()}
    np.testing.assert_allclose(mapper.process(SILENT, params, 0.1).played, 1.0 / 3.0)
