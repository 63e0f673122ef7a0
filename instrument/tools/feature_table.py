"""How far the live descriptors are from librosa's offline ones, and what a hop costs beside calling librosa live."""

import argparse
import functools
import importlib
import statistics
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from instrument.clock import SystemClock
from instrument.features.banks import contrast_edges_hz
from instrument.features.extractor import FeatureExtractor
from instrument.features.hops import listening_kernel
from instrument.features.vector import DESCRIPTORS, FeatureVector
from instrument.settings import HOP_SIZES

Floats = npt.NDArray[np.float32]
Table = npt.NDArray[np.float64]
Measure = Callable[[Sequence[Callable[[int], object]], int], list[float]]

COLUMNS = (*(descriptor.name for descriptor in DESCRIPTORS), "rms")
"""Columns of every table here: the five and the level."""
SAMPLE_RATES = (44100, 48000)
WINDOW_SIZE = 2048
ODD_BLOCK_SIZE = 997
ROUNDS = 60
COLD_ROUNDS = 30
KERNEL_TIMEOUT_S = 120.0
SWEPT_BYTES = 16 << 20
WARM_UP_ROUNDS = 5


def practice_music(sample_rate: int, seconds: float, seed: int = 0) -> Floats:
    """Chords, drums, noise bursts, silence and a fading tail in turn: ``(n,)`` mono in ``[-1, 1]``.

    Every quarter of a second has its own sound, so that all descriptors travel over most of their range.
    """
    rng = np.random.default_rng(seed)
    step = sample_rate // 4
    time_s = np.arange(step) / sample_rate
    sounds = (_chord, _drum, _chord, _noise, _drum, _silence)
    parts = [sounds[index % len(sounds)](time_s, rng) for index in range(int(np.ceil(4 * seconds)))]
    music = np.concatenate(parts)[: int(seconds * sample_rate)]
    music += 1e-4 * rng.standard_normal(len(music)) * (music != 0.0)
    return np.clip(music, -1.0, 1.0).astype(np.float32)


def _chord(time_s: Table, rng: np.random.Generator) -> Table:
    root_hz = 55.0 * 2.0 ** (rng.integers(0, 36) / 12.0)
    chord = np.zeros_like(time_s)
    for interval in (0, 4, 7, 12):
        for partial in range(1, 9):
            tone_hz = partial * root_hz * 2.0 ** (interval / 12.0)
            chord += np.sin(2.0 * np.pi * (tone_hz * time_s + rng.random())) / partial
    return np.asarray(0.12 * rng.uniform(0.05, 1.0) * chord * np.exp(-3.0 * time_s))


def _drum(time_s: Table, rng: np.random.Generator) -> Table:
    kick = np.sin(2.0 * np.pi * (50.0 * time_s + 12.0 * (1.0 - np.exp(-30.0 * time_s)))) * np.exp(-12.0 * time_s)
    snare = rng.standard_normal(len(time_s)) * np.exp(-40.0 * time_s)
    return np.asarray(0.7 * kick + rng.uniform(0.0, 0.3) * snare)


def _noise(time_s: Table, rng: np.random.Generator) -> Table:
    return rng.uniform(0.001, 0.3) * rng.standard_normal(len(time_s))


def _silence(time_s: Table, rng: np.random.Generator) -> Table:
    del rng
    return np.zeros_like(time_s)


@contextmanager
def _no_top_db() -> Iterator[None]:
    # spectral_contrast floors decibels 80 below the loudest frame of the whole clip, future included, and has no
    # argument for it (librosa#2095): the one function it calls for that is exchanged meanwhile.
    spectral: Any = importlib.import_module("librosa.feature.spectral")
    original = spectral.power_to_db
    spectral.power_to_db = functools.partial(original, top_db=None)
    try:
        yield
    finally:
        spectral.power_to_db = original


def librosa_offline(mono: Floats, sample_rate: int, hop_size: int, window_size: int = WINDOW_SIZE) -> Table:
    """What librosa's own functions give for a whole signal, ``(hops, 6)`` in the order of `COLUMNS`.

    ``center=False`` on the signal with zeros in front, ``top_db=None``, ``tuning=0``; contrast is the mean over
    the bands from 200 Hz up.
    """
    import librosa

    padded = np.concatenate([np.zeros(window_size - hop_size, np.float32), mono])
    framing: dict[str, Any] = {"frame_length": window_size, "hop_length": hop_size, "center": False}
    magnitude = np.abs(librosa.stft(padded, n_fft=window_size, hop_length=hop_size, center=False))
    octaves = len(contrast_edges_hz(sample_rate)) - 1
    with _no_top_db():
        contrast_db = librosa.feature.spectral_contrast(S=magnitude, sr=sample_rate, n_bands=octaves)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Empty filters detected", UserWarning)
        mel = librosa.feature.melspectrogram(S=magnitude**2, sr=sample_rate, fmax=0.5 * sample_rate)
    mel_db = librosa.power_to_db(mel, top_db=None)
    chroma = librosa.feature.chroma_stft(S=magnitude**2, sr=sample_rate, tuning=0.0)
    columns = {
        "spectral_contrast": contrast_db[1:].mean(axis=0),
        "spectral_flatness": librosa.feature.spectral_flatness(S=magnitude)[0],
        "onset_strength": librosa.onset.onset_strength(S=mel_db, sr=sample_rate, center=False),
        "zero_crossing_rate": librosa.feature.zero_crossing_rate(padded, **framing)[0],
        "chroma_variance": chroma.var(axis=0),
        "rms": librosa.feature.rms(y=padded, **framing)[0],
    }
    return np.stack([columns[name] for name in COLUMNS], axis=1).astype(np.float64)


def as_table(vectors: list[FeatureVector]) -> Table:
    """The vectors as ``(hops, 6)`` in the order of `COLUMNS`."""
    return np.array([[getattr(vector, name) for name in COLUMNS] for vector in vectors]).reshape(-1, len(COLUMNS))


def stream(extractor: FeatureExtractor, samples: Floats, block_size: int) -> list[FeatureVector]:
    """Play ``(n, channels)`` samples to an extractor in blocks of `block_size`, the first at time 0."""
    vectors: list[FeatureVector] = []
    for start in range(0, len(samples), block_size):
        block = samples[start : start + block_size]
        vectors += extractor.process(block, (start + len(block)) / extractor.sample_rate)
    return vectors


def naive_librosa(block: Floats, sample_rate: int) -> None:
    """The six calls as one would write them for a single ``(n,)`` block; their results are not those of a stream."""
    import librosa

    librosa.feature.spectral_contrast(y=block, sr=sample_rate)
    librosa.feature.spectral_flatness(y=block)
    librosa.feature.zero_crossing_rate(block)
    librosa.feature.chroma_stft(y=block, sr=sample_rate)
    librosa.onset.onset_strength(y=block, sr=sample_rate)
    librosa.feature.rms(y=block)


def interleaved_us(works: Sequence[Callable[[int], object]], rounds: int) -> list[float]:
    """Median microseconds of each of `works`, called with the number of the round, in turn as on stage: each finds the
    caches as the others left them, and what else the machine does befalls all alike. The order turns every round.
    """
    clock = SystemClock()
    taken_s: list[list[float]] = [[] for _ in works]
    for number in range(-WARM_UP_ROUNDS, rounds):
        for place in range(len(works)):
            which = (place + number) % len(works)
            began_s = clock.now_s()
            works[which](number)
            if number >= 0:
                taken_s[which].append(clock.now_s() - began_s)
    return [1e6 * statistics.median(times_s) for times_s in taken_s]


def _write_errors(seconds: float) -> None:
    sys.stdout.write(f"Largest error against librosa offline, {seconds:g} s, blocks of {ODD_BLOCK_SIZE} samples\n")
    sys.stdout.write(f"{'rate':>6} {'hop':>5} {'by':>7}" + "".join(f"{name:>20}" for name in COLUMNS) + "\n")
    largest = np.zeros(len(COLUMNS))
    for sample_rate in SAMPLE_RATES:
        music = practice_music(sample_rate, seconds)
        for hop_size in HOP_SIZES:
            offline = librosa_offline(music, sample_rate, hop_size)
            largest = np.maximum(largest, offline.max(axis=0))
            for name, extractor in _extractors(sample_rate, hop_size):
                live = as_table(stream(extractor, music[:, np.newaxis], ODD_BLOCK_SIZE))
                errors = np.abs(live - offline).max(axis=0)
                sys.stdout.write(f"{sample_rate:6d} {hop_size:5d} {name:>7}")
                sys.stdout.write("".join(f"{error:20.1e}" for error in errors) + "\n")
    sys.stdout.write(f"{'largest value':>20}" + "".join(f"{value:20.2g}" for value in largest) + "\n")


def _works(extractor: FeatureExtractor) -> tuple[Callable[[int], object], ...]:
    """One bare FFT of a window, one hop of the extractor, and librosa called on one hop's samples."""
    sample_rate, hop_size = extractor.sample_rate, extractor.hop_size
    music = practice_music(sample_rate, 2.0)
    hops = music[: len(music) // hop_size * hop_size].reshape(-1, hop_size, 1)
    window = music[:WINDOW_SIZE].astype(np.float64)
    spectrum = np.empty(WINDOW_SIZE // 2 + 1, np.complex128)
    return (
        lambda _: np.fft.rfft(window, out=spectrum),
        lambda number: extractor.process(hops[number % len(hops)], 0.0),
        lambda number: naive_librosa(hops[number % len(hops), :, 0], sample_rate),
    )


def cold_us(works: Sequence[Callable[[int], object]], rounds: int) -> list[float]:
    """Median microseconds of each, with `SWEPT_BYTES` of other data through the caches before every call."""
    swept = np.zeros(SWEPT_BYTES, np.uint8)
    swept += 1
    clock = SystemClock()
    taken_s: list[list[float]] = [[] for _ in works]
    for number in range(rounds):
        for work, times_s in zip(works, taken_s, strict=True):
            swept += 1
            began_s = clock.now_s()
            work(number)
            times_s.append(clock.now_s() - began_s)
    return [1e6 * statistics.median(times_s) for times_s in taken_s]


def _extractors(sample_rate: int, hop_size: int) -> Iterator[tuple[str, FeatureExtractor]]:
    """As it is when a show begins, and as it is once the kernel is there, if this machine can make one."""
    yield "numpy", FeatureExtractor(sample_rate, hop_size, WINDOW_SIZE)
    if listening_kernel().wait(KERNEL_TIMEOUT_S):
        quick = FeatureExtractor(sample_rate, hop_size, WINDOW_SIZE)
        quick.speed_up(listening_kernel())
        yield "kernel", quick


def _write_costs() -> None:
    measures: tuple[tuple[str, Measure, tuple[int, ...], int], ...] = (
        ("one call of each in turn", interleaved_us, HOP_SIZES, ROUNDS),
        ("the caches swept before each call, as pictures do", cold_us, HOP_SIZES[:1], COLD_ROUNDS),
    )
    for title, measure, hop_sizes, rounds in measures:
        sys.stdout.write(f"\nMicroseconds a hop, {title}\n")
        head = ("rate", "hop", "by", "FFT", "live", "librosa", "x", "FFTs", "of a hop")
        sys.stdout.write("{:>6} {:>5} {:>7} {:>7} {:>8} {:>8} {:>6} {:>6} {:>9}\n".format(*head))
        for sample_rate, hop_size in product(SAMPLE_RATES, hop_sizes):
            for name, extractor in _extractors(sample_rate, hop_size):
                fft_us, live_us, naive_us = measure(_works(extractor), rounds)
                sys.stdout.write(f"{sample_rate:6d} {hop_size:5d} {name:>7} {fft_us:7.1f} {live_us:8.1f}")
                sys.stdout.write(f" {naive_us:8.0f} {naive_us / live_us:6.0f} {live_us / fft_us:6.1f}")
                sys.stdout.write(f" {live_us * 1e-6 * sample_rate / hop_size:9.2%}\n")


def main(argv: list[str]) -> int:
    """Write the tables to standard output; `argv` may hold ``--seconds`` of music to compare on. Returns 0."""
    parser = argparse.ArgumentParser(prog="bench features", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the music compared on")
    seconds = parser.parse_args(argv).seconds
    if not 1.0 <= seconds <= 600.0:
        parser.error(f"{seconds:g} seconds is not between 1 and 600")
    with warnings.catch_warnings():
        # The naive calls complain about their short blocks each time, which is the point of not making them.
        warnings.simplefilter("ignore", UserWarning)
        _write_errors(seconds)
        _write_costs()
    return 0
