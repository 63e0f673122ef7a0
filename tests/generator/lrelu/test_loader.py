import logging
import sys
from pathlib import Path

import pytest

from instrument.generator.lrelu import loader
from instrument.generator.lrelu.loader import KernelLoader, shared_loader


def test_becomes_ready() -> None:
    loader = shared_loader()
    assert loader.wait(120.0)
    assert loader.ready
    assert shared_loader() is loader


def test_without_a_compiler_plain_torch_stays(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shared_loader().wait(120.0)  # it imports the same module
    monkeypatch.setitem(sys.modules, "instrument.generator.lrelu.kernel", None)
    import instrument.generator.lrelu

    monkeypatch.delattr(instrument.generator.lrelu, "kernel", raising=False)
    with caplog.at_level(logging.WARNING):
        loader = KernelLoader()
        assert not loader.wait(60.0)
        assert loader.failed
    assert "no fused kernel" in caplog.text


def test_compiles_in_a_process_of_its_own_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shared_loader().wait(120.0)
    monkeypatch.setattr(loader, "_is_cached", lambda _: False)
    monkeypatch.setattr(loader, "_COMPILE", f"open({str(tmp_path / 'ran')!r}, 'w').close(); raise SystemExit(3)")
    with caplog.at_level(logging.WARNING):
        assert KernelLoader().wait(120.0)
    assert (tmp_path / "ran").exists()
    assert "did not compile in a process of its own" in caplog.text


def test_a_kernel_that_was_compiled_is_known_to_be_kept() -> None:
    from instrument.generator.lrelu import kernel

    assert shared_loader().wait(120.0)
    assert loader._is_cached(kernel)
