"""A tune played otherwise: another tempo, other instruments, fewer parts, or drums that it does not have. Seeded."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np

from instrument.errors import InstrumentError
from instrument.tools.beats.blends import draw_drums
from instrument.tools.beats.general_midi import PROGRAMS, Event, save_events
from instrument.tools.beats.rhythms import DRUMS, Role
from instrument.tools.beats.tempo_map import TempoMap, draw_tempo_map
from instrument.tools.beats.tunes import DRUM_CHANNEL, FASTEST_BPM, SLOWEST_BPM, Tune, TuneNote

TEMPO_SPREAD = 0.13
"""In natural logarithms, around the tune's own tempo."""
OTHER_INSTRUMENT = 0.5
DRUMS_GO, DRUMS_COME = 0.25, 0.45
"""Share of the tunes that lose their drums, and of those without that get some."""
PART_GOES = 0.12
LOW_PITCH = 48
"""A part below it on average is a bass."""
LOOSENESS_S = (0.0, 0.0, 0.005, 0.01, 0.016)
MELODIC = (Role.CHORD, Role.PAD, Role.ARPEGGIO, Role.LEAD)
LEAST_NOTES = 1.1
"""A second."""
STRENGTHS = {"X": 112, "x": 88, "o": 52}


def vary(tune: Tune, rng: np.random.Generator, duration_s: float, into: Path) -> TempoMap:
    """Write `duration_s` seconds from a bar of the tune as the MIDI file `into`: the beats, the first begins a bar.

    Raises
    ------
    InstrumentError
        If the tune has too little to play.
    """
    tempo_bpm = float(np.clip(tune.tempo_bpm * np.exp(rng.normal(0.0, TEMPO_SPREAD)), SLOWEST_BPM, FASTEST_BPM))
    tempo_map = draw_tempo_map(rng, tempo_bpm, duration_s)
    beats = len(tempo_map.beats_s) - 1
    notes = list(_window(tune, rng, beats))
    notes = _parts(notes, rng)
    if not any(note.channel == DRUM_CHANNEL for note in notes) and tune.bar in (2, 4) and rng.random() < DRUMS_COME:
        notes += _drums(rng, beats)
    if len(notes) < LEAST_NOTES * duration_s:
        raise InstrumentError("the tune has too few notes")
    _write(notes, tempo_map, rng, into)
    return tempo_map


def _window(tune: Tune, rng: np.random.Generator, beats: int) -> Iterator[TuneNote]:
    """The notes of so many beats from a drawn bar on, begins counted from there."""
    first = min(note.start for note in tune.notes)
    last = max(note.start for note in tune.notes)
    bar = tune.bar or 4
    lowest, highest = int(first // bar), max(int((last - beats) // bar), int(first // bar))
    begin = bar * int(rng.integers(lowest, highest + 1))
    for note in tune.notes:
        if begin <= note.start < begin + beats:
            yield replace(note, start=note.start - begin, length=min(note.length, begin + beats - note.start))


def _parts(notes: list[TuneNote], rng: np.random.Generator) -> list[TuneNote]:
    """Some parts left out, some on other instruments."""
    kept: list[TuneNote] = []
    channels = sorted({note.channel for note in notes})
    gone = {channel for channel in channels if rng.random() < (DRUMS_GO if channel == DRUM_CHANNEL else PART_GOES)}
    if gone.issuperset(channels):
        gone = set()
    for channel in channels:
        part = [note for note in notes if note.channel == channel and channel not in gone]
        if part and channel != DRUM_CHANNEL and rng.random() < OTHER_INSTRUMENT:
            low = np.mean([note.pitch for note in part]) < LOW_PITCH
            role = Role.BASS if low else MELODIC[int(rng.integers(len(MELODIC)))]
            program = int(rng.choice(PROGRAMS[role]))
            part = [replace(note, program=program) for note in part]
        kept += part
    return kept


def _drums(rng: np.random.Generator, beats: int) -> Iterator[TuneNote]:
    patterns = (draw_drums(rng), draw_drums(rng))
    for begin in range(0, beats, 4):
        for letter, steps in patterns[begin // 16 % 2].items():
            for step, mark in enumerate(steps):
                start = begin + 4.0 * step / len(steps)
                if mark in STRENGTHS and start < beats and not (mark == "o" and rng.random() < 0.3):
                    yield TuneNote(start, 0.2, DRUM_CHANNEL, 0, DRUMS[letter], STRENGTHS[mark])


def _write(notes: list[TuneNote], tempo_map: TempoMap, rng: np.random.Generator, into: Path) -> None:
    loose_s = float(rng.choice(LOOSENESS_S))
    programs: dict[int, int] = {}
    head: list[mido.Message] = []
    events: list[Event] = []
    for channel in sorted({note.channel for note in notes}):
        volume = int(rng.integers(60, 118))
        head.append(mido.Message("control_change", channel=channel, control=7, value=volume))
    for note in notes:
        start_s = max(tempo_map.time_s(note.start) + (rng.normal(0.0, loose_s) if loose_s else 0.0), 0.0)
        stop_s = max(tempo_map.time_s(note.start + note.length), start_s + 0.04)
        if programs.get(note.channel) != note.program:
            programs[note.channel] = note.program
            change = mido.Message("program_change", channel=note.channel, program=note.program)
            events.append((start_s, 1, change))
        on = mido.Message("note_on", channel=note.channel, note=note.pitch, velocity=note.velocity)
        events.append((start_s, 2, on))
        events.append((stop_s, 0, mido.Message("note_off", channel=note.channel, note=note.pitch)))
    save_events(head, events, into)
