import importlib.util
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from instrument.generator.checkpoint import Card, load_checkpoint, save_checkpoint
from instrument.generator.protocol import Generator
from instrument.generator.stylegan2.plan import StyleGAN2Config
from instrument.generator.stylegan2.seeded import seeded_stylegan2
from instrument.generator.torch_engine import TorchGenerator
from instrument.mining.mining import Mining
from instrument.mining.scorer import Images, Scores, Seen
from instrument.mining.work import Work

CONFIG = StyleGAN2Config(resolution=16, z_dim=8, w_dim=8, channel_base=128, channel_max=6)
"""A true network at about a millisecond a picture."""
PROMPTS = ("red", "green", "blue")
FINGERPRINT = "ab" * 32


class ColourScorer:
    """Knows three words, and what share of a picture's light each is."""

    identity = "colours"
    width = 3

    def score(self, images: Images, prompts: Sequence[str]) -> Scores:
        return self.compare(self.see(images), prompts)

    def see(self, images: Images) -> Seen:
        light = images.reshape(len(images), -1, 3).mean(axis=1) + 1e-3
        return (light / np.linalg.norm(light, axis=1, keepdims=True)).astype(np.float32)

    def compare(self, seen: Seen, prompts: Sequence[str]) -> Scores:
        shares = seen / seen.sum(axis=1, keepdims=True)
        return (20.0 * shares[:, [PROMPTS.index(prompt) for prompt in prompts]]).astype(np.float32)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints with one, `tiny`."""
    folder = tmp_path_factory.mktemp("checkpoints")
    save_checkpoint(folder / "tiny", CONFIG, seeded_stylegan2(CONFIG, 3), Card("tiny"))
    return folder


@pytest.fixture(scope="session")
def generator(shelf: Path) -> Generator:
    return TorchGenerator(load_checkpoint(shelf / "tiny"), threads=1)


@pytest.fixture(scope="session")
def work() -> Work:
    return Work(PROMPTS, PROMPTS, samples=100, seed=5, kept=12, climbers=4, climbs=4, held_out=30)


@pytest.fixture(scope="session")
def mine(generator: Generator, work: Work) -> Callable[..., Mining]:
    """Makes a run on the tiny generator, not begun."""

    def make(asked: Work = work, fingerprint: str = FINGERPRINT) -> Mining:
        return Mining(generator, fingerprint, ColourScorer(), asked)

    return make


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny CLIP of random weights, saved as open_clip saves one."""
    if importlib.util.find_spec("open_clip") is None:
        pytest.skip("open_clip is not installed")
    from instrument.mining.openclip import CONFIG_NAME, WEIGHTS_NAME, import_open_clip

    library = import_open_clip()
    config = {
        "embed_dim": 8,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 16, "head_width": 8, "patch_size": 16},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 8, "heads": 2, "layers": 1},
    }
    torch.manual_seed(0)
    model = library.CLIP(**config)
    folder = tmp_path_factory.mktemp("clip")
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, folder / WEIGHTS_NAME)
    prepared = {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]}
    (folder / CONFIG_NAME).write_text(json.dumps({"model_cfg": config, "preprocess_cfg": prepared}))
    return folder
