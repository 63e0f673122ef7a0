"""``bench surface``: what the surface costs, and whether the picture feels it.

The instrument with and without it drawn, in turns and in one run: processor time of a frame of the surface, and what
the null sink gets; the same with each kind of dialog open, in turns with none; then what the sink gets while the window
is iconified. Starts a screen of its own (Xvfb) where there is none.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from instrument.app import SWITCH_INTERVAL_S
from instrument.clock import Clock, SystemClock
from instrument.errors import DisplayError
from instrument.outputs.null import NullSink
from instrument.outputs.sink import Frame
from instrument.settings import DEFAULTS, Settings
from instrument.show import Show
from instrument.tools.bench.tick import percentile
from instrument.ui.display import display_problem
from instrument.ui.iconify import iconified
from instrument.ui.surface import Surface

ROUNDS = 2
WARM_UP_S = 8.0
DISTURBED_S = 5.0
TITLE = "The Latent Instrument"


class Intervals:
    """When the null sink got its frames."""

    def __init__(self) -> None:
        self._times_s: list[float] = []

    def watch(self, clock: Clock) -> contextlib.AbstractContextManager[None]:
        """Note every frame that any null sink gets, while it lasts."""
        send = NullSink.send

        def noting(sink: NullSink, frame: Frame) -> None:
            self._times_s.append(clock.now_s())
            send(sink, frame)

        @contextlib.contextmanager
        def watching() -> Iterator[None]:
            NullSink.send = noting  # type: ignore[method-assign, assignment]
            try:
                yield
            finally:
                NullSink.send = send  # type: ignore[method-assign]

        return watching()

    def take(self) -> str:
        """The figures of what came since the last call."""
        times_s, self._times_s = self._times_s, []
        if len(times_s) < 2:
            return "no frames"
        gaps_ms = [1e3 * float(gap) for gap in np.diff(times_s)]
        rate_hz = (len(times_s) - 1) / (times_s[-1] - times_s[0])
        return (
            f"{rate_hz:.1f} fps, intervals p50 {percentile(gaps_ms, 0.5):.1f} p99 {percentile(gaps_ms, 0.99):.1f} "
            f"max {max(gaps_ms):.1f} ms"
        )


def main(arguments: Sequence[str]) -> int:
    """Print a line for each state."""
    given = _options().parse_args(list(arguments))
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    with screen(), TemporaryDirectory() as folder:
        clock, intervals = SystemClock(), Intervals()
        settings = Settings(
            source=given.source, outputs=("null",), checkpoint=given.checkpoint, config_folder=Path(folder),
            monitor=False, midi=False,
        )  # fmt: skip
        with intervals.watch(clock):
            show = Show(settings, clock)
            show.start()
            surface = Surface(show, width=given.width, height=given.height)
            try:
                surface.open()
                _measure(show, surface, clock, intervals, given.seconds)
            finally:
                surface.close()
                show.close()
    return 0


def _measure(show: Show, surface: Surface, clock: Clock, intervals: Intervals, seconds: float) -> None:
    drawn(surface, clock, WARM_UP_S)
    for _ in range(ROUNDS):
        intervals.take()
        clock.sleep_until_s(clock.now_s() + seconds)
        _say(f"without the surface: {intervals.take()}")
        before = show.snapshot().timing
        cost = drawn(surface, clock, seconds)
        after = show.snapshot().timing
        late = (after.late - before.late) / max(after.frames - before.frames, 1)
        _say(f"with the surface: {intervals.take()}, {late:.1%} late; {cost}")
    _measure_dialogs(surface, clock, intervals)
    began_s = clock.now_s()
    with iconified(TITLE, DISTURBED_S):
        drawn(surface, clock, DISTURBED_S)
    _say(f"iconified, the main thread held for {clock.now_s() - began_s:.1f} s: {intervals.take()}")


def _measure_dialogs(surface: Surface, clock: Clock, intervals: Intervals) -> None:
    dialogs = surface.dialogs
    openers: dict[str, Callable[[], object]] = {
        "none": dialogs.close, "files": dialogs.choose_file, "settings": dialogs.show_settings, "log": dialogs.show_log,
        "a question": dialogs.ask_prompt,
    }  # fmt: skip
    for _ in range(ROUNDS):
        for name, open_one in openers.items():
            intervals.take()
            open_one()
            cost = drawn(surface, clock, DISTURBED_S)
            dialogs.close()
            _say(f"dialog open for {DISTURBED_S:g} s: {name}: {intervals.take()}; {cost}")


def drawn(surface: Surface, clock: Clock, seconds: float) -> str:
    """Draw for so long; what a frame cost, in words."""
    end_s, frames = clock.now_s() + seconds, surface.frames
    main_s, all_s, began_s = time.thread_time(), time.process_time(), clock.now_s()
    surface.run(clock, lambda: clock.now_s() >= end_s)
    count, took_s = max(surface.frames - frames, 1), clock.now_s() - began_s
    main_ms, all_ms = (1e3 * spent / count for spent in (time.thread_time() - main_s, time.process_time() - all_s))
    return f"surface {count / took_s:.1f} fps, main thread {main_ms:.2f} ms a frame, whole program {all_ms:.1f} ms"


@contextlib.contextmanager
def screen() -> Iterator[None]:
    """A screen to draw on: the one there is, or one of our own. Raises DisplayError if neither can be had."""
    if not display_problem():
        yield
        return
    if shutil.which("Xvfb") is None:
        raise DisplayError("no screen, and Xvfb is not installed to make one")
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(write_end,), stderr=subprocess.DEVNULL) as server:
        os.close(write_end)
        # The number and its newline come apart; and closing this end early would kill the server with SIGPIPE.
        with os.fdopen(read_end) as pipe:
            os.environ["DISPLAY"] = f":{pipe.readline().strip()}"
            try:
                yield
            finally:
                server.terminate()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("instrument bench surface", description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=10.0, help="length of each part (default: 10)")
    options.add_argument("--checkpoint", default=DEFAULTS.checkpoint)
    options.add_argument("--source", default=DEFAULTS.source)
    options.add_argument("--width", type=int, default=1280)
    options.add_argument("--height", type=int, default=800)
    return options
