"""The repository's own golden checkpoints (`make_golden.py`): numbers and file format stay what they were."""

from pathlib import Path

import numpy as np
import pytest

from instrument.generator.checkpoint import load_checkpoint
from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan2.network import Noise
from instrument.generator.torch_engine import TorchGenerator

GOLDEN = Path(__file__).parent / "golden"
MOVED = np.array([[0.9, 0.3, 0.2], [-0.3, 0.9, -0.1], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize("name", ["t32", "r32"])
@pytest.mark.parametrize("fused", [False, True])
def test_numbers_stay(name: str, fused: bool) -> None:
    generator = TorchGenerator(load_checkpoint(GOLDEN / name), threads=1, fused=fused)
    assert generator.wait_until_fast(120.0) == fused
    with np.load(GOLDEN / name / "expected.npz") as file:
        data = dict(file)
    np.testing.assert_allclose(generator.map(data["z"]), data["w"], atol=1e-6, rtol=1e-6)
    for image, transform in (("image_identity", IDENTITY), ("image_moved", MOVED)):
        np.testing.assert_allclose(generator.render_raw(data["ws"], transform), data[image], atol=1e-5, rtol=0.0)


@pytest.mark.parametrize(("noise", "image"), [("const", "image_identity"), ("none", "image_noise_none")])
def test_stylegan2_numbers_stay(noise: Noise, image: str) -> None:
    generator = TorchGenerator(load_checkpoint(GOLDEN / "sg2_32"), threads=1, noise=noise)
    assert not generator.wait_until_fast(0.0), "there is nothing to wait for"
    with np.load(GOLDEN / "sg2_32" / "expected.npz") as file:
        data = dict(file)
    np.testing.assert_allclose(generator.map(data["z"]), data["w"], atol=1e-6, rtol=1e-6)
    for transform in (IDENTITY, MOVED):  # the second is ignored
        np.testing.assert_allclose(generator.render_raw(data["ws"], transform), data[image], atol=1e-5, rtol=0.0)


def test_they_are_small() -> None:
    assert sum(path.stat().st_size for path in GOLDEN.rglob("*") if path.is_file()) < 300_000
