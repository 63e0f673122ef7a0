"""Scores as General MIDI files, and MIDI files as sound by FluidSynth, with the times of their beats."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import mido
import numpy as np
import numpy.typing as npt
import soundfile

from instrument.errors import InstrumentError
from instrument.tools.beats.rhythms import DRUMS, Role
from instrument.tools.beats.score import Score
from instrument.tools.beats.tunes import DRUM_CHANNEL, MIDI_ERRORS

Floats = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]

Event = tuple[float, int, mido.Message]
"""When, in seconds, in which order within that moment, and what."""

TICKS_A_BEAT = 960
CHANNELS = {Role.BASS: 0, Role.CHORD: 1, Role.PAD: 2, Role.ARPEGGIO: 3, Role.LEAD: 4}
PROGRAMS = {
    Role.BASS: (32, 33, 34, 35, 36, 38, 39, 43, 58),
    Role.CHORD: (0, 1, 4, 5, 7, 16, 17, 21, 24, 25, 26, 27, 28, 29, 30, 48, 61, 62),
    Role.PAD: (48, 49, 50, 51, 52, 88, 89, 90, 91, 92, 94, 95),
    Role.ARPEGGIO: (0, 4, 6, 8, 11, 12, 13, 24, 25, 45, 46, 80, 81, 84, 87, 98, 107, 108),
    Role.LEAD: (22, 40, 53, 54, 56, 59, 60, 64, 65, 66, 68, 71, 73, 74, 75, 79, 80, 81, 82),
}
"""General MIDI programs a role may draw, counted from 0."""
SOUNDFONT_FOLDERS = (Path("/usr/share/sounds/sf2"), Path("/usr/share/sounds/sf3"), Path("/usr/share/soundfonts"))


def soundfonts() -> list[Path]:
    """The soundfonts of this machine, links left out."""
    found = [path for folder in SOUNDFONT_FOLDERS for path in sorted(folder.glob("*.sf[23]"))]
    return [path for path in found if not path.is_symlink()]


def write_midi(score: Score, rng: np.random.Generator, path: Path) -> None:
    """The score on drawn instruments; times are exact to half a millisecond."""
    head: list[mido.Message] = []
    events: list[Event] = []
    for role, channel in CHANNELS.items():
        head.append(mido.Message("program_change", channel=channel, program=int(rng.choice(PROGRAMS[role]))))
        head.append(mido.Message("control_change", channel=channel, control=7, value=int(rng.integers(55, 115))))
    kit = int(rng.choice([0, 0, 0, 8, 16, 24, 25, 32, 40]))
    head.append(mido.Message("program_change", channel=DRUM_CHANNEL, program=kit))
    for note in score.notes:
        channel = DRUM_CHANNEL if note.role is Role.DRUM else CHANNELS[note.role]
        pitch = DRUMS[chr(note.pitch)] if note.role is Role.DRUM else min(max(note.pitch, 0), 127)
        velocity = 1 + round(126 * note.velocity)
        events.append((note.start_s, 1, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)))
        off = mido.Message("note_off", channel=channel, note=pitch, velocity=0)
        events.append((note.start_s + note.duration_s, 0, off))
    save_events(head, events, path)


def save_events(head: Sequence[mido.Message], events: Sequence[Event], path: Path) -> None:
    """Write a MIDI file: `head` at its begin, then the events, each at its second and in order within it."""
    track = mido.MidiTrack(head)
    ticks_before = 0
    for time_s, _, message in sorted(events, key=lambda event: event[:2]):
        ticks = round(time_s * 2.0 * TICKS_A_BEAT)
        track.append(message.copy(time=ticks - ticks_before))
        ticks_before = ticks
    midi = mido.MidiFile(ticks_per_beat=TICKS_A_BEAT)
    midi.tracks.append(track)
    midi.save(path)


def render_midi(path: Path, soundfont: Path, sample_rate: int, into: Path) -> Samples:
    """``(n,)`` mono of a MIDI file, by way of the wave file `into`.

    Raises
    ------
    InstrumentError
        If FluidSynth is not there or cannot.
    """
    program = shutil.which("fluidsynth")
    if program is None:
        raise InstrumentError("fluidsynth is not installed; apt-get install fluidsynth fluid-soundfont-gm")
    command = [program, "-ni", "-q", "-F", str(into), "-r", str(sample_rate), "-g", "0.6", str(soundfont), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not into.is_file():
        raise InstrumentError(f"fluidsynth could not render {path.name}: {done.stderr.strip()[:200]}")
    samples, _ = soundfile.read(into, dtype="float32", always_2d=True)
    return np.asarray(samples.mean(axis=1), np.float32)


def beats_of(path: Path) -> tuple[Floats, int]:
    """Times of the quarter notes of a MIDI file by its tempo map, in seconds, and the beats of a bar.

    Where the first time signature counts eighths by threes (6/8, 9/8, 12/8), a beat is a dotted quarter.

    Raises
    ------
    InstrumentError
        If it is no MIDI file with beats.
    """
    try:
        midi = mido.MidiFile(path, clip=True)
    except MIDI_ERRORS as error:
        raise InstrumentError(f"{path.name} is no MIDI file") from error
    tempi: list[tuple[int, int]] = []
    last_tick, numerator, eighths = 0, 4, False
    for track in midi.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "set_tempo":
                tempi.append((tick, message.tempo))
            elif message.type == "time_signature" and tick == 0:
                numerator = message.numerator
                eighths = message.denominator == 8 and numerator % 3 == 0
            elif message.type == "note_on":
                last_tick = max(last_tick, tick)
    step = midi.ticks_per_beat * (1.5 if eighths else 1.0)
    ticks = np.arange(0.0, last_tick + 1.0, step)
    return _seconds(ticks, sorted(tempi), midi.ticks_per_beat), numerator // 3 if eighths else numerator


def _seconds(ticks: Floats, tempi: list[tuple[int, int]], ticks_a_beat: int) -> Floats:
    changes = [(0, 500_000), *tempi]
    starts = np.array([tick for tick, _ in changes], np.float64)
    pace = np.array([tempo for _, tempo in changes], np.float64) / (1e6 * ticks_a_beat)
    start_times_s = np.concatenate([[0.0], np.cumsum(np.diff(starts) * pace[:-1])])
    segment = np.searchsorted(starts, ticks, side="right") - 1
    return np.asarray(start_times_s[segment] + (ticks - starts[segment]) * pace[segment])
