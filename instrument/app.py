"""Composition root of playing: from a command line to a running show, with or without a surface."""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from instrument.clock import Clock, SystemClock
from instrument.engine.snapshot import Snapshot
from instrument.errors import ControlError, DisplayError, InstrumentError
from instrument.remembered import remembered
from instrument.settings import DEFAULTS, HOP_SIZES, Settings, config_folder
from instrument.show import Show

LOG = logging.getLogger(__name__)
SWITCH_INTERVAL_S = 0.0005
"""How soon a thread gives the interpreter to another: audio beside a busy Python thread needs it short."""
STATUS_PERIOD_S = 1.0
POLL_S = 0.05


def parser(defaults: Settings = DEFAULTS) -> argparse.ArgumentParser:
    """The options of playing; what is not given is as in `defaults`."""
    options = argparse.ArgumentParser("instrument play", description="Listen and play.")
    add = options.add_argument
    add("--source", default=defaults.source, help="synth, file:PATH, live, live:NAME or live:NAME:1,2 (default: synth)")
    add(
        "--output",
        action="append",
        default=[],
        help="null, window[:DISPLAY], spout[:NAME], record[:PATH.mp4]; may be given several times",
    )
    add("--checkpoint", default=defaults.checkpoint, help="folder name in checkpoints/ (default: default)")
    add("--headless", action="store_true", help="no surface; a status line instead")
    add("--seconds", type=float, help="end by itself after so long")
    add("--loop", action="store_true", help="start a file over at its end")
    add("--no-monitor", action="store_true", help="do not play a file or the demo on the output device")
    add("--monitor-device", default="", help="part of the name of the device to hear it on")
    add("--no-midi", action="store_true", help="leave MIDI controllers alone")
    add(
        "--osc",
        default=defaults.osc,
        help="PORT, HOST:PORT or off: listen to OSC, on this machine alone without a HOST",
    )
    add("--fps", type=float, default=defaults.frame_rate_hz, help="frames a second (default: 30)")
    add("--hop", type=int, default=defaults.hop_size, help=f"samples a feature hop, {HOP_SIZES} (default: 1024)")
    add("--block", type=int, default=DEFAULTS.block_size, help="samples a block of the interface (default: 1024)")
    add(
        "--threads", type=int, default=DEFAULTS.threads, help="threads of the synthesis (default: chosen by the engine)"
    )
    add("--engine", default=defaults.engine, help="what runs the network; doctor lists them (default: auto)")
    add("--seed", type=int, default=DEFAULTS.seed, help="seed of the drift")
    return options


def settings_from(arguments: Sequence[str], defaults: Settings = DEFAULTS) -> Settings:
    """Checked settings from a command line, over `defaults`. Raises SettingsError."""
    given = parser(defaults).parse_args(list(arguments))
    return Settings(
        source=given.source,
        outputs=tuple(given.output) or defaults.outputs,
        outputs_asked=bool(given.output),
        display=defaults.display,
        checkpoint=given.checkpoint,
        config_folder=config_folder(),
        headless=given.headless,
        seconds=given.seconds,
        loop=given.loop,
        monitor=not given.no_monitor,
        monitor_device=given.monitor_device,
        block_size=given.block,
        hop_size=given.hop,
        frame_rate_hz=given.fps,
        threads=given.threads,
        engine=given.engine,
        midi=not given.no_midi,
        osc="" if given.osc == "off" else given.osc,
        seed=given.seed,
    )


def main(arguments: Sequence[str]) -> int:
    """Play until told to stop. Returns the exit status; raises InstrumentError if the show cannot start."""
    defaults, troubles = remembered(config_folder())
    settings = settings_from(arguments, defaults)
    for trouble in troubles:
        sys.stderr.write(f"{trouble}; left out\n")
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    clock = SystemClock()
    with stop_on_signals() as stop:
        show, settings = open_show(settings, settings_from(arguments), clock)
        try:
            show.start()
            play(show, settings, clock, stop)
        finally:
            show.close()
    sys.stdout.write(show.engine.summary().text() + "\n")
    return 0


def open_show(settings: Settings, plain: Settings, clock: Clock) -> tuple[Show, Settings]:
    """A show from `settings`; from `plain`, without what was remembered, where an interface or a model has gone since.

    Raises InstrumentError if neither can start.
    """
    try:
        return Show(settings, clock), settings
    except InstrumentError as error:
        if isinstance(error, ControlError) and settings.osc != plain.osc:
            # A port that somebody else has must not cost the remembered model and interface.
            sys.stderr.write(f"{error}; starting without it\n")
            return open_show(replace(settings, osc=plain.osc), plain, clock)
        if settings == plain:
            raise
        sys.stderr.write(f"{error}; starting without the remembered settings\n")
        return Show(plain, clock), plain


def play(show: Show, settings: Settings, clock: Clock, stop: threading.Event) -> None:
    """Run the surface, or the status line where there is none, until the show is over."""
    end_s = None if settings.seconds is None else clock.now_s() + settings.seconds

    def over() -> bool:
        timed_out = end_s is not None and clock.now_s() >= end_s
        return stop.is_set() or timed_out or (settings.headless and show.engine.ended)

    if not settings.headless:
        # The surface is imported only where one is wanted: a rig without a screen needs no window library.
        from instrument.ui.surface import Surface

        surface = Surface(show)
        try:
            surface.open()
        except DisplayError as error:
            sys.stderr.write(f"{error}; playing headless\n")
        else:
            show.watch_displays()
            surface.let_others_first()
            try:
                surface.run(clock, over)
            finally:
                surface.close()
            return
    while not over():
        wait_with_status(show, clock, stop, end_s)


def wait_with_status(show: Show, clock: Clock, stop: threading.Event, end_s: float | None) -> None:
    """Write one status line, then wait for the next or for the end."""
    line = status_line(show.snapshot())
    sys.stderr.write(f"\r{line:<100}" if sys.stderr.isatty() else f"{line}\n")
    sys.stderr.flush()
    wake_s = clock.now_s() + STATUS_PERIOD_S * (1.0 if sys.stderr.isatty() else 5.0)
    wake_s = min(wake_s, end_s) if end_s is not None else wake_s
    while clock.now_s() < wake_s and not stop.is_set() and not show.engine.ended:
        stop.wait(min(POLL_S, max(wake_s - clock.now_s(), 0.0)))


def status_line(snapshot: Snapshot) -> str:
    """The show in one line of a terminal."""
    timing = snapshot.timing
    moods = " ".join(
        f"{name} {weight:.0%}" for name, weight in zip(snapshot.moods.names, snapshot.moods.played, strict=True)
    )
    dropped = sum(sink.dropped for sink in snapshot.sinks)
    last = f" | {snapshot.messages[-1].text}" if snapshot.messages else ""
    return (
        f"{snapshot.source.label} {snapshot.source.state} | {timing.frame_rate_hz:.1f} fps | "
        f"p95 {timing.latency_p95_ms:.0f} ms | {dropped} dropped | {moods}{last}"
    )


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and a polite kill set, so that recordings are finished and devices given back."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
