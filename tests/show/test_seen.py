"""The running program with its window: driven by keys from outside, as a person would."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from instrument.presets.look import load_look

SHOW = Path(__file__).resolve().parents[1] / "peers" / "seen_show.py"


@pytest.mark.display
def test_the_whole_program_in_a_window(
    other_display: str, presets: Path, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    environment = os.environ | {"DISPLAY": other_display}

    def xdotool(*words: str) -> str:
        command = ["xdotool", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout

    with subprocess.Popen(
        [sys.executable, str(SHOW), str(presets.parent)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    ) as program:  # fmt: skip
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        wait_until(lambda: bool(xdotool("search", "--name", "The Latent Instrument")))
        # When the window begins to look at the keyboard cannot be seen from outside: knock for a while.
        for _ in range(30):
            xdotool("keydown", "3", "sleep", "0.1", "keyup", "3", "sleep", "0.05")
        said, _ = program.communicate(input="", timeout=60)
    answer = json.loads(said.splitlines()[-1])
    ember = load_look(presets / "looks" / "ember.json")
    assert answer["faults"] == [0]
    assert answer["frames"] > 3
    assert answer["sent"] > 0
    assert (answer["pad"], answer["edited"]) == (3, False)
    assert {name: answer["values"][name] for name in ember.values} == dict(ember.values)
