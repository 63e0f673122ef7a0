"""A show on a machine that has compiled nothing yet, watched from inside: run by ``bench startup --first``."""

import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from instrument.clock import STARTED_S, SystemClock
from instrument.generator.protocol import Warming
from instrument.settings import Settings
from instrument.show import Show

POLL_S = 0.004
GAP_MS = 100.0


def main(arguments: Sequence[str]) -> int:
    """Play so many seconds; print when the first frame came, when the fast path, and the gaps between frames."""
    seconds, checkpoint = float(arguments[0]), arguments[1]
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="instrument-bench-") as folder:
        settings = Settings(
            checkpoint=checkpoint,
            headless=True,
            monitor=False,
            midi=False,
            outputs=("null",),
            config_folder=Path(folder),
        )
        show = Show(settings, clock)
        show.start()
        times_s, fast_s = watch(show, clock, clock.now_s() + seconds)
        show.close()
    sys.stdout.write(f"{report(times_s, fast_s)}\n")
    return 0


def watch(show: Show, clock: SystemClock, end_s: float) -> tuple[list[float], float | None]:
    """When each frame was handed to the sinks, and when the generator was as fast as it gets."""
    times_s: dict[int, float] = {}
    fast_s: float | None = None
    generator = show.engine.generator
    while (now_s := clock.now_s()) < end_s:
        frame = show.snapshot().frame
        if frame is not None:
            times_s[frame.index] = frame.time_s
        if fast_s is None and not (isinstance(generator, Warming) and generator.is_warming):
            fast_s = now_s
        clock.sleep_until_s(now_s + POLL_S)
    return [times_s[index] for index in sorted(times_s)], fast_s


def report(times_s: Sequence[float], fast_s: float | None) -> str:
    """The figures in a line or two; times are counted from the start of the process."""
    gaps_ms = [1e3 * (late - soon) for soon, late in pairwise(times_s)]
    fast = "not yet" if fast_s is None else f"{fast_s - STARTED_S:.1f} s"
    return (
        f"first frame {times_s[0] - STARTED_S:.1f} s after the start, fast path {fast}; "
        f"{len(times_s) / (times_s[-1] - times_s[0]):.1f} fps over {times_s[-1] - times_s[0]:.0f} s, "
        f"longest gap {max(gaps_ms):.0f} ms, {sum(gap > GAP_MS for gap in gaps_ms)} over {GAP_MS:.0f} ms"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
