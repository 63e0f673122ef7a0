"""A show that is played over OSC alone, without any surface."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from instrument.engine.snapshot import Lamp
from instrument.generator.checkpoint import Card, save_checkpoint
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.params.table import MASTER_FADE, MOTION_FREEZE, MOTION_SPEED, mood_bias_name
from instrument.remembered import remembered
from instrument.settings import DEFAULTS
from instrument.show import Show

WaitUntil = Callable[[Callable[[], bool]], None]
Play = Callable[..., Show]
Sender = Callable[[int], Any]


def port_of(show: Show) -> int:
    return int(show.snapshot().osc.split(":")[1])


def said(show: Show) -> list[str]:
    return [line.text for line in show.snapshot().messages]


def test_a_whole_show_without_a_surface(play: Play, osc_sender: Sender, wait_until: WaitUntil, tmp_path: Path) -> None:
    """Values, acts and looks; then another checkpoint, whose moods take the place of the first one's."""
    shelf = tmp_path / "checkpoints"
    shutil.copytree(DEFAULTS.checkpoints_folder / "default", shelf / "default")
    config = NetworkConfig(resolution=64, z_dim=8, w_dim=8, channel_base=128, channel_max=6)
    save_checkpoint(shelf / "tiny", config, seeded_network(config, 1), Card("tiny"))
    show = play(source="synth", checkpoints_folder=shelf, osc="0")
    assert said(show)[0].startswith("OSC at 127.0.0.1:")
    osc = osc_sender(port_of(show))

    osc.say(["/mood/calm/bias", [6.0]], ["/mood/*/bias/normalized", [0.5]], ["/mood/vibrant/bias", [6.0]])
    wait_until(lambda: show.store.get(mood_bias_name("Vibrant")) == 6.0)
    assert show.store.get(mood_bias_name("Calm")) == 0.0
    wait_until(lambda: show.snapshot().moods.played[2] > 0.9)

    name = show.looks()[2].name
    osc.say(["/look/recall", [2]], ["/motion/speed", [9.0]], ["/look/recall", [name]])
    wait_until(lambda: show.current_look() == (3, False))
    assert show.store.get(MOTION_SPEED) != 9.0
    osc.say(["/undo", []])
    wait_until(lambda: show.store.get(MOTION_SPEED) == 9.0)
    assert "undone: recalling look 3" in said(show)

    osc.say(["/blackout", [1.0]], ["/blackout", [0.0]], ["/motion/freeze", [1]])
    wait_until(lambda: (show.store.get(MASTER_FADE), show.store.get(MOTION_FREEZE)) == (0.0, 1.0))
    osc.say(["/panic", []])
    wait_until(lambda: (show.store.get(MASTER_FADE), show.store.get(MOTION_FREEZE)) == (1.0, 0.0))
    wait_until(lambda: show.current_look() == (1, False))

    show.open_model("tiny")
    wait_until(lambda: show.snapshot().moods.names == ("A", "B", "C"))
    osc.say(["/mood/b/bias", [3.0]], ["/mood/calm/bias", [3.0]], ["/tap", []])
    wait_until(lambda: show.store.get(mood_bias_name("B")) == 3.0)
    wait_until(lambda: any("'/mood/calm/bias': there is no such address" in line for line in said(show)))
    assert "messages, 1 not understood" in show.snapshot().osc


def test_the_port_is_opened_and_closed_while_it_plays_and_remembered(
    play: Play, osc_sender: Sender, wait_until: WaitUntil, tmp_path: Path
) -> None:
    show = play(source="synth")
    other = play(source="synth", osc="0")
    assert (show.snapshot().osc, show.machine().osc) == ("", "")
    show.set_osc(str(port_of(other)))
    wait_until(lambda: any("in use" in line.text and line.lamp is Lamp.BAD for line in show.snapshot().messages))
    assert (show.snapshot().osc, show.machine().osc) == ("", "")
    show.set_osc("0")
    wait_until(lambda: show.machine().osc == "0")
    osc_sender(port_of(show)).say(["/motion/speed", [5.0]])
    wait_until(lambda: show.store.get(MOTION_SPEED) == 5.0)
    wait_until(lambda: remembered(tmp_path / "config")[0].osc == "0")
    show.set_osc("")
    wait_until(lambda: "OSC is off" in said(show))
    wait_until(lambda: remembered(tmp_path / "config")[0].osc == "")
    assert show.snapshot().osc == ""


@pytest.mark.parametrize("text", ["nonsense", "9000:stage"])
def test_no_place_to_listen_is_said_and_the_show_goes_on(play: Play, wait_until: WaitUntil, text: str) -> None:
    show = play(source="synth")
    show.set_osc(text)
    wait_until(lambda: any("is not PORT or HOST:PORT" in line for line in said(show)))
    frames = show.engine.frames
    wait_until(lambda: show.engine.frames > frames)
