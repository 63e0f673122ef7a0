"""Outputs of a show: switched on and off, missing, and the window that F opens on the second display."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from instrument.remembered import NAME, remembered
from instrument.sending import Sending
from instrument.show import Show

ROOT = Path(__file__).resolve().parents[2]
WAIT = Callable[..., None]


def said(show: Show) -> list[str]:
    return [line.text for line in show.snapshot().messages]


def test_an_output_of_the_last_show_that_is_missing_is_a_message_and_stays_remembered(
    play: Callable[..., Show], wait_until: WAIT, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    show = play(outputs=("window:beamer", "null"), outputs_asked=False)
    wait_until(lambda: any("no screen" in line for line in said(show)) and show.machine().sending == ("null",))
    wait_until(lambda: show.snapshot().sinks[0].sent > 0)
    show.set_next_start(512, 15.0)
    wait_until(lambda: (tmp_path / "config" / NAME).exists())
    assert remembered(tmp_path / "config")[0].outputs == ("window:beamer", "null")


def test_a_window_without_a_display_goes_to_the_chosen_one() -> None:
    kept: list[tuple[str, ...]] = []
    sending = Sending("HDMI-A-1", kept.append)
    assert [sink.label for sink in sending.begin(("window", "null"))] == ["window", "null"]
    assert (sending.texts, sending.names) == (("window:HDMI-A-1", "null"), ("window", "null"))
    assert Sending("", kept.append).begin(("window", "window:2"))[0].label == "window"
    sending.gone("window", by_hand=False)
    assert (sending.names, kept) == (("null",), [])
    sending.gone("window", by_hand=True)
    assert kept == [("null",)]


def test_without_a_second_display_f_is_the_surface_s(play: Callable[..., Show]) -> None:
    show = play(outputs=("null",))
    assert not show.toggle_window()
    show.choose_display("2")
    assert (show.machine().display, show.machine().sending) == ("2", ("null",))


@pytest.mark.display
def test_a_window_closed_by_hand_is_off_everywhere(
    play: Callable[..., Show], x_display: str, look_at: Callable[[str], Any], wait_until: WAIT
) -> None:
    look_at(x_display)
    show = play(outputs=("null",))
    show.set_output("window", "", True)
    wait_until(lambda: any(sink.label == "window" and sink.sent > 2 for sink in show.snapshot().sinks))
    find = ["xdotool", "search", "--onlyvisible", "--name", "Latent Instrument: the picture"]
    wait_until(lambda: bool(subprocess.run(find, capture_output=True, check=False).stdout))
    subprocess.run([*find, "windowfocus", "--sync"], check=True, timeout=20)
    subprocess.run(["xdotool", "key", "Escape"], check=True, timeout=20)
    wait_until(lambda: show.machine().sending == ("null",))
    assert [sink.label for sink in show.snapshot().sinks] == ["null"]
    assert "window: closed by hand" in said(show)


@pytest.mark.display
def test_f_opens_the_window_on_the_second_display_and_closes_it(
    two_displays: Any, look_at: Callable[[str], Any], wait_until: WAIT, tmp_path: Path
) -> None:
    screen = look_at(two_displays.name)
    environment = os.environ | {"DISPLAY": two_displays.name, "INSTRUMENT_CONFIG": str(tmp_path)}

    def xdotool(*words: str) -> str:
        return subprocess.run(["xdotool", *words], env=environment, capture_output=True, text=True, check=False).stdout

    def shines() -> bool:
        # The surface is wider than its display, and nobody there to cut it off; this is beyond its end.
        return bool(screen.picture(1300, 0, 200, 600).std() > 10.0)

    def struck(condition: Callable[[], bool]) -> Callable[[], bool]:
        # When the surface begins to look at the keyboard cannot be seen from outside: knock, and wait for the answer.
        def knock() -> bool:
            xdotool("keydown", "f", "sleep", "0.15", "keyup", "f")
            with contextlib.suppress(AssertionError):
                wait_until(condition, 3.0)
            return condition()

        return knock

    command = [sys.executable, "-m", "instrument", "--no-monitor", "--no-midi", "--seconds", "60", "--fps", "10"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as program:
        wait_until(lambda: bool(xdotool("search", "--name", "The Latent Instrument")), 30.0)
        wait_until(struck(shines), 30.0)
        assert json.loads((tmp_path / NAME).read_text())["outputs"] == ["window"]
        wait_until(struck(lambda: not shines()), 30.0)
        assert json.loads((tmp_path / NAME).read_text())["outputs"] == []
        program.terminate()
        assert program.wait(30.0) == 0
