import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from instrument.errors import MiningError
from instrument.mining.openclip import CONFIG_NAME, WEIGHTS_NAME, OpenClipScorer, found_weights
from instrument.mining.scorer import make_scorer

if importlib.util.find_spec("open_clip") is None:
    pytest.skip("open_clip is not installed", allow_module_level=True)

PROMPTS = ["fire", "a quiet ocean"]


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nobody ever put any weights."""
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path


def test_scores_are_the_models_own_cosines(clip_folder: Path) -> None:
    import open_clip
    from PIL import Image

    images = np.random.default_rng(0).integers(0, 256, (3, 50, 50, 3), dtype=np.uint8)
    scorer = OpenClipScorer(clip_folder)
    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{clip_folder}")
    with torch.no_grad():
        seen = model.encode_image(torch.stack([prepare(Image.fromarray(image)) for image in images]))
        read = model.encode_text(open_clip.get_tokenizer(f"local-dir:{clip_folder}")(PROMPTS))
        cosines = torch.nn.functional.cosine_similarity(seen[:, None], read[None], dim=2)
        expected = (cosines * model.logit_scale.exp()).numpy()
    found = scorer.score(images, PROMPTS)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert found.std() > 0.01
    assert scorer.score(images[1:2], PROMPTS[1:])[0, 0] == found[1, 1]


def test_two_sets_of_weights_are_two_scorers(clip_folder: Path, tmp_path: Path) -> None:
    for path in clip_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    data = bytearray((tmp_path / WEIGHTS_NAME).read_bytes())
    data[-3] ^= 1
    (tmp_path / WEIGHTS_NAME).write_bytes(data)
    assert OpenClipScorer(clip_folder).identity != OpenClipScorer(tmp_path).identity


def test_without_weights_it_says_which_file_and_where_to_put_it(nowhere: Path) -> None:
    with pytest.raises(MiningError, match="CLIP's weights are not on this machine") as caught:
        make_scorer("openclip")
    place = nowhere / "cache" / "openclip" / WEIGHTS_NAME
    assert f"get {WEIGHTS_NAME} of timm/vit_base_patch32_clip_224.openai" in str(caught.value)
    assert str(place) in str(caught.value)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"weights")
    assert found_weights(None) == place


def test_weights_in_the_librarys_own_cache_are_found(nowhere: Path) -> None:
    stored = nowhere / "hub" / "models--timm--vit_base_patch32_clip_224.openai"
    (stored / "refs").mkdir(parents=True)
    (stored / "refs" / "main").write_text("abc")
    (stored / "snapshots" / "abc").mkdir(parents=True)
    (stored / "snapshots" / "abc" / WEIGHTS_NAME).write_bytes(b"weights")
    assert found_weights(None) == stored / "snapshots" / "abc" / WEIGHTS_NAME


def test_weights_that_do_not_fit_are_one_line(clip_folder: Path, tmp_path: Path) -> None:
    (tmp_path / CONFIG_NAME).write_bytes((clip_folder / CONFIG_NAME).read_bytes())
    (tmp_path / WEIGHTS_NAME).write_bytes((clip_folder / WEIGHTS_NAME).read_bytes()[:5000])
    with pytest.raises(MiningError, match="no weights of local-dir") as caught:
        OpenClipScorer(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_model_that_the_library_does_not_know(clip_folder: Path) -> None:
    with pytest.raises(MiningError, match="open_clip knows no model 'Steam-1'"):
        OpenClipScorer(clip_folder, "Steam-1")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MiningError, match=r"nothing\.pt: no such weights file"):
        found_weights(tmp_path / "nothing.pt")
