import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from instrument.errors import CheckpointError, SettingsError
from instrument.tools.export_onnx import main


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Own folder, own cache, and the threads as they were."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INSTRUMENT_CACHE", str(tmp_path / "cache"))
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_the_default_goes_where_one_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert (tmp_path / "default.onnx").stat().st_size > 150_000
    assert re.fullmatch(r"default\.onnx: 0\.\d MB in \d+\.\d\d s\n", capsys.readouterr().out)


def test_a_check_plays_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["out.onnx", "--check", "--provider", "cpu", "--threads", "1", "--frames", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("stylegan3-t 256 px, onnxruntime cpu float32: ready in ")
    found = re.search(r"PSNR ([\d.]+) dB", lines[2])
    assert found is not None
    assert float(found[1]) >= 50.0


def test_trouble_is_ours(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="beside it are: default"):
        main(["--checkpoint", "missing"])
    with pytest.raises(SettingsError, match="no provider 'quantum'"):
        main(["--check", "--provider", "quantum"])
