"""``bench lesson``: two sounds taught to two moods while they play: how soon it is played, and what the frames notice.

The calm part of the demo is taught to the first mood and its loud part to the second, against what the shipped mapping
makes of them; then Learn is pressed. It is played when the loud part asks for the second mood most.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from instrument.audio.demo import PARTS, part_starts_s, render_demo
from instrument.clock import SystemClock
from instrument.errors import InstrumentError
from instrument.settings import DEFAULTS, Settings
from instrument.show import Show
from instrument.tools.bench.evenness import Evenness, evenness, frames_until
from instrument.tools.bench.prompt import GAP_MS, WARM_S, lasting, playing

SAMPLE_RATE = 48_000
SOUNDS = ("calm", "aggressive")
HELD_S = 5.0
BESIDE_S = 4.0
"""How long frames are watched, before the press and from it on."""
PATIENCE_S = 20.0
RUNS = 3


def main(arguments: Sequence[str]) -> int:
    """Print a line a run. Raises InstrumentError."""
    options = argparse.ArgumentParser("instrument bench lesson", description=__doc__)
    options.add_argument("--checkpoint", default=DEFAULTS.checkpoint)
    options.add_argument("--runs", type=int, default=RUNS)
    given = options.parse_args(list(arguments))
    clock = SystemClock()
    for run in range(1, given.runs + 1):
        with tempfile.TemporaryDirectory(prefix="instrument-bench-") as folder:
            sounds = write_sounds(Path(folder))
            settings = Settings(
                checkpoint=given.checkpoint, source=f"file:{sounds[0]}", loop=True, monitor=False, midi=False,
                outputs=("null",), config_folder=Path(folder),
            )  # fmt: skip
            with playing(settings, clock) as show:
                follows_s, before, during = measure(show, clock, sounds)
        sys.stdout.write(f"run {run}: plays {follows_s:.1f} s after the press\n")
        sys.stdout.write(f"  without: {before.text()}\n  lesson:  {during.text()}\n")
        sys.stdout.flush()
    return 0


def write_sounds(folder: Path) -> list[Path]:
    """The parts of the demo that are taught, as files."""
    demo = render_demo(SAMPLE_RATE)
    starts = [round(start_s * SAMPLE_RATE) for start_s in part_starts_s()]
    parts = dict(zip(PARTS, zip(starts, [*starts[1:], len(demo)], strict=True), strict=True))
    paths = [folder / f"{name}.wav" for name in SOUNDS]
    for name, path in zip(SOUNDS, paths, strict=True):
        soundfile.write(path, demo[slice(*parts[name])], SAMPLE_RATE)
    return paths


def measure(show: Show, clock: SystemClock, sounds: Sequence[Path]) -> tuple[float, Evenness, Evenness]:
    """Seconds until the lesson is played, and the frames without it and with it."""
    first, second = show.snapshot().moods.names[:2]
    frames_until(show, clock, lasting(clock, WARM_S))
    teach(show, clock, first)
    show.open_source(f"file:{sounds[1]}")
    frames_until(show, clock, lasting(clock, BESIDE_S))
    teach(show, clock, second)
    before = evenness(frames_until(show, clock, lasting(clock, BESIDE_S)), GAP_MS)
    pressed_s = clock.now_s()
    show.learn_taught()
    watched, patience = lasting(clock, BESIDE_S), lasting(clock, PATIENCE_S)
    follows: list[float] = []

    def is_over(now_s: float) -> bool:
        seen = show.snapshot()
        if not follows and not seen.teaching.learning and int(np.argmax(seen.moods.asked)) == 1:
            follows.append(now_s - pressed_s)
        return patience(now_s) or (bool(follows) and watched(now_s))

    during = evenness(frames_until(show, clock, is_over), GAP_MS)
    if not follows:
        raise InstrumentError(f"not played {PATIENCE_S:g} s after the press")
    return follows[0], before, during


def teach(show: Show, clock: SystemClock, mood: str) -> None:
    """Hold a mood until `HELD_S` of what plays are collected. Raises InstrumentError where the sound has none."""
    index = show.snapshot().moods.names.index(mood)
    patience = lasting(clock, PATIENCE_S)
    show.hold_mood(mood)
    frames_until(show, clock, lambda now_s: show.snapshot().teaching.collected_s[index] >= HELD_S or patience(now_s))
    show.hold_mood(None)
    if show.snapshot().teaching.collected_s[index] < HELD_S:
        raise InstrumentError(f"nothing was collected for {mood} in {PATIENCE_S:g} s")
