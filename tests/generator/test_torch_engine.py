from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from instrument.generator.checkpoint import Checkpoint
from instrument.generator.protocol import IDENTITY, Generator, Warming
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.generator.torch_engine import TorchGenerator, default_threads


@pytest.fixture(autouse=True)
def same_threads_after() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def generator(tiny_t: Checkpoint) -> TorchGenerator:
    return TorchGenerator(tiny_t, threads=1, fused=False)


def some_ws(generator: Generator, seed: int = 3) -> np.ndarray:
    z = np.random.default_rng(seed).standard_normal((1, generator.z_dim)).astype(np.float32)
    return np.tile(generator.map(z), (generator.num_ws, 1))


def test_is_a_generator(generator: TorchGenerator, tiny_t: Checkpoint) -> None:
    one: Generator = generator
    assert (one.z_dim, one.w_dim, one.num_ws, one.resolution) == (16, 16, 16, 32)
    assert one.w_avg.shape == (16,)
    np.testing.assert_array_equal(one.w_avg, tiny_t.tensors["mapping.w_avg"].numpy())
    assert one.description == "stylegan3-t 32 px, torch cpu float32"


def test_picture_is_the_raw_numbers_in_eight_bits(generator: TorchGenerator) -> None:
    ws = some_ws(generator)
    picture, raw = generator.render(ws, IDENTITY), generator.render_raw(ws, IDENTITY)
    assert picture.shape == (32, 32, 3)
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous
    np.testing.assert_array_equal(picture, np.clip(raw * np.float32(127.5) + 128, 0, 255).astype(np.uint8))


def test_each_picture_is_an_array_of_its_own(generator: TorchGenerator) -> None:
    first = generator.render(some_ws(generator, 1), IDENTITY)
    kept = first.copy()
    second = generator.render(some_ws(generator, 2), IDENTITY)
    np.testing.assert_array_equal(first, kept)
    assert (first != second).any()
    raw = generator.render_raw(some_ws(generator, 1), IDENTITY)
    kept_raw = raw.copy()
    generator.render_raw(some_ws(generator, 2), IDENTITY)
    np.testing.assert_array_equal(raw, kept_raw)


def test_read_only_input_is_welcome(generator: TorchGenerator) -> None:
    ws = some_ws(generator)
    ws.flags.writeable = False
    assert generator.render(ws, IDENTITY).any()


def test_threads_are_bounded(tiny_t: Checkpoint) -> None:
    TorchGenerator(tiny_t, threads=1, fused=False)
    assert torch.get_num_threads() == 1
    TorchGenerator(tiny_t, fused=False)
    assert torch.get_num_threads() == default_threads()


def test_all_threads_play_once_the_kernel_is_there(tiny_t: Checkpoint) -> None:
    generator = TorchGenerator(tiny_t, threads=2)
    assert torch.get_num_threads() == 1
    assert isinstance(generator, Warming)
    assert generator.is_warming
    assert generator.wait_until_fast(120.0)
    for stage in ("fused_one", "fused_many"):
        assert generator.is_warming, stage
        generator.render(some_ws(generator), IDENTITY)
        assert generator.is_fused, stage
    assert torch.get_num_threads() == 2
    assert not generator.is_warming


def test_wrong_shapes_are_caught(generator: TorchGenerator) -> None:
    with pytest.raises(AssertionError):
        generator.render(np.zeros((1, 16), np.float32), IDENTITY)


def test_labels_choose(tiny_t: Checkpoint) -> None:
    config = replace(tiny_t.config, c_dim=3)
    checkpoint = Checkpoint(config, seeded_network(config, 1), tiny_t.card, "")
    z = np.ones((1, 16), np.float32)
    first, second = (TorchGenerator(checkpoint, 1, label).map(z) for label in (0, 2))
    assert np.abs(first - second).max() > 0.01


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", ["tiny_t", "tiny_r"])
def test_fused_kernel_gives_the_same_picture(request: pytest.FixtureRequest, name: str, threads: int) -> None:
    checkpoint = request.getfixturevalue(name)
    plain, fast = TorchGenerator(checkpoint, threads, fused=False), TorchGenerator(checkpoint, threads)
    assert not plain.wait_until_fast(0.0)
    assert fast.wait_until_fast(120.0)
    moved = np.array([[0.8, 0.6, 0.1], [-0.6, 0.8, 0.2], [0.0, 0.0, 1.0]])
    while fast.is_warming:
        fast.render(some_ws(fast), IDENTITY)
    for seed, transform in ((1, IDENTITY), (2, moved)):
        ws = some_ws(plain, seed)
        np.testing.assert_allclose(fast.render_raw(ws, transform), plain.render_raw(ws, transform), atol=1e-5, rtol=0.0)
    assert fast.description.endswith("fused kernel")
    assert not plain.description.endswith("fused kernel")


def test_memory_does_not_grow(tiny_t: Checkpoint) -> None:
    resource = pytest.importorskip("resource")
    generator = TorchGenerator(tiny_t, 1)
    assert generator.wait_until_fast(120.0)
    ws = some_ws(generator)
    for _ in range(50):
        generator.render(ws, IDENTITY)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(600):
        generator.render(ws, IDENTITY)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4096  # kB; a picture kept each time is 7200
