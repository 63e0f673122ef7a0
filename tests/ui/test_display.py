import sys

import pytest

from instrument.errors import DisplayError
from instrument.ui.display import connected_display, display_problem

linux = pytest.mark.skipif(sys.platform != "linux", reason="X11 is asked on Linux only")


@linux
def test_without_a_display_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    assert "DISPLAY is not set" in display_problem()


@linux
def test_a_display_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    with pytest.raises(DisplayError, match=":4711"), connected_display():
        pass


@linux
@pytest.mark.display
def test_a_running_display_is_no_problem(x_display: str) -> None:
    assert x_display
    assert display_problem() == ""
