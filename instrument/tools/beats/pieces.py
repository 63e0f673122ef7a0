"""The pieces that beats are fitted and judged on: sound, beats, first beat of a bar, group. Seeded."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.errors import InstrumentError
from instrument.tools.beats.accompaniment import arrange
from instrument.tools.beats.annotated import read_annotated
from instrument.tools.beats.blends import compose_blend
from instrument.tools.beats.general_midi import beats_of, render_midi, write_midi
from instrument.tools.beats.modules import play_module
from instrument.tools.beats.playing import disturb, play
from instrument.tools.beats.score import Score, compose
from instrument.tools.beats.syncopes import compose_syncope
from instrument.tools.beats.tempo_map import Change
from instrument.tools.beats.tunes import read_tune
from instrument.tools.beats.varying import vary

Floats = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]

PIECE_S = 36.0
TUNE_S = 60.0
"""Of music that is played as it is."""
SAMPLE_RATES = (44_100, 48_000)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """``(n,)`` mono sound, times of its beats, the number of the first downbeat's beat and the beats of a bar.

    `bar` is 0 where nobody knows which beat begins a bar.
    """

    name: str
    group: str
    samples: Samples
    sample_rate: int
    beats_s: Floats
    bar: int


def constructed(family: str, seed: int, change: Change | None = None) -> Piece:
    """A piece of a family of rhythm, played by the synthesised kit."""
    return _synthesised(compose(seed, family, PIECE_S, change), seed)


def blended(seed: int, soundfont: Path | None = None) -> Piece:
    """A piece in a rhythm of its own, played by the synthesised kit or, with a soundfont, by FluidSynth."""
    return _played(compose_blend(seed, PIECE_S), seed, soundfont)


def syncopated(seed: int, soundfont: Path | None = None) -> Piece:
    """A piece that leans beside the beat, played like a blended one."""
    return _played(compose_syncope(seed, PIECE_S), seed, soundfont)


def beatless(kind: str, seed: int) -> Piece:
    """Sound without a beat: ``noise``, a ``drone`` of slow chords, or ``hits`` that come when they like."""
    rng = np.random.default_rng([seed, 4, *map(ord, kind)])
    sample_rate = SAMPLE_RATES[seed % 2]
    time_s = np.arange(round(PIECE_S * sample_rate)) / sample_rate
    samples = 0.003 * rng.standard_normal(len(time_s))
    if kind == "noise":
        samples = np.convolve(rng.standard_normal(len(time_s)), np.exp(-np.arange(40) * rng.uniform(0.02, 3.0)), "same")
    elif kind == "drone":
        for partial in range(8):
            swell = 1.0 + np.sin(2.0 * np.pi * rng.uniform(0.03, 0.25) * time_s + partial)
            samples += swell * np.sin(2.0 * np.pi * 110.0 * 2.0 ** (rng.integers(0, 30) / 12.0) * time_s)
    else:
        start_s = 0.0
        while (start_s := start_s + 0.05 + float(rng.exponential(0.35))) < PIECE_S - 0.5:
            start = round(start_s * sample_rate)
            ring = np.exp(-np.arange(sample_rate // 4) / (sample_rate * rng.uniform(0.01, 0.08)))
            samples[start : start + len(ring)] += rng.uniform(0.2, 1.0) * rng.standard_normal(len(ring)) * ring
    made = disturb(samples.astype(np.float32), rng, sample_rate)
    return Piece(f"{kind} {seed}", "beatless", made, sample_rate, np.zeros(0), 0)


def general_midi(family: str, seed: int, soundfont: Path) -> Piece:
    """The same kind of piece as `constructed`, played by FluidSynth on drawn General MIDI instruments."""
    return _rendered(compose(seed, family, PIECE_S), seed, soundfont)


def arranged(style: Path, seed: int, soundfont: Path) -> Piece:
    """An arrangement by MMA."""
    rng = np.random.default_rng([seed, 3, *map(ord, style.stem)])
    with tempfile.TemporaryDirectory() as folder:
        midi = Path(folder) / "piece.mid"
        arrange(style, rng, PIECE_S, midi)
        return _of_midi(midi, f"arranged {style.stem} {seed}", "arranged", soundfont, rng, SAMPLE_RATES[seed % 2])


def tune(path: Path, soundfont: Path, group: str = "tunes", start_s: float = 0.0) -> Piece:
    """A stretch of a MIDI file as it is, beats by its tempo map."""
    rng = np.random.default_rng([len(path.name), *path.name.encode()])
    with tempfile.TemporaryDirectory() as folder:
        return _of_midi(path, path.stem, group, soundfont, rng, 44_100, Path(folder), start_s)


def varied(path: Path, seed: int, soundfont: Path) -> Piece:
    """A stretch of a MIDI file at another tempo, on other instruments, with other parts."""
    rng = np.random.default_rng([seed, 6, *path.stem.encode()])
    read = read_tune(path)
    with tempfile.TemporaryDirectory() as folder:
        midi = Path(folder) / "piece.mid"
        beats_s = vary(read, rng, PIECE_S, midi).beats_s
        samples, sample_rate = _heard(midi, seed, soundfont, rng)
    inside = beats_s[beats_s < len(samples) / sample_rate]
    return Piece(f"varied {path.stem} {seed}", "varied", samples, sample_rate, inside, read.bar)


def module(path: Path, seed: int | None = None) -> Piece:
    """The beginning of a tracker module as it is, or with a seed a stretch of it changed."""
    rng = np.random.default_rng([seed or 0, 7, *path.stem.encode()])
    sample_rate = SAMPLE_RATES[(seed or 0) % 2]
    played = play_module(path, sample_rate, TUNE_S if seed is None else PIECE_S, None if seed is None else rng)
    name = path.stem if seed is None else f"{path.stem} {seed}"
    return Piece(name, "modules", disturb(played.samples, rng, sample_rate), sample_rate, played.beats_s, played.bar)


def annotated(path: Path) -> Piece:
    """A sound file as it is, its beats from the file beside it."""
    samples, sample_rate, beats_s = read_annotated(path)
    return Piece(path.stem, "annotated", samples, sample_rate, beats_s, 0)


def _played(score: Score, seed: int, soundfont: Path | None) -> Piece:
    return _rendered(score, seed, soundfont) if soundfont else _synthesised(score, seed)


def _synthesised(score: Score, seed: int) -> Piece:
    sample_rate = SAMPLE_RATES[seed % 2]
    samples = play(score, np.random.default_rng([seed, 1]), sample_rate, PIECE_S)
    return _piece("synth", score, seed, samples, sample_rate)


def _rendered(score: Score, seed: int, soundfont: Path) -> Piece:
    rng = np.random.default_rng([seed, 2])
    with tempfile.TemporaryDirectory() as folder:
        midi = Path(folder) / "piece.mid"
        write_midi(score, rng, midi)
        samples, sample_rate = _heard(midi, seed, soundfont, rng)
    return _piece("midi", score, seed, samples, sample_rate)


def _heard(midi: Path, seed: int, soundfont: Path, rng: np.random.Generator) -> tuple[Samples, int]:
    """The beginning of a MIDI file as an interface would deliver it, and its sample rate."""
    sample_rate = SAMPLE_RATES[seed % 2]
    samples = render_midi(midi, soundfont, sample_rate, midi.with_suffix(".wav"))
    return disturb(samples[: round(PIECE_S * sample_rate)], rng, sample_rate), sample_rate


def _piece(player: str, score: Score, seed: int, samples: Samples, sample_rate: int) -> Piece:
    group = f"{player} {score.family}"
    beats_s = score.tempo_map.beats_s
    inside = beats_s[beats_s < len(samples) / sample_rate]
    name = f"{group} {seed} {score.tempo_map.change.value}"
    return Piece(name, group, samples, sample_rate, inside, score.bar)


def _of_midi(
    path: Path,
    name: str,
    group: str,
    soundfont: Path,
    rng: np.random.Generator,
    sample_rate: int,
    folder: Path | None = None,
    start_s: float = 0.0,
) -> Piece:
    beats_s, bar = beats_of(path)
    wave = (folder or path.parent) / "piece.wav"
    samples = render_midi(path, soundfont, sample_rate, wave)
    stop_s = min(start_s + (TUNE_S if group == "tunes" else PIECE_S), float(beats_s[-1]))
    samples = samples[round(start_s * sample_rate) : round(stop_s * sample_rate)]
    if len(samples) < 10 * sample_rate:
        raise InstrumentError(f"{path.name} is too short")
    inside = beats_s[(beats_s >= start_s) & (beats_s < stop_s)] - start_s
    return Piece(name, group, disturb(samples, rng, sample_rate), sample_rate, inside, bar)
