"""``bench prompt``: a mood mined from a prompt while the demo plays: how long it takes, and what the frames notice."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from instrument.app import SWITCH_INTERVAL_S
from instrument.clock import SystemClock
from instrument.settings import DEFAULTS, Settings
from instrument.show import Show
from instrument.tools.bench.evenness import evenness, frames_until

PATIENCE_S = 600.0
BEFORE_S = 15.0
WARM_S = 10.0
"""Start of the show that is not measured: the fast path may still be loading."""
GAP_MS = 50.0


def main(arguments: Sequence[str]) -> int:
    """Print a line without a prompt, and one with. Raises InstrumentError."""
    options = argparse.ArgumentParser("instrument bench prompt", description=__doc__)
    options.add_argument("--prompt", default="burning embers at night")
    options.add_argument("--checkpoint", default=DEFAULTS.checkpoint)
    given = options.parse_args(list(arguments))
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="instrument-bench-") as folder:
        settings = Settings(
            checkpoint=given.checkpoint, monitor=False, midi=False, outputs=("null",), config_folder=Path(folder)
        )
        with playing(settings, clock) as show:
            sys.stdout.write(measure(show, clock, given.prompt))
    return 0


@contextmanager
def playing(settings: Settings, clock: SystemClock) -> Iterator[Show]:
    """A show as a performer's program plays it, without a surface."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    show = Show(settings, clock)
    show.start()
    try:
        yield show
    finally:
        show.close()


def measure(show: Show, clock: SystemClock, prompt: str) -> str:
    """The lines."""
    frames_until(show, clock, lasting(clock, WARM_S))
    before = evenness(frames_until(show, clock, lasting(clock, BEFORE_S)), GAP_MS)
    began_s = clock.now_s()
    show.mine_prompt(prompt)
    patience = lasting(clock, PATIENCE_S)
    times_s = frames_until(show, clock, lambda now_s: not show.snapshot().prompt.text or patience(now_s))
    took_s = clock.now_s() - began_s
    last = show.snapshot().messages[-1].text
    during = evenness(times_s, GAP_MS)
    return f"without: {before.text()}\nmining:  {during.text()}\n{took_s:.0f} s for {prompt!r}: {last}\n"


def lasting(clock: SystemClock, seconds: float) -> Callable[[float], bool]:
    """Whether so many seconds have passed since now, asked with the time."""
    deadline_s = clock.now_s() + seconds
    return lambda now_s: now_s > deadline_s
