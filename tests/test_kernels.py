import logging
import sys
from pathlib import Path

import pytest

from instrument import kernels
from instrument.kernels import KernelLoader

MODULE = "instrument.features.kernel"
NAME = "listening kernel"


def test_without_a_compiler_the_show_goes_on(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    KernelLoader(NAME, MODULE).wait(120.0)  # it imports the same module
    monkeypatch.setitem(sys.modules, MODULE, None)
    with caplog.at_level(logging.WARNING):
        loader = KernelLoader(NAME, MODULE)
        assert not loader.wait(60.0)
        assert loader.finished
    assert f"no {NAME}" in caplog.text


def test_compiles_in_a_process_of_its_own_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(kernels, "is_cached", lambda *_: False)
    note = f"open({str(tmp_path / 'ran')!r}, 'w').write({{module!r}} + str({{arguments!r}})); raise SystemExit(3)"
    monkeypatch.setattr(kernels, "_COMPILE", note)
    with caplog.at_level(logging.WARNING):
        assert KernelLoader(NAME, MODULE).wait(120.0)
    assert (tmp_path / "ran").read_text() == f"{MODULE}()"
    assert "did not compile in a process of its own" in caplog.text


def test_others_get_the_interpreter_back_after_loading() -> None:
    before_s = sys.getswitchinterval()
    assert KernelLoader(NAME, MODULE).wait(120.0)
    assert sys.getswitchinterval() == before_s
