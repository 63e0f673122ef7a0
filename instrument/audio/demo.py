"""The demo piece: about 93 s made by code. Calm pads and bells, then arpeggios on a clear beat, then a hard part.

Three parts of 16 bars at 124 bpm, written in phrases of four bars. Pure: the same sample rate gives the same samples.
Its end leads back to its beginning. numpy only.
"""

from collections.abc import Iterator
from functools import cache, partial

import numpy as np
import numpy.typing as npt

from instrument.audio import demo_voices as voice

Samples = npt.NDArray[np.float32]

TEMPO_BPM = 124.0
BEATS_A_BAR = 4
PHRASE_BEATS = 4 * BEATS_A_BAR
PHRASES_A_PART = 4
PARTS = ("calm", "vibrant", "aggressive")
PEAK = 0.9
"""No sample is beyond it."""

_BAR_S = BEATS_A_BAR * 60.0 / TEMPO_BPM
_TAIL_S = 4.0
_SEED = 5
_CALM_CHORDS = ((45, 52, 60, 67, 71), (41, 48, 57, 64, 67), (48, 55, 64, 67, 74), (43, 50, 59, 64, 69))
_VIBRANT_CHORDS = ((53, 57, 60, 64), (48, 55, 60, 64), (55, 59, 62, 67), (57, 60, 64, 71))
_BELL_NOTES = (69, 72, 74, 76, 79, 81, 84)
_CLIMB = (0, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 5, 4, 2, 1)
_RIFF = (33, 33, 45, 33, 36, 33, 34, 31)


class _Band:
    """The instruments at one sample rate; a note that comes again is not made again."""

    def __init__(self, sample_rate: int) -> None:
        self.bell = cache(partial(voice.bell, sample_rate=sample_rate))
        self.pad = cache(partial(voice.pad, sample_rate=sample_rate))
        self.pluck = cache(partial(voice.pluck, sample_rate=sample_rate))
        self.bass = cache(partial(voice.bass, duration_s=0.24, sample_rate=sample_rate))
        self.growl = cache(partial(voice.growl, duration_s=0.23, sample_rate=sample_rate))
        self.kick = cache(partial(voice.kick, sample_rate))
        self.hat = cache(partial(voice.hat, sample_rate, seed=13))
        self.snare = cache(partial(voice.snare, sample_rate))
        self.rise = cache(partial(voice.rise, sample_rate=sample_rate))


class _Phrase:
    """Four bars ``(n, 2)`` and a tail that rings into the next four."""

    def __init__(self, sample_rate: int, first_beat: int) -> None:
        self.sample_rate = sample_rate
        self._start = _sample_of(first_beat, sample_rate)
        self._first_beat = first_beat
        self.length = _sample_of(first_beat + PHRASE_BEATS, sample_rate) - self._start
        self.samples = np.zeros((self.length + round(_TAIL_S * sample_rate), 2), np.float32)

    def add(self, beat: float, note: Samples, gain: float, pan: float = 0.0) -> None:
        """Mix in `note`, ``(n,)`` or ``(n, 2)``, at `beat` of the phrase; `pan` from -1 (left) to 1."""
        start = _sample_of(self._first_beat + beat, self.sample_rate) - self._start
        stop = min(start + len(note), len(self.samples))
        sides = np.array([gain * (1.0 - max(0.0, pan)), gain * (1.0 + min(0.0, pan))], np.float32)
        self.samples[start:stop] += sides * (note if note.ndim == 2 else note[:, None])[: stop - start]

    def echo(self, beats: float, gain: float, repeats: int) -> None:
        """Repeat everything so far, ever softer, from side to side."""
        dry = self.samples.copy()
        for repeat in range(1, repeats + 1):
            delay = _sample_of(beats * repeat, self.sample_rate)
            wet = dry[: len(dry) - delay, :: -1 if repeat % 2 else 1]
            self.samples[delay:] += np.float32(gain**repeat) * wet


def demo_length(sample_rate: int) -> int:
    """Samples per channel of the whole piece."""
    return _sample_of(len(PARTS) * PHRASES_A_PART * PHRASE_BEATS, sample_rate)


def part_starts_s() -> tuple[float, ...]:
    """When each of `PARTS` begins, in seconds."""
    return tuple(60.0 / TEMPO_BPM * PHRASE_BEATS * PHRASES_A_PART * part for part in range(len(PARTS)))


def render_demo(sample_rate: int) -> Samples:
    """The whole piece, ``(n, 2)`` float32 within ``[-PEAK, PEAK]``."""
    return np.concatenate(list(render_phrases(sample_rate)))


def render_phrases(sample_rate: int) -> Iterator[Samples]:
    """The piece four bars at a time, each ``(n, 2)``: what `render_demo` joins."""
    writers = (_calm, _vibrant, _aggressive)
    band = _Band(sample_rate)
    tail = np.zeros((0, 2), np.float32)
    for number in range(len(PARTS) * PHRASES_A_PART):
        phrase = _Phrase(sample_rate, number * PHRASE_BEATS)
        part, within = divmod(number, PHRASES_A_PART)
        writers[part](band, phrase, within)
        phrase.samples[: len(tail)] += tail
        tail = phrase.samples[phrase.length :].copy()
        if number == len(PARTS) * PHRASES_A_PART - 1:
            _fade_out(phrase)
        yield np.float32(PEAK) * np.tanh(phrase.samples[: phrase.length] / np.float32(PEAK))


def _calm(band: _Band, phrase: _Phrase, within: int) -> None:
    dice = np.random.default_rng([_SEED, within])
    for beat in np.flatnonzero(dice.random(PHRASE_BEATS) < 0.45):
        note = int(dice.choice(_BELL_NOTES))
        phrase.add(float(beat), band.bell(note), float(dice.uniform(0.04, 0.08)), float(dice.uniform(-0.7, 0.7)))
    phrase.echo(0.75, 0.45, 3)
    for half in range(2):
        for note in _CALM_CHORDS[(2 * within + half) % 4]:
            phrase.add(8.0 * half, band.pad(note, 5.6, brightest_hz=700.0), 0.05)
    if within == PHRASES_A_PART - 1:
        phrase.add(12.0, band.rise(_BAR_S), 0.08)


def _vibrant(band: _Band, phrase: _Phrase, within: int) -> None:
    for bar, chord in enumerate(_VIBRANT_CHORDS):
        ladder = (*chord, *(note + 12 for note in chord))
        for step, rung in enumerate(_CLIMB):
            accent = 0.3 if step % 4 == 0 else 0.22
            note = ladder[rung] + (12 if within >= 2 else 0)
            phrase.add(4.0 * bar + 0.25 * step, band.pluck(note), accent, 0.5 if step % 2 else -0.5)
    phrase.echo(0.75, 0.4, 3)
    for bar, chord in enumerate(_VIBRANT_CHORDS):
        for note in chord:
            phrase.add(4.0 * bar, band.pad(note, 2.1, brightest_hz=4000.0, attack_s=0.1), 0.045)
        for eighth in range(1, 8, 2):
            phrase.add(4.0 * bar + 0.5 * eighth, band.bass(chord[0] - 12), 0.18)
            phrase.add(4.0 * bar + 0.5 * eighth, band.hat(0.03), 0.3, 0.2)
    for beat in range(PHRASE_BEATS):
        phrase.add(float(beat), band.kick(1.5), 0.45)
        if beat % 2 and within > 0:
            phrase.add(float(beat), band.snare(0.05), 0.16)
    if within == PHRASES_A_PART - 1:
        phrase.add(12.0, band.rise(_BAR_S), 0.3)


def _aggressive(band: _Band, phrase: _Phrase, within: int) -> None:
    last = within == PHRASES_A_PART - 1
    for beat in range(PHRASE_BEATS - (2 if last else 0)):
        for half in range(2):
            note = _RIFF[(2 * beat + half) % len(_RIFF)] + (3 if beat >= 12 else 0)
            phrase.add(beat + 0.5 * half, band.growl(note), 0.24)
        for sixteenth in range(4):
            phrase.add(beat + 0.25 * sixteenth, band.hat(0.035), 0.62 if sixteenth == 2 else 0.46, -0.2)
        phrase.add(float(beat), band.kick(6.0), 0.62)
        if beat % 2:
            phrase.add(float(beat), band.snare(0.09), 0.5)
        if beat % 8 == 7:
            phrase.add(beat + 0.75, band.kick(6.0), 0.5)
    phrase.add(0.0, band.hat(0.4), 0.5)
    if last:
        phrase.add(14.0, band.kick(6.0), 0.6)
        phrase.add(14.0, band.hat(0.4), 0.4)


def _fade_out(phrase: _Phrase) -> None:
    """Bring the last bar's ring to nothing, as the calm beginning follows it without a tail."""
    count = phrase.length - _sample_of(14.0, phrase.sample_rate)
    phrase.samples[phrase.length - count : phrase.length] *= np.linspace(1.0, 0.0, count, dtype=np.float32)[:, None]


def _sample_of(beat: float, sample_rate: int) -> int:
    return round(beat * 60.0 / TEMPO_BPM * sample_rate)
