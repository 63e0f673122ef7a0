"""``bench``: figures of this machine, each with the command that gives it again."""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from instrument.clock import SystemClock
from instrument.generator.protocol import IDENTITY
from instrument.model import load_model
from instrument.settings import DEFAULTS, Settings
from instrument.tools import feature_table
from instrument.tools.render import FASTER_S

PLAY_ONE_FRAME = (sys.executable, "-m", "instrument", "--headless", "--no-monitor", "--no-midi", "--output", "null")


def main(arguments: Sequence[str]) -> int:
    """Run one benchmark by name."""
    options = argparse.ArgumentParser("instrument bench", description=__doc__)
    options.add_argument("name", choices=BENCHES)
    given, rest = options.parse_known_args(list(arguments))
    return BENCHES[given.name](rest)


def engine(arguments: Sequence[str]) -> int:
    """Wall and CPU milliseconds a frame of the checkpoint, flat out."""
    options = argparse.ArgumentParser("instrument bench engine")
    options.add_argument("--checkpoint", default=DEFAULTS.checkpoint)
    options.add_argument("--threads", type=int, default=0)
    options.add_argument("--frames", type=int, default=100)
    given = options.parse_args(list(arguments))
    generator = load_model(Settings(checkpoint=given.checkpoint, threads=given.threads)).generator
    generator.wait_until_fast(FASTER_S)
    latents = generator.map(np.random.default_rng(0).standard_normal((given.frames + 5, generator.z_dim), np.float32))
    clock, walls_s, cpus_s = SystemClock(), [], []
    for w in latents:
        began_s, cpu_s = clock.now_s(), time.process_time()
        generator.render(np.repeat(w[None], generator.num_ws, axis=0), IDENTITY)
        walls_s.append(clock.now_s() - began_s)
        cpus_s.append(time.process_time() - cpu_s)
    wall_ms, cpu_ms = (1e3 * statistics.median(times[5:]) for times in (walls_s, cpus_s))
    sys.stdout.write(
        f"{generator.description}: {wall_ms:.1f} ms a frame ({1e3 / wall_ms:.0f} fps), CPU {cpu_ms:.1f} ms\n"
    )
    return 0


def startup(arguments: Sequence[str]) -> int:
    """Seconds from the start of the process to the first frame handed to a sink, files cached (warm)."""
    options = argparse.ArgumentParser("instrument bench startup")
    options.add_argument("--runs", type=int, default=5)
    given = options.parse_args(list(arguments))
    firsts_s = [first_frame_s() for _ in range(given.runs + 1)][1:]
    sys.stdout.write(f"start to first frame: {statistics.median(firsts_s):.2f} s (median of {given.runs})\n")
    return 0


def first_frame_s() -> float:
    """One short show in a process of its own, as its summary tells."""
    result = subprocess.run(
        [*PLAY_ONE_FRAME, "--seconds", "0.5"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    line = next(line for line in result.stdout.splitlines() if line.startswith("first frame "))
    return float(line.split()[2])


BENCHES: dict[str, Callable[[Sequence[str]], int]] = {
    "engine": engine,
    "startup": startup,
    "features": lambda arguments: feature_table.main(list(arguments)),
}
