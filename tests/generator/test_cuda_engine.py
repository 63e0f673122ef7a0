"""The card's engine driven on the processor: the same class, steps that really fail, and on a card the real thing."""

import logging
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from instrument.errors import EngineError
from instrument.generator.checkpoint import Checkpoint
from instrument.generator.cuda_engine import STEPS, CudaGenerator
from instrument.generator.protocol import IDENTITY, Generator
from instrument.generator.self_check import SelfCheck, psnr_db
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.torch_engine import TorchGenerator

MOVED = np.array([[0.8, 0.6, 0.1], [-0.6, 0.8, 0.2], [0.0, 0.0, 1.0]])


def some_ws(generator: Generator, seed: int) -> np.ndarray:
    z = np.random.default_rng(seed).standard_normal((1, generator.z_dim)).astype(np.float32)
    return np.tile(generator.map(z), (generator.num_ws, 1))


def overflowing(checkpoint: Checkpoint) -> Checkpoint:
    """The same network with one signal a million times as loud: float32 and bfloat16 hold it, float16 does not."""
    tensors = dict(checkpoint.tensors)
    name = next(name for name in tensors if name.startswith("synthesis.L9_") and name.endswith("magnitude_ema"))
    tensors[name] = tensors[name] * 1e-12
    return replace(checkpoint, tensors=tensors)


@pytest.mark.parametrize(("half", "fewest_db"), [(torch.float16, 45.0), (torch.bfloat16, 33.0)], ids=str)
@pytest.mark.parametrize("name", ["tiny_t", "tiny_r"])
def test_half_precision_draws_the_same_pictures(
    request: pytest.FixtureRequest, name: str, half: torch.dtype, fewest_db: float
) -> None:
    checkpoint = request.getfixturevalue(name)
    generator: Generator = CudaGenerator(checkpoint, 1, device="cpu", half=half)
    plain = TorchGenerator(checkpoint, 1, fused=False)
    assert generator.description.endswith(f"torch cpu {str(half).removeprefix('torch.')}")
    np.testing.assert_array_equal(generator.w_avg, plain.w_avg)
    for seed, transform in ((11, IDENTITY), (12, MOVED)):
        ws = some_ws(plain, seed)
        picture = generator.render(ws, transform)
        assert psnr_db(picture, plain.render(ws, transform)) > fewest_db
        assert (picture != plain.render(ws, transform)).any(), "half precision was not in use"


def test_a_graph_that_cannot_be_recorded_gives_way_to_the_same_without(
    tiny_t: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    """No other device than CUDA can record one."""
    with caplog.at_level(logging.WARNING):
        generator = CudaGenerator(tiny_t, 1, device="cpu")
    assert generator.description == "stylegan3-t 32 px, torch cpu float16"
    (record,) = caplog.records
    assert "cannot play in float16, CUDA graph: " in record.getMessage()


def test_half_precision_that_overflows_gives_way_to_float32(
    tiny_t: Checkpoint, caplog: pytest.LogCaptureFixture
) -> None:
    checkpoint = overflowing(tiny_t)
    with caplog.at_level(logging.WARNING):
        generator = CudaGenerator(checkpoint, 1, device="cpu")
    assert generator.description == "stylegan3-t 32 px, torch cpu float32"
    assert "float16: its pictures differ from the processor's" in caplog.records[-1].getMessage()
    plain = TorchGenerator(checkpoint, 1, fused=False)
    ws = some_ws(plain, 5)
    assert psnr_db(generator.render(ws, MOVED), plain.render(ws, MOVED)) > 60.0


def test_a_type_without_kernels_gives_way_to_float32(tiny_t: Checkpoint, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        generator = CudaGenerator(tiny_t, 1, device="cpu", half=torch.float8_e4m3fn)
    assert generator.description.endswith("float32")
    assert len(caplog.records) == len(STEPS) - 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has an NVIDIA card")
def test_without_a_card_every_step_fails_and_says_why(tiny_t: Checkpoint, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(EngineError, match="torch-cuda: float32: ") as caught:
        CudaGenerator(tiny_t, 1)
    assert len(caplog.records) == len(STEPS)
    assert "\n" not in str(caught.value)


def test_a_network_that_draws_nothing_right_is_refused(tiny_t: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    other = SelfCheck(overflowing(tiny_t), 1)
    monkeypatch.setattr("instrument.generator.cuda_engine.SelfCheck", lambda *_: other)
    with pytest.raises(EngineError, match="differ from the processor's"):
        CudaGenerator(tiny_t, 1, device="cpu")


def test_each_picture_is_an_array_of_its_own(tiny_t: Checkpoint) -> None:
    generator = CudaGenerator(tiny_t, 1, device="cpu")
    ws = some_ws(generator, 1)
    ws.flags.writeable = False
    first = generator.render(ws, IDENTITY)
    kept = first.copy()
    assert (generator.render(some_ws(generator, 2), IDENTITY) != first).any()
    np.testing.assert_array_equal(first, kept)
    assert first.flags.c_contiguous
    np.testing.assert_array_equal(generator.render(ws, IDENTITY), kept)


class Recorder(TorchDispatchMode):
    """Names of all operations that reach a device."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.add(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


def test_drawing_never_asks_the_device(tiny_r: Checkpoint) -> None:
    """What a CUDA graph records may not read a value back, nor make sizes of values."""
    network = SynthesisNetwork(tiny_r.config, tiny_r.tensors)
    ws, inverse = torch.zeros(tiny_r.config.num_ws, tiny_r.config.w_dim), torch.eye(3, dtype=torch.float64)
    with torch.inference_mode(), Recorder() as recorder:
        network.synthesize(ws, inverse)
        asked = {"_local_scalar_dense", "item", "nonzero"}
        assert len(recorder.names) > 10
        assert not asked & recorder.names
        torch.ones(1).item()
        assert asked & recorder.names, "the recorder does not see it"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA card")
def test_on_a_card_the_first_step_plays(tiny_t: Checkpoint) -> None:
    generator = CudaGenerator(tiny_t, 1)
    assert generator.description.endswith("float16, CUDA graph")
