"""A checkpoint without moods, such as an imported one, plays at once and says what it plays."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from instrument.engine.picturing import PictureChain
from instrument.engine.snapshot import Lamp
from instrument.features.vector import NormalizedFeatures
from instrument.generator.checkpoint import Card, save_checkpoint
from instrument.generator.stylegan2.plan import StyleGAN2Config
from instrument.generator.stylegan2.seeded import seeded_stylegan2
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.model import Model, load_model
from instrument.params.store import ParamStore
from instrument.settings import DEFAULTS, Settings
from instrument.show import Show

SMALL: dict[str, Any] = {"resolution": 32, "z_dim": 8, "w_dim": 8, "channel_base": 128, "channel_max": 6}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Checkpoints as an import leaves them: a generator and a card."""
    two, three = StyleGAN2Config(**SMALL), NetworkConfig(**SMALL)
    save_checkpoint(tmp_path / "two", two, seeded_stylegan2(two, 1), Card("two"))
    save_checkpoint(tmp_path / "three", three, seeded_network(three, 1), Card("three"))
    return tmp_path


def played(model: Model, descriptors: list[float]) -> np.ndarray:
    """The picture after two seconds of one sound."""
    chain = PictureChain(model.repertoire, model.generator, 0)
    heard = NormalizedFeatures(*descriptors, level=0.5, gate_open=True, capture_time_s=0.0)
    values = ParamStore(model.table).snapshot()
    return [chain.process(heard, values, 0.1) for _ in range(20)][-1].image.astype(float)


@pytest.mark.parametrize("name", ["two", "three"])
def test_without_moods_it_plays_and_says_so(folder: Path, name: str) -> None:
    model = load_model(Settings(checkpoint=name, checkpoints_folder=folder, threads=1))
    assert model.repertoire.moods.names == ("A", "B", "C")
    assert f"{name}: no moods.safetensors" in model.notice
    assert "\n" not in model.notice
    tone, noise = played(model, [0.9, 0.1, 0.2, 0.3, 0.9]), played(model, [0.1, 0.9, 0.2, 0.9, 0.2])
    assert tone.std() > 5.0
    assert np.abs(tone - noise).mean() > 5.0, "the sound does not move the picture"


def test_one_with_moods_has_nothing_to_say() -> None:
    assert load_model(DEFAULTS).notice == ""


def test_a_show_of_it_tells_the_performer_and_looks_of_other_moods_still_work(
    folder: Path, play: Callable[..., Show], wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    show = play(checkpoint="two", checkpoints_folder=folder, outputs=("null",))
    assert any(line.lamp is Lamp.WARN and "plays A, B, C" in line.text for line in show.engine.messages.lines())
    wait_until(lambda: show.snapshot().frame is not None)
    show.recall_look(3)
    assert "not known here" in show.engine.messages.lines()[-1].text
