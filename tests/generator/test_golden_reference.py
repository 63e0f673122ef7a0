"""Against the numbers of the published network, where that data is at hand (it is not part of the repository)."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from instrument.errors import CheckpointError
from instrument.generator.checkpoint import Card, Checkpoint
from instrument.generator.network import MappingNetwork, SynthesisNetwork, truncate
from instrument.generator.protocol import IDENTITY
from instrument.generator.snapshot import read_snapshot
from instrument.generator.torch_engine import TorchGenerator

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
NAMES = ("sg3t64", "sg3r64", "sg3t256", "sg3t64cond")

pytestmark = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the reference's golden data is not beside the repository")


@pytest.fixture(scope="module", params=NAMES)
def golden(request: pytest.FixtureRequest) -> tuple[Checkpoint, Any]:
    config, arrays = read_snapshot(GOLDEN / f"{request.param}.pkl")
    tensors = {name: torch.from_numpy(values) for name, values in arrays.items()}
    with np.load(GOLDEN / f"{request.param}.npz") as file:
        return Checkpoint(config, tensors, Card(request.param), ""), dict(file)


def test_mapping(golden: tuple[Checkpoint, Any]) -> None:
    """Within 1e-6 of the largest value: `w` reaches 4.9 and the reference itself is 1.3e-6 off what float64 gives."""
    checkpoint, data = golden
    config, w_avg = checkpoint.config, checkpoint.tensors["mapping.w_avg"]
    w = MappingNetwork(config, checkpoint.tensors)(torch.from_numpy(data["z"]), torch.from_numpy(data["c"]))
    atol = 1e-6 * max(1.0, np.abs(data["w"]).max())
    np.testing.assert_allclose(w.numpy(), data["w"], atol=atol, rtol=0.0)
    ws = torch.stack([truncate(row, w_avg, config.num_ws, 0.7) for row in w])
    np.testing.assert_allclose(ws.numpy(), data["ws_psi07"], atol=atol, rtol=0.0)
    ws = torch.stack([truncate(row, w_avg, config.num_ws, 0.5, 8) for row in w])
    np.testing.assert_allclose(ws.numpy(), data["ws_psi05_cut8"], atol=atol, rtol=0.0)


def test_images(golden: tuple[Checkpoint, Any]) -> None:
    checkpoint, data = golden
    network = SynthesisNetwork(checkpoint.config, checkpoint.tensors)
    ws = torch.from_numpy(data["ws_psi07"])
    for index, expected in enumerate(data["image_identity"]):
        picture = network(ws[index], IDENTITY).numpy().transpose(2, 0, 1)
        np.testing.assert_allclose(picture, expected, atol=1e-5, rtol=0.0)
    transform = data["user_transform"].astype(np.float64)
    np.testing.assert_allclose(np.linalg.inv(transform), data["transform_moved"], atol=1e-6)
    moved = network(ws[0], transform).numpy().transpose(2, 0, 1)
    np.testing.assert_allclose(moved, data["image_moved"][0], atol=1e-5, rtol=0.0)


@pytest.mark.parametrize("which", ["identity", "moved"])
def test_layers(golden: tuple[Checkpoint, Any], which: str) -> None:
    checkpoint, data = golden
    network = SynthesisNetwork(checkpoint.config, checkpoint.tensors)
    transform = IDENTITY if which == "identity" else data["user_transform"].astype(np.float64)
    names, outputs = zip(*network.trace(torch.from_numpy(data["ws_psi07"][0]), transform), strict=True)
    assert list(names) == list(data["layer_names"])
    found = [[float(value) for value in (x.mean(), x.std(), x.min(), x.max())] for x in outputs]
    np.testing.assert_allclose(found, data[f"layer_stats_{which}"], atol=2e-5, rtol=1e-5)


def test_stylegan2_is_refused_for_now() -> None:
    with pytest.raises(CheckpointError, match="StyleGAN2 snapshot: not yet playable"):
        read_snapshot(GOLDEN / "sg2_64.pkl")


def test_images_by_the_fused_kernel(golden: tuple[Checkpoint, Any]) -> None:
    checkpoint, data = golden
    generator = TorchGenerator(checkpoint, threads=1)
    assert generator.wait_until_fast(120.0)
    for expected, ws in zip(data["image_identity"], data["ws_psi07"], strict=False):
        picture = generator.render_raw(ws, IDENTITY).transpose(2, 0, 1)
        np.testing.assert_allclose(picture, expected, atol=1e-5, rtol=0.0)
    moved = generator.render_raw(data["ws_psi07"][0], data["user_transform"].astype(np.float64)).transpose(2, 0, 1)
    np.testing.assert_allclose(moved, data["image_moved"][0], atol=1e-5, rtol=0.0)
