"""``bench latency``: from a click on an interface to the picture that shows it, at the sink.

A dummy JACK server stands for the sound card's driver, a JACK client in a process of its own for what is plugged into
it. It clicks at uneven times; the instrument listens through its live input, as it would to an interface, and marks
every click with a flash. The sink looks at the pictures alone. Its reaction counts from the moment the click was there
to be captured, so it holds the period of the interface, the rest of the hop and the wait for the next frame; the stages
below it are what the instrument itself reports, from the time stamp of the newest sample.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from instrument.app import SWITCH_INTERVAL_S
from instrument.audio.registry import make_source
from instrument.clock import SystemClock
from instrument.errors import AudioError
from instrument.generator.engines import warm_up
from instrument.model import Model, load_model
from instrument.params.table import ACCENT_BEAT
from instrument.settings import DEFAULTS, PROJECT_FOLDER, Settings
from instrument.tools.bench.watching import percentiles, stage_table, still_show
from instrument.tools.render import FASTER_S

CARD = "BenchCard"
PERIOD = 256
SAMPLE_RATE = 48_000
SIZES = ("1024/1024", "1024/256", "512/256", "256/256")
"""Hop and block of the runs, samples."""
LONGEST_S = 0.3
"""A reaction later than this is none."""
SETTLING_S = 3.0
CLICK_EVERY_S = 0.91
ANSWER_S = 10.0


def main(arguments: Sequence[str]) -> int:
    """Print a table for each size. Raises AudioError where there is no JACK."""
    given = _options().parse_args(list(arguments))
    sizes = [_size(text) for text in given.sizes]
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    settings = Settings(checkpoint=given.checkpoint, threads=given.threads, engine=given.engine)
    model = load_model(settings)
    warm_up(model.generator, FASTER_S)
    sys.stdout.write(f"{model.generator.description}; {SAMPLE_RATE} Hz, periods of {PERIOD}, {given.fps:g} fps asked\n")
    with jack_server():
        for hop_size, block_size in sizes:
            measure(model, hop_size, block_size, given.fps, given.clicks)
    return 0


def measure(model: Model, hop_size: int, block_size: int, frame_rate_hz: float, clicks: int) -> None:
    """One run, and its table."""
    clock = SystemClock()
    with click_card() as card:
        source = make_source(f"live:{CARD}", clock, block_size=block_size)
        source.open()
        with still_show(model, source, clock, frame_rate_hz, hop_size, {ACCENT_BEAT: 0.0}) as (engine, sink):
            clock.sleep_until_s(clock.now_s() + SETTLING_S + clicks * CLICK_EVERY_S)
            stages, timing = stage_table(engine), engine.summary().timing
        clicked_s = stop_card(card)
    delays_s = reactions_s(np.array(clicked_s), sink.times_s(), sink.brightness())
    p50, p95, worst = (1e3 * value for value in percentiles(delays_s))
    sys.stdout.write(
        f"\nhop {hop_size}, block {block_size}: {len(delays_s)} of {len(clicked_s)} clicks seen, "
        f"{timing.frame_rate_hz:.1f} fps\n"
        f"{'click to sink':>16} {p50:7.1f} {p95:7.1f} {worst:7.1f}  ms (p50, p95, worst)\n{stages}"
    )
    sys.stdout.flush()


def reactions_s(
    clicked_s: npt.NDArray[np.float64], sent_s: npt.NDArray[np.float64], brightness: npt.NDArray[np.float64]
) -> list[float]:
    """Delay of the first picture after each click that is brighter by half of what clicks usually bring.

    A click whose picture never gets there within `LONGEST_S`, or that was before the first picture, has none.
    """
    windows = []
    for click_s in clicked_s:
        after = np.flatnonzero((sent_s > click_s) & (sent_s <= click_s + LONGEST_S))
        if len(after) and after[0] > 0:
            windows.append((click_s, after, brightness[after] - brightness[after[0] - 1]))
    if not windows:
        return []
    enough = 0.5 * float(np.median([rises.max() for _, _, rises in windows]))
    found = []
    for click_s, after, rises in windows:
        bright = np.flatnonzero(rises >= max(enough, 1.0))
        if len(bright):
            found.append(float(sent_s[after[bright[0]]] - click_s))
    return found


@contextmanager
def jack_server() -> Iterator[None]:
    """A dummy JACK server of one's own, in the environment of this process and its children. Raises AudioError."""
    if shutil.which("jackd") is None or shutil.which("jack_wait") is None:
        raise AudioError("no jackd here; on Debian: apt-get install jackd2")
    name = f"vjbench{os.getpid()}"
    before = {key: os.environ.get(key) for key in ("JACK_DEFAULT_SERVER", "JACK_NO_START_SERVER")}
    os.environ.update(JACK_DEFAULT_SERVER=name, JACK_NO_START_SERVER="1")
    server = _start_server(name)
    try:
        yield
    finally:
        _stop(server)
        for key, value in before.items():
            if value is None:
                os.environ.pop(key)
            else:
                os.environ[key] = value


def _start_server(name: str) -> "subprocess.Popen[bytes]":
    dummy = ["-S", "-n", name, "-d", "dummy", "-r", str(SAMPLE_RATE), "-p", str(PERIOD)]
    for urgency in ("-R", "-r"):
        server = subprocess.Popen(["jackd", urgency, *dummy], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait = ["jack_wait", "-w", "-t", f"{ANSWER_S:.0f}", "-s", name]
        answered = subprocess.run(wait, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if answered.returncode == 0 and server.poll() is None:
            return server
        _stop(server)
    raise AudioError("jackd does not start on this machine")


@contextmanager
def click_card() -> Iterator["subprocess.Popen[str]"]:
    """The clicking client. Raises AudioError if it does not start."""
    command = [sys.executable, "-m", "instrument.tools.bench.clicker", CARD]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT_FOLDER
    ) as card:
        assert card.stdout is not None
        if card.stdout.readline() != "ready\n":
            raise AudioError("the clicking client does not start; it needs the package JACK-Client")
        try:
            yield card
        finally:
            _stop(card)


def stop_card(card: "subprocess.Popen[str]") -> list[float]:
    """Let it finish, and read when it clicked."""
    said, _ = card.communicate(timeout=ANSWER_S)
    return [float(time_s) for time_s in json.loads(said.splitlines()[-1])]


def _stop(process: "subprocess.Popen[bytes] | subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(ANSWER_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(ANSWER_S)


def _size(text: str) -> tuple[int, int]:
    hop, _, block = text.partition("/")
    if not (hop.isdigit() and block.isdigit()):
        raise AudioError(f"{text!r} is not HOP/BLOCK in samples, such as 1024/256")
    checked = Settings(hop_size=int(hop), block_size=int(block))
    return checked.hop_size, checked.block_size


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("instrument bench latency", description=__doc__.splitlines()[0])
    options.add_argument("--sizes", nargs="+", default=list(SIZES), help="HOP/BLOCK in samples")
    options.add_argument("--clicks", type=int, default=40, help="of each run, about")
    options.add_argument("--fps", type=float, default=DEFAULTS.frame_rate_hz)
    options.add_argument("--checkpoint", default=DEFAULTS.checkpoint)
    options.add_argument("--threads", type=int, default=DEFAULTS.threads)
    options.add_argument("--engine", default=DEFAULTS.engine)
    return options
