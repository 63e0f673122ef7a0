"""The running program with its window: driven by keys from outside, as a person would."""

import json
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from instrument.presets.look import load_look
from instrument.ui.display import connected_display
from instrument.ui.iconify import iconified

TITLE = "The Latent Instrument"
SETTLING_S, LONG_S = 3.0, 2.0
SHOW = Path(__file__).resolve().parents[1] / "peers" / "seen_show.py"


@pytest.mark.display
def test_the_whole_program_in_a_window(
    other_display: str, presets: Path, monkeypatch: pytest.MonkeyPatch, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    monkeypatch.setenv("DISPLAY", other_display)

    def xdotool(*words: str) -> str:
        command = ["xdotool", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    # Held open: Xvfb starts over when its last client goes, and would turn the show away at that moment.
    with connected_display(), subprocess.Popen(
        [sys.executable, str(SHOW), str(presets.parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:  # fmt: skip
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        wait_until(lambda: bool(xdotool("search", "--name", "The Latent Instrument")))
        # When the window begins to look at the keyboard cannot be seen from outside: knock until it says so, or long.
        for _ in range(60):
            xdotool("keydown", "3", "sleep", "0.1", "keyup", "3", "sleep", "0.05")
            if select.select([program.stdout], [], [], 0.0)[0]:
                break
        said, _ = program.communicate(input="", timeout=60)
    answer = json.loads(said.splitlines()[-1])
    ember = load_look(presets / "looks" / "ember.json")
    assert answer["faults"] == [0]
    assert answer["frames"] > 3
    assert answer["sent"] > 0
    assert (answer["pad"], answer["edited"]) == (3, False)
    assert {name: answer["values"][name] for name in ember.values} == dict(ember.values)


@pytest.mark.display
def test_frames_go_out_while_the_window_is_iconified(
    other_display: str, presets: Path, monkeypatch: pytest.MonkeyPatch, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    monkeypatch.setenv("DISPLAY", other_display)
    with connected_display(), subprocess.Popen(
        [sys.executable, str(SHOW), str(presets.parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:  # fmt: skip
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        search = ["xdotool", "search", "--name", TITLE]
        wait_until(lambda: bool(subprocess.run(search, capture_output=True, check=False).stdout))
        settled_s = time.monotonic() + SETTLING_S
        wait_until(lambda: time.monotonic() > settled_s)
        with iconified(TITLE, LONG_S):
            began_s = time.monotonic()
        ended_s = time.monotonic()
        said, _ = program.communicate(input="", timeout=60)
    sent_s = json.loads(said.splitlines()[-1])["sent_s"]
    before = sum(began_s - LONG_S <= sent < began_s for sent in sent_s)
    meanwhile = sum(began_s <= sent < began_s + LONG_S for sent in sent_s)
    assert ended_s - began_s >= LONG_S - 0.1
    assert meanwhile >= 0.6 * before > 0
