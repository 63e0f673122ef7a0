from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from instrument.errors import CheckpointError
from instrument.mapping.fallback import fallback_moods, fallback_network
from instrument.mapping.inputs import ANCHORED, INPUT_NAMES
from instrument.mapping.lesson import Lesson, load_lesson, save_lesson
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import MoodNetwork, load_network, save_network
from instrument.mapping.relearning import relearn
from instrument.mapping.relearning_child import main
from instrument.mapping.shelf import KEPT, TaughtShelf

Draw = Callable[[int, int], tuple[np.ndarray, np.ndarray]]


@pytest.fixture(scope="module")
def lesson(as_inputs: Callable[[np.ndarray], np.ndarray]) -> Lesson:
    """A sound that is nobody's, held for Calm."""
    rng = np.random.default_rng(7)
    sound = np.array([0.1, 0.9, 0.1, 0.9, 0.9])
    return Lesson(as_inputs(sound + 0.03 * rng.standard_normal((90, 5))), np.ones(90, np.int64))


@pytest.fixture(scope="module")
def learned(network: MoodNetwork, lesson: Lesson) -> MoodNetwork:
    return relearn(network, lesson, 0)


def heard(network: MoodNetwork, inputs: np.ndarray) -> np.ndarray:
    return network.process(inputs)[0].argmax(axis=1)


def test_what_was_shown_is_heard(network: MoodNetwork, learned: MoodNetwork, lesson: Lesson) -> None:
    assert (heard(network, lesson.inputs) == 1).mean() < 0.5
    assert (heard(learned, lesson.inputs) == 1).mean() > 0.95


def test_what_was_not_shown_is_not_forgotten(learned: MoodNetwork, draw_sounds: Draw) -> None:
    sounds, labels = draw_sounds(600, 12)
    assert (heard(learned, sounds) == labels).mean() > 0.9


def test_the_pictures_inside_the_moods_stay_as_they_were(network: MoodNetwork, learned: MoodNetwork) -> None:
    sounds = np.random.default_rng(0).uniform(size=(50, len(INPUT_NAMES)))
    np.testing.assert_allclose(learned.process(sounds)[1], network.process(sounds)[1], atol=1e-4)


def test_a_mood_stays_deaf_to_the_moment(learned: MoodNetwork) -> None:
    sounds = np.random.default_rng(0).uniform(size=(2, len(INPUT_NAMES)))
    sounds[1, ANCHORED] = sounds[0, ANCHORED]
    logits, _ = learned.process(sounds)
    np.testing.assert_allclose(logits[0], logits[1], atol=1e-4)


def test_a_mapping_that_stands_in_can_be_taught(lesson: Lesson) -> None:
    rng = np.random.default_rng(8)
    mix = rng.standard_normal((24, 32)).astype(np.float32)
    moods = fallback_moods(lambda z: z @ mix, 24, np.zeros(32, np.float32), "ab" * 32, 0)
    network = fallback_network(moods)
    assert (heard(relearn(network, lesson, 0), lesson.inputs) == 1).mean() > 0.95


def test_the_child_does_the_same(network: MoodNetwork, moods: MoodSet, lesson: Lesson, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("network", "lesson", "learned")]
    save_network(paths[0], network)
    save_lesson(paths[1], lesson)
    assert main([str(path) for path in paths]) == 0
    assert (heard(load_network(paths[2], moods), lesson.inputs) == 1).mean() > 0.95


def test_a_child_without_its_files_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / name) for name in ("no", "lesson", "out")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_lesson_on_disk_is_the_same(lesson: Lesson, tmp_path: Path) -> None:
    save_lesson(tmp_path / "lesson", lesson)
    loaded = load_lesson(tmp_path / "lesson")
    np.testing.assert_allclose(loaded.inputs, lesson.inputs, atol=1e-6)
    np.testing.assert_array_equal(loaded.moods, lesson.moods)
    with pytest.raises(CheckpointError, match="teaches nothing"):
        Lesson(lesson.inputs[:0], lesson.moods[:0])


def test_the_shelf_keeps_lessons_of_their_own_moods(network: MoodNetwork, moods: MoodSet, tmp_path: Path) -> None:
    shelf = TaughtShelf(tmp_path, moods)
    assert shelf.load() == ((), "")
    shelf.keep([network] * (KEPT + 2))
    assert len(shelf.load()[0]) == KEPT
    shelf.keep([network])
    assert len(shelf.load()[0]) == 1
    renamed = MoodSet(("X", "Y", "Z"), moods.prompts, moods.centroids, moods.basis, moods.fingerprint)
    assert TaughtShelf(tmp_path, renamed).load() == ((), "")
    assert len(TaughtShelf(tmp_path, moods).load()[0]) == 1


def test_a_damaged_lesson_is_told_and_left_out(network: MoodNetwork, moods: MoodSet, tmp_path: Path) -> None:
    shelf = TaughtShelf(tmp_path, moods)
    shelf.keep([network, network])
    newest = sorted(tmp_path.rglob("*.safetensors"))[-1]
    newest.write_bytes(newest.read_bytes()[:100])
    networks, trouble = shelf.load()
    assert len(networks) == 1
    assert "taught mapping not used" in trouble
    assert "\n" not in trouble
