"""``bench pacing``: does the picture keep its rate, and does it disturb the sound?

Pictures are paced as the render thread does, without giving way, beside a process that ticks as an audio callback.
The last lines are about the interpreter: how late a Python thread wakes while another one synthesises flat out.
"""

import argparse
import functools
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from instrument.app import SWITCH_INTERVAL_S
from instrument.clock import SystemClock
from instrument.engine.giving_way import is_late
from instrument.engine.pacing import Pacer
from instrument.generator.engines import warm_up
from instrument.generator.protocol import IDENTITY, Generator
from instrument.model import load_model
from instrument.settings import DEFAULTS, PROJECT_FOLDER, Settings
from instrument.tools.bench.tick import lateness_s, percentile
from instrument.tools.render import FASTER_S

LATENTS = 64
WAKE_PERIOD_S = 0.005


@dataclass(frozen=True, slots=True)
class Paced:
    """One paced run; `share` is that of all cores, in ``[0, 1]``."""

    frames: int
    late: int
    seconds: float
    share: float


def main(arguments: Sequence[str]) -> int:
    """Print a line a rate, then the interpreter's."""
    given = _options().parse_args(list(arguments))
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    settings = Settings(checkpoint=given.checkpoint, threads=given.threads, engine=given.engine)
    generator = load_model(settings).generator
    warm_up(generator, FASTER_S)
    draw = drawer(generator)
    draw()
    sys.stdout.write(f"{generator.description}; ticks of 5.33 ms beside it, {given.seconds:g} s each\n")
    for rate_hz in given.fps:
        paced, ticks = beside_ticks(functools.partial(play, draw, rate_hz, given.seconds), given.seconds)
        sys.stdout.write(
            f"{rate_hz:g} fps: got {paced.frames / paced.seconds:.1f}, {paced.late} of {paced.frames} late, "
            f"{paced.share:.0%} of the cores; tick late p50 {ticks['p50_ms']:.2f} p99 {ticks['p99_ms']:.2f} "
            f"max {ticks['max_ms']:.1f} ms, {ticks['missed']} of {ticks['ticks']} by over a period\n"
        )
        sys.stdout.flush()
    for name, work in (("idle", None), ("flat out", draw)):
        late_ms = [1e3 * late_s for late_s in wakes(work, given.seconds)]
        sys.stdout.write(
            f"a Python thread waking every 5 ms, synthesis {name}: late p50 {percentile(late_ms, 0.5):.2f} "
            f"p99 {percentile(late_ms, 0.99):.2f} ms\n"
        )
    return 0


def drawer(generator: Generator) -> Callable[[], object]:
    """Renders another latent with every call."""
    deviates = np.random.default_rng(0).standard_normal((LATENTS, generator.z_dim), np.float32)
    latents = itertools.cycle(generator.map(deviates))
    return lambda: generator.render(np.repeat(next(latents)[None], generator.num_ws, axis=0), IDENTITY)


def play(draw: Callable[[], object], rate_hz: float, seconds: float) -> Paced:
    """Draw at an even rate for `seconds`; blocks."""
    clock, pacer = SystemClock(), Pacer(rate_hz)
    frames = late = 0
    began_s, cpu_s = clock.now_s(), time.process_time()
    while clock.now_s() < began_s + seconds:
        due_s = pacer.next_deadline_s(clock.now_s())
        clock.sleep_until_s(due_s)
        draw()
        frames += 1
        late += is_late(due_s, clock.now_s(), rate_hz)
    took_s = clock.now_s() - began_s
    return Paced(frames, late, took_s, (time.process_time() - cpu_s) / took_s / (os.cpu_count() or 1))


def beside_ticks(work: Callable[[], Paced], seconds: float) -> tuple[Paced, dict[str, Any]]:
    """Do `work`, which takes `seconds`, while another process ticks; what both found."""
    command = [sys.executable, "-m", "instrument.tools.bench.tick"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT_FOLDER
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.write(f"{seconds}\n")
        process.stdin.flush()
        paced = work()
        return paced, json.loads(process.stdout.readline())


def wakes(work: Callable[[], object] | None, seconds: float) -> list[float]:
    """How late a thread of this interpreter wakes while another repeats `work`, in seconds."""
    late_s: list[float] = []
    thread = threading.Thread(target=lambda: late_s.extend(lateness_s(seconds, WAKE_PERIOD_S)), name="waker")
    thread.start()
    while work is not None and thread.is_alive():
        work()
    thread.join()
    return late_s


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("instrument bench pacing", description=__doc__.splitlines()[0])
    options.add_argument("--fps", type=float, nargs="+", default=[30.0, 60.0])
    options.add_argument("--seconds", type=float, default=8.0)
    options.add_argument("--checkpoint", default=DEFAULTS.checkpoint)
    options.add_argument("--threads", type=int, default=DEFAULTS.threads)
    options.add_argument("--engine", default=DEFAULTS.engine)
    return options
