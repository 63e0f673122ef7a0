"""``bench startup``: seconds from the start of the process to the first frame handed to a sink, files cached (warm).

With ``--first``: a first start, nothing compiled yet, and how even its frames are until the fast path takes over.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from instrument.settings import DEFAULTS, PROJECT_FOLDER

PLAY_ONE_FRAME = (sys.executable, "-m", "instrument", "--headless", "--no-monitor", "--no-midi", "--output", "null")


def main(arguments: Sequence[str]) -> int:
    """Print the median of several starts."""
    options = argparse.ArgumentParser("instrument bench startup", description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--first", action="store_true", help="as on a machine that has compiled nothing yet")
    options.add_argument("--seconds", type=float, default=20.0, help="of a first start")
    options.add_argument("--checkpoint", default=DEFAULTS.checkpoint, help="of a first start")
    given = options.parse_args(list(arguments))
    if given.first:
        sys.stdout.write(first_start(given.seconds, given.checkpoint))
        return 0
    firsts_s = [first_frame_s() for _ in range(given.runs + 1)][1:]
    sys.stdout.write(f"start to first frame: {statistics.median(firsts_s):.2f} s (median of {given.runs})\n")
    return 0


def first_start(seconds: float, checkpoint: str) -> str:
    """What `first_start` says of a show in a process with empty caches."""
    with tempfile.TemporaryDirectory(prefix="instrument-bench-") as folder:
        empty = {"NUMBA_CACHE_DIR": f"{folder}/numba", "INSTRUMENT_CACHE": f"{folder}/own"}
        command = [sys.executable, "-m", "instrument.tools.bench.first_start", str(seconds), checkpoint]
        environment = {**os.environ, **empty}
        result = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, cwd=PROJECT_FOLDER, env=environment
        )
    return result.stdout


def first_frame_s() -> float:
    """One short show in a process of its own, as its summary tells."""
    result = subprocess.run(
        [*PLAY_ONE_FRAME, "--seconds", "0.5"], capture_output=True, text=True, check=True, cwd=PROJECT_FOLDER
    )
    line = next(line for line in result.stdout.splitlines() if line.startswith("first frame "))
    return float(line.split()[2])
