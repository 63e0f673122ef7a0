"""Plays a score with the synthesised kit and sends it through a room, a limiter and a level. Pure, seeded."""

import numpy as np
import numpy.typing as npt

from instrument.audio.demo_voices import noise
from instrument.tools.beats.kit import Kit
from instrument.tools.beats.rhythms import Role
from instrument.tools.beats.score import Score

Samples = npt.NDArray[np.float32]

GAINS = {Role.DRUM: 0.5, Role.BASS: 0.3, Role.CHORD: 0.1, Role.PAD: 0.07, Role.ARPEGGIO: 0.16, Role.LEAD: 0.16}
LONGEST_NOTE_S = 6.0


def play(score: Score, rng: np.random.Generator, sample_rate: int, duration_s: float) -> Samples:
    """The piece as ``(n,)`` mono, as a performer's interface would deliver it."""
    kit = Kit(rng, sample_rate)
    samples = np.zeros(round((duration_s + LONGEST_NOTE_S) * sample_rate), np.float32)
    balance = {role: gain * float(np.exp(rng.normal(0.0, 0.45))) for role, gain in GAINS.items()}
    for note in score.notes:
        if note.start_s >= duration_s:
            break
        if note.role is Role.DRUM:
            made = kit.drum(chr(note.pitch))
        else:
            made = kit.tone(note.role.value, note.pitch, round(100.0 * min(note.duration_s + 0.02, LONGEST_NOTE_S)))
        start = round(note.start_s * sample_rate)
        stop = min(start + len(made), len(samples))
        samples[start:stop] += np.float32(balance[note.role] * note.velocity) * made[: stop - start]
    return disturb(samples[: round(duration_s * sample_rate)], rng, sample_rate)


def disturb(samples: Samples, rng: np.random.Generator, sample_rate: int) -> Samples:
    """Some of: reverberation, limiting, noise; then a level between -30 and 0 dB."""
    peak = float(np.abs(samples).max()) + 1e-9
    samples = samples / np.float32(peak)
    if rng.random() < 0.4:
        samples = _reverberate(samples, rng, sample_rate)
    if rng.random() < 0.4:
        drive = np.float32(rng.uniform(1.0, 6.0))
        samples = np.tanh(drive * samples) / np.tanh(drive)
    if rng.random() < 0.3:
        floor = np.float32(10.0 ** rng.uniform(-3.5, -1.7))
        samples = samples + floor * noise(int(rng.integers(1 << 30)), len(samples))
    return np.asarray(samples * np.float32(10.0 ** rng.uniform(-1.5, 0.0)), np.float32)


def _reverberate(samples: Samples, rng: np.random.Generator, sample_rate: int) -> Samples:
    length_s = rng.uniform(0.2, 1.2)
    t = np.arange(round(length_s * sample_rate)) / sample_rate
    tail = noise(int(rng.integers(1 << 30)), len(t)) * np.exp(-6.0 * t / length_s) * rng.uniform(0.02, 0.08)
    tail[0] = 1.0
    size = 1 << int(np.ceil(np.log2(len(samples) + len(tail))))
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)[: len(samples)]
    return np.asarray(wet / (np.abs(wet).max() + 1e-9), np.float32)
