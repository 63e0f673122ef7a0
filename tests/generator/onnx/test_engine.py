import logging
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from instrument.errors import CheckpointError, EngineError, SettingsError
from instrument.generator.checkpoint import Checkpoint
from instrument.generator.mapping_network import MappingNetwork
from instrument.generator.onnx.engine import (
    PROVIDERS,
    OnnxGenerator,
    available_providers,
    best_provider,
    cached_model,
    fallbacks,
    open_session,
)
from instrument.generator.onnx.export import onnx_bytes
from instrument.generator.protocol import Generator
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.stylegan3.seeded import seeded_network

MOVED = np.array([[0.8, 0.6, 0.1], [-0.6, 0.8, 0.2], [0.0, 0.0, 1.0]])


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def stored(tiny_t: Checkpoint) -> Checkpoint:
    """As if it came from disk."""
    return replace(tiny_t, fingerprint="f" * 64)


def play(generator: OnnxGenerator, seed: int = 0) -> np.ndarray:
    z = np.random.default_rng(seed).standard_normal((1, generator.z_dim)).astype(np.float32)
    return generator.render(np.repeat(generator.map(z), generator.num_ws, axis=0), MOVED)


@pytest.mark.parametrize("name", ["tiny_t", "tiny_r"])
def test_is_a_generator(request: pytest.FixtureRequest, name: str) -> None:
    checkpoint: Checkpoint = request.getfixturevalue(name)
    generator: Generator = OnnxGenerator(checkpoint, threads=1, provider="cpu")
    assert (generator.z_dim, generator.w_dim, generator.num_ws, generator.resolution) == (16, 16, 16, 32)
    np.testing.assert_array_equal(generator.w_avg, checkpoint.tensors["mapping.w_avg"].numpy())
    assert generator.description == f"stylegan3-{name[-1]} 32 px, onnxruntime cpu float32"
    z = np.random.default_rng(3).standard_normal((16, 16)).astype(np.float32)
    ws = generator.map(z)
    np.testing.assert_array_equal(ws, MappingNetwork(checkpoint.config, checkpoint.tensors)(torch.from_numpy(z)))
    ws.flags.writeable = False
    picture = generator.render(ws, MOVED)
    raw = SynthesisNetwork(checkpoint.config, checkpoint.tensors)(torch.from_numpy(ws.copy()), MOVED).numpy()
    assert np.abs(picture - np.clip(raw * 127.5 + 128, 0, 255).astype(int)).max() <= 1


def test_each_picture_is_an_array_of_its_own(tiny_t: Checkpoint) -> None:
    generator = OnnxGenerator(tiny_t, threads=1, provider="cpu")
    first = play(generator, 1)
    kept = first.copy()
    assert (play(generator, 2) != first).any()
    np.testing.assert_array_equal(first, kept)


def test_labels_choose(tiny_t: Checkpoint) -> None:
    config = replace(tiny_t.config, c_dim=3)
    checkpoint = Checkpoint(config, seeded_network(config, 1), tiny_t.card, "")
    z = np.ones((1, 16), np.float32)
    first, second = (OnnxGenerator(checkpoint, 1, "cpu", label).map(z) for label in (0, 2))
    assert np.abs(first - second).max() > 0.01


@pytest.mark.parametrize(
    ("available", "wanted", "expected"),
    [
        (("cpu",), "auto", "cpu"),
        (("cpu", "cuda", "tensorrt"), "auto", "tensorrt"),
        (("cpu", "cuda"), "auto", "cuda"),
        (("cpu", "openvino", "directml"), "auto", "directml"),
        (("coreml", "cpu"), "auto", "coreml"),
        (("openvino", "cpu"), "auto", "openvino"),
        (("tensorrt", "cuda", "cpu"), "cuda", "cuda"),
        (("tensorrt", "cuda", "cpu"), "cpu", "cpu"),
    ],
)
def test_best_provider(available: tuple[str, ...], wanted: str, expected: str) -> None:
    assert best_provider(available, wanted) == expected


def test_a_provider_that_is_not_there_lists_those_that_are(tiny_t: Checkpoint) -> None:
    with pytest.raises(SettingsError, match="no provider 'quantum'; there are: auto, cuda, cpu"):
        best_provider(("cuda", "cpu"), "quantum")
    with pytest.raises(SettingsError, match="built without directml; there are: auto, cpu"):
        best_provider(("cpu",), "directml")
    with pytest.raises(SettingsError, match=r"there are: auto, .*cpu"):
        OnnxGenerator(tiny_t, 1, "quantum")


def test_fallbacks_go_down_step_by_step() -> None:
    everything = tuple(PROVIDERS)
    assert fallbacks(everything, "tensorrt") == everything
    assert fallbacks(("tensorrt", "cuda", "cpu"), "tensorrt") == ("tensorrt", "cuda", "cpu")
    assert fallbacks(("tensorrt", "cuda", "cpu"), "cpu") == ("cpu",)
    assert fallbacks((), "coreml") == ("coreml", "cpu")


def test_this_runtime_has_the_cpu() -> None:
    assert available_providers()[-1] == "cpu"


def test_a_device_that_fails_is_stepped_over(tiny_t: Checkpoint, caplog: pytest.LogCaptureFixture) -> None:
    absent = next(name for name in PROVIDERS if name not in available_providers())
    with caplog.at_level(logging.WARNING):
        name, session = open_session(onnx_bytes(tiny_t), (absent, "cpu"), 1)
    assert (name, session.get_providers()) == ("cpu", ["CPUExecutionProvider"])
    assert f"{absent}: not in this build" in caplog.text


def test_a_model_that_nothing_runs_is_one_line() -> None:
    with pytest.raises(EngineError, match="cannot run this network: cpu: ") as caught:
        open_session(b"not a model", ("cpu",), 1)
    assert "\n" not in str(caught.value)


def test_the_second_start_takes_the_file(stored: Checkpoint, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = play(OnnxGenerator(stored, 1, "cpu"))
    assert [path.name for path in (cache / "onnx").iterdir()] == [f"{'f' * 64}-opset17-layout1.onnx"]
    monkeypatch.setitem(sys.modules, "onnx", None)
    np.testing.assert_array_equal(play(OnnxGenerator(stored, 1, "cpu")), first)


def test_a_damaged_file_is_made_anew(stored: Checkpoint, caplog: pytest.LogCaptureFixture) -> None:
    first = play(OnnxGenerator(stored, 1, "cpu"))
    path = cached_model(stored)
    assert path is not None
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2])
    np.testing.assert_array_equal(play(OnnxGenerator(stored, 1, "cpu")), first)
    assert "made anew" in caplog.text
    assert path.read_bytes() == good


def test_a_cache_that_cannot_be_written_is_done_without(
    stored: Checkpoint, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache.write_bytes(b"a file where the folder should be")
    assert play(OnnxGenerator(stored, 1, "cpu")).any()
    assert "cannot be written" in caplog.text


def test_a_checkpoint_that_was_never_on_disk_is_not_cached(tiny_t: Checkpoint, cache: Path) -> None:
    assert cached_model(tiny_t) is None
    OnnxGenerator(tiny_t, 1, "cpu")
    assert not cache.exists()


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_without_the_extra(tiny_t: Checkpoint, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(CheckpointError, match=rf"^{package} is not installed; .*\[onnx\]") as caught:
        OnnxGenerator(tiny_t, 1)
    assert "\n" not in str(caught.value)
