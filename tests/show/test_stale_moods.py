"""Moods that do not belong to the checkpoint: one clear line, and the show goes on with the old ones."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from instrument.engine.snapshot import Lamp
from instrument.generator.checkpoint import load_checkpoint
from instrument.mapping.moods import MoodSet, save_moods
from instrument.settings import DEFAULTS
from instrument.show import Show

COMPLAINTS = {
    "foreign": "was mined on another generator than this one: mine again",
    "narrow": "is for a w of 7 numbers",
    "cut": "is damaged or no safetensors file",
}


def test_foreign_narrow_and_cut_moods_leave_the_show_as_it_is(
    play: Callable[..., Show], tmp_path: Path, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    shelf = tmp_path / "checkpoints"
    for name in ("default", *COMPLAINTS):
        shutil.copytree(DEFAULTS.checkpoints_folder / "default", shelf / name)
    show = play(source="synth", checkpoints_folder=shelf)
    wait_until(lambda: show.snapshot().frame is not None)
    before = show.snapshot().moods.names
    w_dim = load_checkpoint(shelf / "default").config.w_dim
    other = MoodSet(("A", "B"), ("", ""), np.zeros((2, w_dim)), np.zeros((2, w_dim, 4)), "cd" * 32)
    narrow = MoodSet(("A", "B"), ("", ""), np.zeros((2, 7)), np.zeros((2, 7, 4)), "cd" * 32)
    save_moods(shelf / "foreign" / "moods.safetensors", other)
    save_moods(shelf / "narrow" / "moods.safetensors", narrow)
    path = shelf / "cut" / "moods.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    for name, complaint in COMPLAINTS.items():
        show.open_model(name)
        wait_until(lambda complaint=complaint: any(complaint in line.text for line in show.snapshot().messages))
        line = next(line for line in show.snapshot().messages if complaint in line.text)
        assert line.lamp is Lamp.BAD
        assert "\n" not in line.text
        frames = show.engine.frames
        wait_until(lambda frames=frames: show.engine.frames > frames + 3)
        assert show.snapshot().moods.names == before
