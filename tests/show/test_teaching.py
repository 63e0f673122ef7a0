"""Teaching by example with the real engine: two sounds, two moods, and the picture goes on meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from instrument.engine.snapshot import Lamp
from instrument.generator.checkpoint import Card, save_checkpoint
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.show import Show

RATE = 48_000
SMALL: dict[str, Any] = {"resolution": 32, "z_dim": 8, "w_dim": 8, "channel_base": 128, "channel_max": 6}
HELD_S = 1.2
LEARNS_S = 60.0
"""A lesson takes a second, by a process that has what the cores leave over; `bench lesson` measures it."""
FRAME_RATE_HZ = 30.0
Play = Callable[..., Show]
WaitUntil = Callable[..., None]


@pytest.fixture
def sounds(tmp_path: Path) -> dict[str, Path]:
    """A chord, and a noise with a pulse."""
    time_s = np.arange(4 * RATE) / RATE
    chord = sum(0.15 * np.sin(2 * np.pi * hz * time_s) for hz in (220.0, 277.5, 330.0))
    hiss = 0.2 * np.random.default_rng(0).standard_normal(len(time_s)) * (0.3 + np.exp(-10.0 * (time_s % 0.5)))
    paths = {}
    for name, sound in (("chord", chord), ("hiss", hiss)):
        paths[name] = tmp_path / f"{name}.wav"
        soundfile.write(paths[name], np.asarray(sound), RATE)
    return paths


@pytest.fixture
def small(tmp_path: Path) -> dict[str, Any]:
    """Settings of a checkpoint small enough for any machine: moods A, B and C that stand in."""
    config = NetworkConfig(**SMALL)
    save_checkpoint(tmp_path / "checkpoints" / "small", config, seeded_network(config, 1), Card("small"))
    return {
        "checkpoint": "small",
        "checkpoints_folder": tmp_path / "checkpoints",
        "frame_rate_hz": FRAME_RATE_HZ,
        "outputs": ("null",),
        "loop": True,
        "threads": 1,
    }


def strongest(show: Show) -> str:
    moods = show.snapshot().moods
    return moods.names[int(np.argmax(moods.asked))]


def listen_to(show: Show, path: Path, wait_until: WaitUntil) -> None:
    show.open_source(f"file:{path}")
    wait_until(lambda: show.snapshot().source.label == path.name)


def teach(show: Show, mood: str, wait_until: WaitUntil) -> None:
    index = show.snapshot().moods.names.index(mood)
    show.hold_mood(mood)
    wait_until(lambda: show.snapshot().teaching.collected_s[index] >= HELD_S)
    show.hold_mood(None)


def test_two_sounds_two_moods_learned_while_it_plays(
    play: Play, small: dict[str, Any], sounds: dict[str, Path], wait_until: WaitUntil, tmp_path: Path
) -> None:
    show = play(source=f"file:{sounds['chord']}", **small)
    wait_until(lambda: strongest(show) == "A" and max(show.snapshot().moods.asked) > 0.4)
    teach(show, "C", wait_until)
    listen_to(show, sounds["hiss"], wait_until)
    teach(show, "A", wait_until)
    assert strongest(show) == "B"
    frames = show.engine.frames
    show.learn_taught()
    assert show.snapshot().teaching.learning
    wait_until(lambda: strongest(show) == "A" and not show.snapshot().teaching.learning, LEARNS_S)
    assert show.engine.frames > frames, "the picture stood"
    assert show.snapshot().teaching.lessons == 1

    listen_to(show, sounds["chord"], wait_until)
    wait_until(lambda: strongest(show) == "C")
    show.toggle_taught()
    wait_until(lambda: strongest(show) == "A")
    show.toggle_taught()
    wait_until(lambda: strongest(show) == "C")
    (kept,) = tmp_path.rglob("taught/*/*.safetensors")
    assert kept.is_relative_to(tmp_path / "config")

    again = play(source=f"file:{sounds['chord']}", **small)
    wait_until(lambda: strongest(again) == "C")
    again.undo_teaching()
    wait_until(lambda: strongest(again) == "A")
    wait_until(lambda: not kept.exists())


def test_what_cannot_be_done_is_said(play: Play, small: dict[str, Any]) -> None:
    show = play(source="synth", **small)
    for press, answer in (
        (lambda: show.hold_mood("Angry"), "no mood 'Angry'"),
        (show.learn_taught, "nothing to learn"),
        (show.undo_teaching, "no lesson to undo"),
        (show.toggle_taught, "nothing was taught"),
    ):
        press()
        line = show.snapshot().messages[-1]
        assert answer in line.text
        assert line.lamp is Lamp.WARN


def test_a_child_that_fails_leaves_the_mapping(
    play: Play, small: dict[str, Any], wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("instrument.engine.learning.CHILD_MODULE", "instrument.mapping.nothing")
    show = play(source="synth", **small)
    show.hold_mood("A")
    wait_until(lambda: show.snapshot().teaching.collected_s[0] > 0.2)
    show.learn_taught()
    wait_until(lambda: any("could not be learned" in line.text for line in show.snapshot().messages))
    state = show.snapshot().teaching
    assert not state.learning
    assert state.lessons == 0
    assert state.collected_s[0] > 0.0


def test_why_it_moved_is_shown(play: Play, small: dict[str, Any], wait_until: WaitUntil) -> None:
    show = play(source="synth", **small)
    wait_until(lambda: show.snapshot().moods.why != ())
    for row in show.snapshot().moods.why:
        assert sum(row) == pytest.approx(1.0)
