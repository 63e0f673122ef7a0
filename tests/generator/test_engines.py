"""The table of engines: what can run is made, what cannot says why, and there is always one that plays."""

import importlib
import re
from pathlib import Path

import pytest
import torch

from instrument.errors import EngineError, SettingsError
from instrument.generator import engines
from instrument.generator.checkpoint import Checkpoint
from instrument.generator.engines import AUTO, ENGINES, available, choose, make_generator, offline, wait_until_fast
from instrument.generator.protocol import IDENTITY, Generator
from instrument.generator.torch_engine import TorchGenerator

without_card = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has an NVIDIA card")


@pytest.mark.parametrize("row", ENGINES, ids=lambda row: row.name)
def test_every_row_leads_to_a_class_or_says_what_is_missing(row, tiny_t: Checkpoint) -> None:
    reason = next(found.reason for found in available() if found.name == row.name)
    if reason:
        with pytest.raises(EngineError, match=row.name):
            make_generator(tiny_t, row.name)
        return
    made_of = getattr(importlib.import_module(row.module), row.class_name)
    generator, why = make_generator(tiny_t, row.name, threads=1)
    assert type(generator) is made_of
    assert why == f"{row.name}: as asked"
    ws = generator.map(torch.ones(1, generator.z_dim).numpy()).repeat(generator.num_ws, axis=0)
    assert generator.render(ws, IDENTITY).shape == (32, 32, 3)


def test_an_unknown_one_lists_what_there_is(tiny_t: Checkpoint) -> None:
    with pytest.raises(SettingsError, match="engine 'steam' is not one of: auto, torch, ") as caught:
        make_generator(tiny_t, "steam")
    assert all(row.name in str(caught.value) for row in ENGINES)


def test_a_film_does_not_depend_on_the_speed_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_has_bfloat16", lambda: True)
    if not torch.cuda.is_available():
        assert choose().name == "torch-bf16"
        assert offline(AUTO) == "torch"
    assert offline("torch-bf16") == "torch-bf16"
    with pytest.raises(SettingsError):
        offline("steam")


def test_an_old_processor_is_told_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_has_bfloat16", lambda: False)
    with pytest.raises(EngineError, match="torch-bf16 needs a processor with bfloat16 instructions"):
        choose("torch-bf16")


@without_card
def test_without_a_card_the_processor_is_chosen_and_the_reason_told(tiny_t: Checkpoint) -> None:
    generator, why = make_generator(tiny_t, AUTO, threads=1)
    assert isinstance(generator, TorchGenerator)
    assert re.match("torch(-bf16)?: torch-cuda needs an NVIDIA card", why)
    with pytest.raises(EngineError, match="here can run: torch"):
        choose("torch-cuda")


@without_card
def test_a_card_that_fails_gives_way_to_the_processor(
    tiny_t: Checkpoint, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose().name == "torch-cuda"
    generator, why = make_generator(tiny_t, threads=1)
    assert type(generator) is TorchGenerator
    assert why.startswith("torch: torch-cuda: ")
    assert "going on with torch" in caplog.text


def test_waiting_suits_every_generator(tiny_t: Checkpoint) -> None:
    class Ready(TorchGenerator):
        wait_until_fast = None  # as an engine that has nothing to warm up

    assert wait_until_fast(TorchGenerator(tiny_t, 1), 120.0)
    assert not wait_until_fast(TorchGenerator(tiny_t, 1, fused=False), 0.0)
    ready: Generator = Ready(tiny_t, 1, fused=False)
    assert wait_until_fast(ready, 0.0)


def test_an_engine_that_cannot_play_this_network_gives_way(tiny_2: Checkpoint) -> None:
    from instrument.generator.cuda_engine import CudaGenerator

    with pytest.raises(EngineError, match="plays StyleGAN3 only so far, not stylegan2"):
        CudaGenerator(tiny_2, device="cpu")


def test_onnxruntime_is_one_of_them(tiny_t: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path))
    generator, reason = make_generator(tiny_t, "onnxruntime", 1)
    assert "onnxruntime" in generator.description
    assert reason == "onnxruntime: as asked"
