"""MIDI files as notes on a grid of beats, and whether the notes keep to it."""

from dataclasses import dataclass, replace
from pathlib import Path

import mido
import numpy as np
import numpy.typing as npt

from instrument.errors import InstrumentError

Floats = npt.NDArray[np.float64]

MIDI_ERRORS = (OSError, ValueError, EOFError, IndexError, KeyError, mido.KeySignatureError)
"""What mido raises for files that are none, or that break the format's rules."""
DRUM_CHANNEL = 9
USUAL_TEMPO = 500_000
"""Microseconds a quarter where the file does not say."""
DIVISIONS = (3, 4)
"""Of a beat: where the notes of nearly all music lie, on one or the other."""
LEAST_GRIP = 0.6
"""How well the notes must keep to one of them; 1 is exact, 0 evenly spread over the beat."""
SLOWEST_BPM, FASTEST_BPM = 62.0, 186.0
"""A tune written slower or faster is taken at twice or half its tempo."""


@dataclass(frozen=True, slots=True)
class TuneNote:
    """One note of a tune: begin and length in beats, the channel's number, and what the file says of it."""

    start: float
    length: float
    channel: int
    program: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Tune:
    """Notes in order, the tempo most of them are played at, and the beats of a bar; beat 0 begins a bar."""

    notes: tuple[TuneNote, ...]
    tempo_bpm: float
    bar: int


def read_tune(path: Path) -> Tune:
    """The tune of a MIDI file, its beats moved to where its notes lie.

    Raises
    ------
    InstrumentError
        If it is no MIDI file, or its notes do not keep to the beats of its tempo map.
    """
    try:
        midi = mido.MidiFile(path, clip=True)
    except MIDI_ERRORS as error:
        raise InstrumentError(f"{path.name} is no MIDI file") from error
    notes = [note for track in midi.tracks for note in _notes(track, midi.ticks_per_beat)]
    numerator, denominator = _meter(midi)
    bar = numerator
    scale = 1.0
    if denominator == 8 and numerator % 3 == 0:
        scale, bar = 2.0 / 3.0, numerator // 3
    tempo_bpm = 6e7 / _tempo(midi) * scale
    while tempo_bpm < SLOWEST_BPM or tempo_bpm > FASTEST_BPM:
        factor = 2.0 if tempo_bpm < SLOWEST_BPM else 0.5
        tempo_bpm, scale, bar = tempo_bpm * factor, scale * factor, round(bar * factor) if bar * factor % 1 == 0 else 0
    starts = scale * np.array([note.start for note in notes])
    grip, late = grip_of(starts)
    if grip < LEAST_GRIP:
        raise InstrumentError(f"the notes of {path.name} do not keep to its beats")
    moved = (
        replace(note, start=max(scale * note.start - late, 0.0), length=scale * note.length)
        for note in sorted(notes, key=lambda note: (note.start, note.channel, note.pitch))
    )
    return Tune(tuple(moved), tempo_bpm, bar)


def grip_of(starts: Floats) -> tuple[float, float]:
    """How well begins of notes, in beats, keep to a division of the beat, and how late they are on it, in beats.

    >>> [round(value, 3) for value in grip_of(np.array([0.02, 0.52, 1.02, 1.77, 2.02]))]
    [1.0, 0.02]
    """
    if not len(starts):
        return 0.0, 0.0
    means = [(division, np.mean(np.exp(2j * np.pi * division * starts))) for division in DIVISIONS]
    division, mean = max(means, key=lambda pair: float(abs(pair[1])))
    return float(abs(mean)), float(np.angle(mean) / (2.0 * np.pi * division))


def _notes(track: mido.MidiTrack, ticks_a_beat: int) -> list[TuneNote]:
    programs = [0] * 16
    sounding: dict[tuple[int, int], tuple[int, int]] = {}
    notes = []
    tick = 0
    for message in track:
        tick += message.time
        if message.type == "program_change":
            programs[message.channel] = message.program
        elif message.type in ("note_on", "note_off"):
            key = (message.channel, message.note)
            if key in sounding:
                start, velocity = sounding.pop(key)
                length = (tick - start) / ticks_a_beat
                notes.append(TuneNote(start / ticks_a_beat, length, key[0], programs[key[0]], key[1], velocity))
            if message.type == "note_on" and message.velocity > 0:
                sounding[key] = (tick, message.velocity)
    return notes


def _meter(midi: mido.MidiFile) -> tuple[int, int]:
    for track in midi.tracks:
        for message in track:
            if message.type == "time_signature":
                return message.numerator, message.denominator
    return 4, 4


def _tempo(midi: mido.MidiFile) -> int:
    """Of the longest stretch of the file."""
    lasting: dict[int, int] = {}
    changes: list[tuple[int, int]] = [(0, USUAL_TEMPO)]
    last = 0
    for track in midi.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "set_tempo":
                changes.append((tick, message.tempo))
        last = max(last, tick)
    changes.sort(key=lambda change: change[0])
    ends = [tick for tick, _ in changes[1:]] + [last]
    for (start, tempo), end in zip(changes, ends, strict=True):
        lasting[tempo] = lasting.get(tempo, 0) + end - start
    return max(lasting, key=lambda tempo: lasting[tempo])
