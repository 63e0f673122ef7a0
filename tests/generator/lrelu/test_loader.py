import logging
import sys
from pathlib import Path

import pytest

from instrument.generator.lrelu import loader
from instrument.generator.lrelu.loader import KernelLoader, entry_for, shared_loader

ONE = entry_for(1)


def test_becomes_ready() -> None:
    loader = shared_loader(ONE)
    assert loader.wait(120.0)
    assert loader.ready
    assert loader.finished
    assert shared_loader(ONE) is loader


def test_without_a_compiler_plain_torch_stays(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shared_loader(ONE).wait(120.0)  # it imports the same module
    monkeypatch.setitem(sys.modules, "instrument.generator.lrelu.compiling", None)
    import instrument.generator.lrelu

    monkeypatch.delattr(instrument.generator.lrelu, "compiling", raising=False)
    with caplog.at_level(logging.WARNING):
        loader = KernelLoader(ONE)
        assert not loader.wait(60.0)
        assert loader.finished
    assert "no fused kernel" in caplog.text


def test_compiles_in_a_process_of_its_own_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from instrument.generator.lrelu import compiling

    shared_loader(ONE).wait(120.0)
    monkeypatch.setattr(compiling, "is_cached", lambda *_: False)
    note = f"open({str(tmp_path / 'ran')!r}, 'w').write({{entry!r}}); raise SystemExit(3)"
    monkeypatch.setattr(loader, "_COMPILE", note)
    with caplog.at_level(logging.WARNING):
        assert KernelLoader(ONE).wait(120.0)
    assert (tmp_path / "ran").read_text() == ONE
    assert "did not compile in a process of its own" in caplog.text


def test_a_kernel_that_was_compiled_is_known_to_be_kept() -> None:
    from instrument.generator.lrelu import compiling

    assert shared_loader(ONE).wait(120.0)
    assert compiling.is_cached(ONE, half=False)


def test_others_get_the_interpreter_back_after_loading() -> None:
    before_s = sys.getswitchinterval()
    assert KernelLoader(ONE).wait(120.0)
    assert sys.getswitchinterval() == before_s
