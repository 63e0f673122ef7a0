"""A model that cannot be had takes nothing from the one that plays."""

import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from instrument import cli
from instrument.generator.checkpoint import GENERATOR_FILE
from instrument.settings import DEFAULTS
from instrument.show import Show
from instrument.tools import import_model


class Touches:
    """Pickles as a call that makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


def test_hostile_models_leave_the_one_that_plays(
    tmp_path: Path,
    play: Callable[..., Show],
    wait_until: Callable[[Callable[[], bool]], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Imports and a change of model in the very process of a show: each is refused, and pictures keep coming."""
    elsewhere = replace(DEFAULTS, checkpoints_folder=tmp_path / "checkpoints")
    for name in ("default", "broken"):
        shutil.copytree(DEFAULTS.checkpoints_folder / "default", elsewhere.checkpoints_folder / name)
    monkeypatch.setattr(import_model, "DEFAULTS", elsewhere)
    for variable, value in cli.THREAD_WAITING.items():
        monkeypatch.setenv(variable, value)
    show = play(outputs=("null",), checkpoints_folder=elsewhere.checkpoints_folder)
    wait_until(lambda: show.engine.frames > 0)
    moods = show.snapshot().moods.names
    (tmp_path / "calls.pkl").write_bytes(pickle.dumps({"G_ema": Touches(tmp_path / "canary")}))
    (tmp_path / "stack.pkl").write_bytes(b"\x80\x04" + b"]" * (1 << 20) + b".")
    (tmp_path / "nested.pkl").write_bytes(b"\x80\x04})" + b"\x85" * 200_000 + b"K\x01s.")
    (tmp_path / "header.safetensors").write_bytes(b"\xff" * 100)
    for name in ("calls.pkl", "stack.pkl", "nested.pkl", "header.safetensors"):
        before = show.engine.frames
        assert cli.main(["import", str(tmp_path / name)]) == 2
        assert name in capsys.readouterr().err
        wait_until(lambda before=before: show.engine.frames > before + 1)
    before = show.engine.frames
    with (elsewhere.checkpoints_folder / "broken" / GENERATOR_FILE).open("r+b") as file:
        file.truncate(10_000)
    show.open_model("broken")
    wait_until(lambda: any("broken" in line.text for line in show.snapshot().messages))
    wait_until(lambda: show.engine.frames > before + 1)
    assert show.snapshot().moods.names == moods
    assert not (tmp_path / "canary").exists()
