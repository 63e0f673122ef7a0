from collections.abc import Iterator

import numpy as np
import pytest
import torch

from instrument.generator import half_trial
from instrument.generator.bf16_engine import TRIED, Bf16Generator
from instrument.generator.checkpoint import Checkpoint
from instrument.generator.engines import warm_up
from instrument.generator.lrelu.loader import entry_for, shared_loader
from instrument.generator.protocol import IDENTITY
from instrument.generator.self_check import FEWEST_DB, psnr_db
from instrument.generator.torch_engine import TorchGenerator


@pytest.fixture(autouse=True)
def same_threads_after() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def some_ws(generator: TorchGenerator) -> np.ndarray:
    z = np.random.default_rng(9).standard_normal((1, generator.z_dim)).astype(np.float32)
    return np.tile(generator.map(z), (generator.num_ws, 1))


def test_bfloat16_is_taken_once_it_has_proved_itself(tiny_t: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(half_trial, "WORTH_IT", np.inf)  # a picture this small gains nothing
    generator, exact = Bf16Generator(tiny_t, 1), TorchGenerator(tiny_t, 1, fused=False)
    ws = some_ws(generator)
    first = generator.render(ws, IDENTITY)
    assert psnr_db(first, exact.render(ws, IDENTITY)) > 80.0  # float32 until then
    assert generator.is_warming
    warm_up(generator, 120.0)
    assert not generator.is_warming
    assert "bfloat16" in generator.description
    likeness_db = psnr_db(generator.render(ws, IDENTITY), exact.render(ws, IDENTITY))
    assert FEWEST_DB <= likeness_db < 80.0


@pytest.mark.parametrize("limit", ["WORTH_IT", "FEWEST_DB"])
def test_float32_stays_where_nothing_is_gained_or_too_much_lost(
    tiny_t: Checkpoint, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(half_trial, "WORTH_IT", np.inf)
    monkeypatch.setattr(half_trial, limit, 0.0 if limit == "WORTH_IT" else 99.0)
    generator, exact = Bf16Generator(tiny_t, 1), TorchGenerator(tiny_t, 1)
    warm_up(generator, 120.0)
    warm_up(exact, 120.0)
    assert generator.description == exact.description
    ws = some_ws(generator)
    np.testing.assert_array_equal(generator.render_raw(ws, IDENTITY), exact.render_raw(ws, IDENTITY))


def test_what_is_shown_during_the_trial_is_the_asked_picture(tiny_t: Checkpoint) -> None:
    generator, exact = Bf16Generator(tiny_t, 1), TorchGenerator(tiny_t, 1)
    for loader in (shared_loader(entry_for(1)), shared_loader(entry_for(1), half=True)):
        assert loader.wait(120.0)
    warm_up(exact, 120.0)
    ws = some_ws(generator)
    generator.render(ws, IDENTITY)
    expected = exact.render_raw(ws, IDENTITY)
    for _ in range(TRIED):
        assert generator.is_warming
        np.testing.assert_array_equal(generator.render_raw(ws, IDENTITY), expected)


def test_stylegan2_stays_in_float32(tiny_2: Checkpoint) -> None:
    generator = Bf16Generator(tiny_2, 1)
    assert not generator.is_warming
    assert generator.description == TorchGenerator(tiny_2, 1).description
