"""Drum tracks with known beats, and what a tracker makes of them."""

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from instrument.audio import demo_voices as voice
from instrument.features.beat.tracker import BeatTracker
from instrument.features.rhythm import BeatState
from instrument.tools.beats.hearing import spectra

Floats = npt.NDArray[np.float32]
SAMPLE_RATE = 44100


def drums(beats_s: npt.NDArray[np.float64], duration_s: float, hat_gain: float = 0.3, bass_gain: float = 0.2) -> Floats:
    """Kick on every beat, snare on every other, hats between, a bass note a bar: ``(n,)``."""
    samples = np.zeros(round((duration_s + 2.0) * SAMPLE_RATE), np.float32)
    kick, snare = voice.kick(SAMPLE_RATE, 2.0), voice.snare(SAMPLE_RATE, 0.07)
    hat, bass = voice.hat(SAMPLE_RATE, 0.03, seed=13), voice.bass(33, 0.4, SAMPLE_RATE)

    def add(time_s: float, sound: Floats, gain: float) -> None:
        start = round(time_s * SAMPLE_RATE)
        samples[start : start + len(sound)] += np.float32(gain) * sound

    for number, beat_s in enumerate(beats_s[:-1]):
        add(beat_s, kick, 0.6)
        if number % 2:
            add(beat_s, snare, 0.4)
        if number % 4 == 0:
            add(beat_s, bass, bass_gain)
        add(0.5 * (beat_s + beats_s[number + 1]), hat, hat_gain)
    return samples[: round(duration_s * SAMPLE_RATE)]


def steady_beats(tempo_bpm: float, duration_s: float, first_s: float = 0.3) -> npt.NDArray[np.float64]:
    return np.arange(first_s, duration_s + 60.0 / tempo_bpm, 60.0 / tempo_bpm)


def follow(
    tracker: BeatTracker, samples: Floats, hop_size: int = 512, start_s: float = 0.0, *, windows: bool = True
) -> list[BeatState]:
    """The state after each hop."""
    states = []
    for number, (window, power) in enumerate(spectra(samples, hop_size), 1):
        time_s = start_s + number * hop_size / SAMPLE_RATE
        states.append(tracker.process(power, time_s, window if windows else None))
    return states


@cache
def steady_track(tempo_bpm: float) -> tuple[npt.NDArray[np.float64], tuple[BeatState, ...]]:
    """Beats of ten seconds at a tempo, and what was believed after each hop of 512."""
    beats_s = steady_beats(tempo_bpm, 10.0)
    return beats_s, tuple(follow(BeatTracker(SAMPLE_RATE, 512), drums(beats_s, 10.0)))


@pytest.fixture(scope="session")
def steady() -> Callable[[float], tuple[npt.NDArray[np.float64], tuple[BeatState, ...]]]:
    return steady_track


@pytest.fixture(scope="session")
def rock() -> Floats:
    """Six seconds at 118 bpm."""
    return drums(steady_beats(118.0, 6.0), 6.0)
