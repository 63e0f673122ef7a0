"""``bench beats``: which announced beats come true, on pieces made here with known beats, and what a hop costs."""

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.clock import SystemClock
from instrument.errors import InstrumentError
from instrument.features.beat.tracker import BeatTracker
from instrument.features.rhythm import BEATS_IN_BAR
from instrument.settings import HOP_SIZES
from instrument.tools.beats.hearing import spectra
from instrument.tools.beats.judging import LEAD_S, LEADS_S, SAME_BEAT, Schedule, Score, judge, mean, places_right
from instrument.tools.beats.pieces import Piece
from instrument.tools.beats.sets import Jobs, annotated_jobs, dev_jobs, held_jobs, module_jobs, pieces_of, tune_jobs

Results = dict[str, list[dict[float, Score]]]

SETS = {"dev": dev_jobs, "held": held_jobs}
ALL = "all"


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What a tracker made of a piece: beats by how early they were announced, beats with their places in the bar."""

    beats_s: dict[float, npt.NDArray[np.float64]]
    counted: tuple[tuple[float, int], ...]
    cost_us: float
    """Of a hop."""


def follow(piece: Piece, hop_size: int, leads_s: Sequence[float]) -> Heard:
    """Play the piece hop by hop."""
    tracker = BeatTracker(piece.sample_rate, hop_size)
    schedules = {lead_s: Schedule(lead_s) for lead_s in leads_s}
    counted: list[tuple[float, int]] = []
    clock = SystemClock()
    spent_s = 0.0
    hops = 0
    for window, power in spectra(piece.samples, hop_size):
        hops += 1
        now_s = hops * hop_size / piece.sample_rate
        began_s = clock.now_s()
        state = tracker.process(power, now_s, window)
        spent_s += clock.now_s() - began_s
        for schedule in schedules.values():
            schedule.take(state, now_s)
        if state.tempo_bpm and (not counted or state.anchor_s - counted[-1][0] > SAME_BEAT * state.period_s):
            counted.append((state.anchor_s, state.anchor_bar))
    beats_s = {lead_s: np.array(schedule.beats_s) for lead_s, schedule in schedules.items()}
    return Heard(beats_s, tuple(counted), 1e6 * spent_s / max(hops, 1))


def measure(jobs: Jobs, hop_size: int, tell: bool) -> tuple[Results, float, float]:
    """Scores by lead of every piece, by group; how often the place in the bar is right; microseconds a hop.

    The second is of pieces in bars of four, NaN if there are none.
    """
    results: Results = defaultdict(list)
    costs_us, places = [], []
    for piece in pieces_of(jobs):
        heard = follow(piece, hop_size, LEADS_S)
        try:
            scores = {lead_s: judge(piece.beats_s, found_s) for lead_s, found_s in heard.beats_s.items()}
        except ValueError:
            continue
        costs_us.append(heard.cost_us)
        if piece.bar == BEATS_IN_BAR:
            places.append(places_right(piece.beats_s, heard.counted))
        for group in (piece.group, piece.group.split()[0] + ", all", ALL):
            results[group].append(scores)
        if tell:
            sys.stdout.write(_row(piece.name, [scores]))
    known = [share for share in places if not math.isnan(share)]
    return results, mean(known) if known else math.nan, mean(costs_us)


def _row(name: str, scores: Sequence[dict[float, Score]]) -> str:
    usual = [score[LEAD_S] for score in scores]
    errors_s = np.concatenate([score.errors_s for score in usual])
    spread = [1e3 * float(np.median(np.abs(errors_s))), 1e3 * float(np.percentile(np.abs(errors_s), 95))]
    if not len(errors_s):
        spread = [float("nan")] * 2
    measures = (mean(score.f for score in usual), mean(s.cmlt for s in usual), mean(s.amlt for s in usual))
    locked_s = float(np.median([score.locked_s for score in usual]))
    cells = "".join(f"{value:7.3f}" for value in measures)
    return f"{name:36.36}{len(scores):4d}{cells}{spread[0]:7.1f}{spread[1]:7.1f}{locked_s:7.1f}\n"


def write_table(title: str, results: Results) -> None:
    """The measures of each group, then how they change with the lead."""
    sys.stdout.write(f"\n{title}: announced {1e3 * LEAD_S:g} ms or more before the beat\n")
    sys.stdout.write(f"{'':36}{'n':>4}{'F':>7}{'CMLt':>7}{'AMLt':>7}{'err ms':>7}{'P95':>7}{'lock s':>7}\n")
    for group in sorted(results, key=lambda name: (name == ALL, name.endswith(", all"), name)):
        sys.stdout.write(_row(group, results[group]))
    sys.stdout.write("by lead: ")
    leads = (f"{1e3 * lead_s:g} ms F {mean(s[lead_s].f for s in results[ALL]):.3f}" for lead_s in LEADS_S)
    sys.stdout.write(", ".join(leads) + "\n")


def main(arguments: Sequence[str]) -> int:
    """Print the tables of the sets asked for."""
    parser = argparse.ArgumentParser("instrument bench beats", description=__doc__)
    parser.add_argument("--set", choices=(*SETS, "both"), default="both", help="pieces to play")
    parser.add_argument("--midi", type=Path, metavar="FOLDER", help="judge on these MIDI files instead")
    parser.add_argument("--modules", type=Path, metavar="FOLDER", help="judge on these tracker modules instead")
    parser.add_argument(
        "--audio", type=Path, metavar="FOLDER", help="judge on these sound files, song.wav beside song.beats, instead"
    )
    parser.add_argument("--hop", type=int, choices=HOP_SIZES, default=1024, help="hop size, samples")
    parser.add_argument("--each", action="store_true", help="a line for every piece too")
    options = parser.parse_args(list(arguments))
    try:
        sets = _asked(options)
    except InstrumentError as error:
        parser.error(str(error))
    for name, jobs in sets.items():
        results, places, cost_us = measure(jobs, options.hop, options.each)
        write_table(f"{name}, hop {options.hop}", results)
        if not math.isnan(places):
            sys.stdout.write(f"the place in the bar is right in {100 * places:.0f} % of the beats hit, bars of four\n")
        sys.stdout.write(f"{cost_us:.0f} microseconds a hop, mean, without the extractor's own spectrum\n")
    return 0


def _asked(options: argparse.Namespace) -> dict[str, Jobs]:
    folders = (
        ("MIDI files", options.midi, tune_jobs),
        ("modules", options.modules, module_jobs),
        ("annotated sound files", options.audio, annotated_jobs),
    )
    asked = {name: jobs_of(folder) for name, folder, jobs_of in folders if folder}
    return asked or {name: jobs() for name, jobs in SETS.items() if options.set in (name, "both")}
