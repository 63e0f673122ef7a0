"""A made piece before anybody plays it: notes on a grid of beats, by families of rhythm. Pure, seeded."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from instrument.tools.beats.rhythms import FAMILIES, Family, Role
from instrument.tools.beats.tempo_map import Change, TempoMap, draw_tempo_map

MINOR = (0, 2, 3, 5, 7, 8, 10)
MAJOR = (0, 2, 4, 5, 7, 9, 11)
PUSH = 0.5
"""Beats that a chord comes early where it is pushed."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note: when in seconds, `pitch` a MIDI number or, for drums, a letter's code of `rhythms.DRUMS`."""

    role: Role
    start_s: float
    duration_s: float
    pitch: int
    velocity: float


@dataclass(slots=True)
class Score:
    """The notes of one piece and where its beats lie; `bar` is the number of beats in a bar."""

    family: str
    tempo_map: TempoMap
    bar: int
    notes: list[Note] = field(default_factory=list)


class Composer:
    """Writes one piece: a family of rhythm, harmony, and layers that come and go every four bars."""

    def __init__(self, rng: np.random.Generator, family: Family, duration_s: float, change: Change | None) -> None:
        self._rng = rng
        self._family = family
        tempo_bpm = float(rng.uniform(*family.tempi_bpm))
        self._map = draw_tempo_map(rng, tempo_bpm, duration_s, change)
        self._score = Score(family.name, self._map, family.bar)
        self._loose_s = float(rng.choice([0.0, 0.004, 0.01])) * family.looseness
        swung = family.swing[0] + rng.random() * (family.swing[1] - family.swing[0])
        self._swing = float(swung)
        self._scale = MINOR if rng.random() < 0.6 else MAJOR
        self._root = int(rng.integers(38, 50))
        self._degrees = rng.choice(7, size=4)
        self._chord_bars = int(rng.choice([1, 1, 2]))

    def write(self) -> Score:
        """The whole piece."""
        bar, rng = self._family.bar, self._rng
        bars = (len(self._map.beats_s) - 1) // bar
        riff = self._draw_riff()
        layers = self._draw_layers(first=True)
        for number in range(bars):
            if number % 4 == 0 and number > 0:
                layers = self._draw_layers(first=False)
            if Role.DRUM in layers:
                self._drums(number, fill=number % 4 == 3 and rng.random() < 0.5)
            for role, player in self._players(riff).items():
                if role in layers:
                    player(number)
        if rng.random() < 0.1:
            self._score.notes = [note for note in self._score.notes if note.role is not Role.CHORD]
        self._score.notes.sort(key=lambda note: note.start_s)
        return self._score

    def _players(self, riff: str) -> dict[Role, Callable[[int], None]]:
        return {
            Role.BASS: lambda number: self._bass(number, riff),
            Role.CHORD: self._chords,
            Role.PAD: self._pads,
            Role.ARPEGGIO: self._arpeggio,
            Role.LEAD: self._lead,
        }

    def _draw_layers(self, *, first: bool) -> set[Role]:
        rng, family = self._rng, self._family
        layers = {role for role in family.roles if rng.random() < 0.75}
        if Role.DRUM.value in family.layers and rng.random() < (0.95 if first else 0.88):
            layers.add(Role.DRUM)
        if not layers - {Role.PAD, Role.LEAD}:
            layers.add(next(role for role in Role if role.value in family.layers))
        return layers

    def _draw_riff(self) -> str:
        return str(self._rng.choice(list(self._family.bass)))

    def _add(self, role: Role, beat: float, length: float, pitch: int, velocity: float) -> None:
        if beat >= len(self._map.beats_s) - 1:
            return
        jitter_s = float(self._rng.normal(0.0, self._loose_s)) if self._loose_s else 0.0
        start_s = max(0.0, self._map.time_s(self._swung(beat)) + jitter_s)
        end_s = self._map.time_s(min(beat + length, len(self._map.beats_s) - 1))
        self._score.notes.append(Note(role, start_s, max(0.04, end_s - start_s), pitch, min(1.0, velocity)))

    def _swung(self, beat: float) -> float:
        """Straight positions moved late: `swing` is where the off-beat (or, in sixteenths, the odd one) falls."""
        grid = self._family.swing_grid
        whole, part = divmod(beat * grid, 1.0)
        swung = part * 2.0 * self._swing if part < 0.5 else self._swing + (part - 0.5) * 2.0 * (1.0 - self._swing)
        return (whole + swung) / grid

    def _drums(self, number: int, *, fill: bool) -> None:
        rng, family = self._rng, self._family
        start = number * family.bar
        pattern = family.drums[self._pattern_of(number)]
        for letter, steps in pattern.items():
            for step, mark in enumerate(steps):
                beat = step * family.bar / len(steps)
                if fill and beat >= family.bar - 1:
                    continue
                strength = {"X": 1.0, "x": 0.75, "o": 0.35}.get(mark, 0.0)
                ghost = strength == 0.0 and letter in "shr" and rng.random() < family.ghosts
                if (strength == 0.0 and not ghost) or (strength == 0.35 and rng.random() < 0.3):
                    continue
                velocity = 0.25 if ghost else strength
                self._add(Role.DRUM, start + beat, 0.2, ord(letter), velocity * rng.uniform(0.85, 1.0))
        if fill:
            self._fill(start + family.bar - 1)
        if number % 8 == 0 and rng.random() < 0.6:
            self._add(Role.DRUM, start, 1.0, ord("y"), 0.8)

    def _pattern_of(self, number: int) -> int:
        return (number // 4 + len(self._degrees)) % len(self._family.drums)

    def _fill(self, start: float) -> None:
        rng = self._rng
        count = int(rng.choice([3, 4, 4, 8]))
        for step in range(count):
            self._add(Role.DRUM, start + step / count, 0.2, ord(str(rng.choice(list("sstm")))), rng.uniform(0.5, 1.0))

    def _chord_of(self, number: int) -> tuple[int, ...]:
        degree = int(self._degrees[(number // self._chord_bars) % len(self._degrees)])
        notes = [degree + 2 * third for third in range(4)]
        return tuple(self._root + self._scale[note % 7] + 12 * (note // 7) for note in notes)

    def _chord_at(self, number: int, beat: float) -> tuple[int, ...]:
        """What sounds at a beat of a bar."""
        pushed = self._family.pushed and beat >= self._family.bar - PUSH
        return self._chord_of(number + 1 if pushed else number)

    def _bass(self, number: int, riff: str) -> None:
        start = number * self._family.bar
        for step, mark in enumerate(riff):
            if mark == ".":
                continue
            chord = self._chord_at(number, step * self._family.bar / len(riff))
            pitch = chord[0] - 12 if mark == "1" else chord[{"3": 1, "5": 2, "8": 0}[mark]] - (0 if mark == "8" else 12)
            self._add(Role.BASS, start + step * self._family.bar / len(riff), 0.45, pitch, 0.8)

    def _chords(self, number: int) -> None:
        rhythm = str(self._family.comping[number // 8 % len(self._family.comping)])
        start = number * self._family.bar
        for step, mark in enumerate(rhythm):
            if mark != ".":
                beat = step * self._family.bar / len(rhythm)
                for pitch in self._chord_at(number, beat)[:3]:
                    self._add(Role.CHORD, start + beat, 1.0 if mark == "X" else 0.4, pitch + 12, 0.55)

    def _pads(self, number: int) -> None:
        early = PUSH if self._family.pushed and number > 0 else 0.0
        for pitch in self._chord_of(number):
            self._add(Role.PAD, number * self._family.bar - early, float(self._family.bar), pitch + 12, 0.5)

    def _arpeggio(self, number: int) -> None:
        chord = self._chord_of(number)
        ladder = (*chord, *(pitch + 12 for pitch in chord))
        rate = self._family.arpeggio
        for step in range(self._family.bar * rate):
            turn = step % 8 if rate == 4 else step % 6
            rung = ladder[(turn * 3 + number) % len(ladder)] if self._root % 2 else ladder[turn % len(ladder)]
            accent = 0.75 if step % rate == 0 else 0.55
            self._add(Role.ARPEGGIO, number * self._family.bar + step / rate, 0.9 / rate, rung + 12, accent)

    def _lead(self, number: int) -> None:
        rng = self._rng
        beat = 0.0
        while beat < self._family.bar:
            length = float(rng.choice([0.5, 0.5, 1.0, 1.0, 1.5, 2.0]))
            if rng.random() < 0.75:
                degree = int(rng.integers(0, 8))
                pitch = self._root + 24 + self._scale[degree % 7] + 12 * (degree // 7)
                self._add(Role.LEAD, number * self._family.bar + beat, 0.9 * length, pitch, rng.uniform(0.45, 0.75))
            beat += length


def compose(seed: int, family: str, duration_s: float, change: Change | None = None) -> Score:
    """The piece of a seed, in the rhythm of `family`, a name of `FAMILIES`."""
    rng = np.random.default_rng([seed, len(family), *map(ord, family)])
    return Composer(rng, FAMILIES[family], duration_s, change).write()
