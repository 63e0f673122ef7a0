"""A show on a machine that has compiled nothing yet, watched from inside: run by ``bench startup --first``."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from instrument.app import SWITCH_INTERVAL_S
from instrument.clock import STARTED_S, SystemClock
from instrument.generator.protocol import Generator, Warming
from instrument.settings import Settings
from instrument.show import Show
from instrument.tools.bench.evenness import evenness, frames_until

GAP_MS = 100.0


def main(arguments: Sequence[str]) -> int:
    """Play so many seconds; print when the first frame came, when the fast path, and the gaps between frames."""
    seconds, checkpoint = float(arguments[0]), arguments[1]
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="instrument-bench-") as folder:
        show = Show(
            Settings(
                checkpoint=checkpoint,
                headless=True,
                monitor=False,
                midi=False,
                outputs=("null",),
                config_folder=Path(folder),
            ),
            clock,
        )
        show.start()
        started_s = clock.now_s()
        cold = frames_until(show, clock, lambda now_s: is_fast(show.engine.generator) or now_s > started_s + seconds)
        fast = f"after {clock.now_s() - STARTED_S:.1f} s" if is_fast(show.engine.generator) else "not yet"
        warm = frames_until(show, clock, lambda now_s: now_s > started_s + seconds)
        show.close()
    times_s = sorted({*cold, *warm})
    sys.stdout.write(f"first frame after {times_s[0] - STARTED_S:.1f} s, fast path {fast}\n")
    sys.stdout.write(f"{evenness(times_s, GAP_MS).text()}\n")
    return 0


def is_fast(generator: Generator) -> bool:
    """Whether its pictures come as fast as they ever will."""
    return not (isinstance(generator, Warming) and generator.is_warming)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
