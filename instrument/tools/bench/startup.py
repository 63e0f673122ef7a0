"""``bench startup``: seconds from the start of the process to the first frame handed to a sink, files cached (warm)."""

import argparse
import statistics
import subprocess
import sys
from collections.abc import Sequence

from instrument.settings import PROJECT_FOLDER

PLAY_ONE_FRAME = (sys.executable, "-m", "instrument", "--headless", "--no-monitor", "--no-midi", "--output", "null")


def main(arguments: Sequence[str]) -> int:
    """Print the median of several starts."""
    options = argparse.ArgumentParser("instrument bench startup", description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    given = options.parse_args(list(arguments))
    firsts_s = [first_frame_s() for _ in range(given.runs + 1)][1:]
    sys.stdout.write(f"start to first frame: {statistics.median(firsts_s):.2f} s (median of {given.runs})\n")
    return 0


def first_frame_s() -> float:
    """One short show in a process of its own, as its summary tells."""
    result = subprocess.run(
        [*PLAY_ONE_FRAME, "--seconds", "0.5"], capture_output=True, text=True, check=True, cwd=PROJECT_FOLDER
    )
    line = next(line for line in result.stdout.splitlines() if line.startswith("first frame "))
    return float(line.split()[2])
