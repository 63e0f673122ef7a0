"""``bench accents``: are beats marked by the picture that is sent on them?

A drum track of exact tempo is played as a file, as if live, to the whole engine on a still picture. The sink looks for
the pictures that grow brighter, and compares when they came with when the beats were.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.app import SWITCH_INTERVAL_S
from instrument.audio import demo_voices as voice
from instrument.audio.registry import make_source
from instrument.clock import SystemClock
from instrument.generator.engines import warm_up
from instrument.model import load_model
from instrument.params.table import AUTO_GAIN
from instrument.settings import DEFAULTS, Settings
from instrument.tools.bench.watching import percentiles, stage_table, still_show
from instrument.tools.render import FASTER_S

SAMPLE_RATE = 48_000
SETTLING_S = 12.0
"""Start of the track that is not judged: tempo and ranges are found, the generator gets warm."""
RISE_SHARE = 0.4
"""A picture is a mark if it is brighter than the one before by so much of what marks usually are."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Marks:
    """How far from each beat its mark was sent (s, late is positive), and the share of beats that had one."""

    distances_s: Floats
    share: float


def main(arguments: Sequence[str]) -> int:
    """Print one line a tempo. Returns 1 if no beat was marked."""
    given = _options().parse_args(list(arguments))
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    model = load_model(Settings(checkpoint=given.checkpoint, engine=given.engine, threads=given.threads))
    warm_up(model.generator, FASTER_S)
    sys.stdout.write(f"{model.generator.description}; {given.fps:g} fps asked, hop {given.hop}\n")
    clock, found = SystemClock(), 0
    for tempo_bpm in given.bpm:
        with tempfile.TemporaryDirectory() as folder:
            song = write_track(Path(folder) / "track.wav", tempo_bpm, given.seconds)
            source = make_source(f"file:{song}", clock, block_size=given.hop, loop=False, monitor=False)
            source.open()
            with still_show(model, source, clock, given.fps, given.hop, {AUTO_GAIN: 0.0}) as (engine, sink):
                clock.sleep_until_s(clock.now_s() + given.seconds)
                stages, timing = stage_table(engine), engine.summary().timing
        began_s = sink.sound_began_s or 0.0
        beats_s = began_s + np.arange(SETTLING_S, given.seconds - 1.0, 1e-9 + 60.0 / tempo_bpm)
        beats_s = began_s + np.round((beats_s - began_s) * tempo_bpm / 60.0) * 60.0 / tempo_bpm
        marks = marks_of(beats_s, sink.times_s(), sink.brightness(), 60.0 / tempo_bpm)
        found += len(marks.distances_s)
        sys.stdout.write(line_of(tempo_bpm, marks, timing.frame_rate_hz))
        if given.stages:
            sys.stdout.write(stages)
        sys.stdout.flush()
    return 0 if found else 1


def write_track(path: Path, tempo_bpm: float, seconds: float) -> Path:
    """A kick on every beat, a snare on every second, a hat between them, a bass: the first beat at time 0."""
    import soundfile

    length = round(seconds * SAMPLE_RATE)
    samples = np.zeros(length, np.float32)
    beat_s = 60.0 / tempo_bpm

    def add(time_s: float, note: npt.NDArray[np.float32], gain: float) -> None:
        start = round(time_s * SAMPLE_RATE)
        mono = note if note.ndim == 1 else note.mean(axis=1)
        part = mono[: max(length - start, 0)]
        samples[start : start + len(part)] += np.float32(gain) * part

    kick, hat, snare = voice.kick(SAMPLE_RATE, 4.0), voice.hat(SAMPLE_RATE, 0.04, 13), voice.snare(SAMPLE_RATE, 0.07)
    for beat in range(int(seconds / beat_s) + 1):
        add(beat * beat_s, kick, 0.6)
        add((beat + 0.5) * beat_s, hat, 0.4)
        if beat % 2:
            add(beat * beat_s, snare, 0.4)
        if beat % 4 == 0:
            add(beat * beat_s, voice.bass(33, 0.24, SAMPLE_RATE), 0.2)
    soundfile.write(path, 0.6 * samples, SAMPLE_RATE, subtype="FLOAT")
    return path


def marks_of(beats_s: Floats, sent_s: Floats, brightness: Floats, beat_s: float) -> Marks:
    """For each beat, the picture within half a beat of it that grew most, if it grew as marks do."""
    rises = np.diff(brightness, prepend=brightness[:1])
    best = []
    for time_s in beats_s:
        near = np.flatnonzero(np.abs(sent_s - time_s) < 0.5 * beat_s)
        if len(near):
            place = near[np.argmax(rises[near])]
            best.append((rises[place], sent_s[place] - time_s))
    if not best:
        return Marks(np.zeros(0), 0.0)
    grown, distances_s = np.array(best).T
    marked = grown >= max(RISE_SHARE * float(np.median(grown)), 1.0)
    return Marks(distances_s[marked], float(marked.sum()) / len(beats_s))


def line_of(tempo_bpm: float, marks: Marks, frame_rate_hz: float) -> str:
    """For a terminal."""
    if not len(marks.distances_s):
        return f"{tempo_bpm:g} bpm: no beat was marked\n"
    p50, p95, worst = (1e3 * value for value in percentiles(np.abs(marks.distances_s)))
    late = 1e3 * float(np.median(marks.distances_s))
    return (
        f"{tempo_bpm:g} bpm: {marks.share:.0%} of the beats marked, off by p50 {p50:.1f} p95 {p95:.1f} "
        f"worst {worst:.1f} ms (late by {late:+.1f} in the median); a frame is {1e3 / frame_rate_hz:.1f} ms\n"
    )


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser("instrument bench accents", description=__doc__.splitlines()[0])
    options.add_argument("--bpm", type=float, nargs="+", default=[96.0, 124.0, 140.0])
    options.add_argument("--seconds", type=float, default=45.0, help="of each, of which the first 12 do not count")
    options.add_argument("--fps", type=float, default=DEFAULTS.frame_rate_hz)
    options.add_argument("--hop", type=int, default=DEFAULTS.hop_size)
    options.add_argument("--stages", action="store_true", help="print the table of stages too")
    options.add_argument("--checkpoint", default=DEFAULTS.checkpoint)
    options.add_argument("--threads", type=int, default=DEFAULTS.threads)
    options.add_argument("--engine", default=DEFAULTS.engine)
    return options
