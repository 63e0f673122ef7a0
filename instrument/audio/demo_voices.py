"""The instruments of the demo piece: pure functions that give one note each. numpy only."""

from functools import cache

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

TABLE_SIZE = 1 << 15
BRIGHTEST_HZ = 9000.0


def note_hz(note: float) -> float:
    """Frequency of a MIDI note number.

    >>> note_hz(69)
    440.0
    """
    return float(440.0 * 2.0 ** ((note - 69.0) / 12.0))


def times(duration_s: float, sample_rate: int) -> Samples:
    """Times of the samples of a note, in seconds."""
    return np.asarray(np.arange(round(duration_s * sample_rate)) / sample_rate, np.float32)


def decay(t: Samples, time_constant_s: float, attack_s: float = 0.002) -> Samples:
    """Envelope that rises in `attack_s` and dies away; the last 5 ms go to zero, so that no note ends in a click."""
    end_s = t[-1] if len(t) else np.float32(0.0)
    edges = np.minimum(1.0, t / np.float32(attack_s)) * np.minimum(1.0, (end_s - t) / np.float32(0.005))
    return np.asarray(np.exp(t / np.float32(-time_constant_s)) * edges, np.float32)


@cache
def _saw_table(harmonics: int) -> Samples:
    spectrum = np.zeros(TABLE_SIZE // 2 + 1, np.complex128)
    number = np.arange(1, harmonics + 1)
    spectrum[number] = -1j * TABLE_SIZE / (np.pi * number)
    return np.asarray(np.fft.irfft(spectrum), np.float32)


def saw(hz: float, count: int, sample_rate: int, brightest_hz: float = BRIGHTEST_HZ, phase: float = 0.0) -> Samples:
    """Band-limited sawtooth of `count` samples, without harmonics above `brightest_hz`."""
    table = _saw_table(max(1, int(min(brightest_hz, 0.45 * sample_rate) / hz)))
    step = hz * TABLE_SIZE / sample_rate
    index = (np.arange(count, dtype=np.float64) * step + phase * TABLE_SIZE).astype(np.int64)
    return np.asarray(table[index & (TABLE_SIZE - 1)], np.float32)


def noise(seed: int, count: int) -> Samples:
    """White noise in ``[-1, 1]``, the same for the same seed."""
    return np.asarray(np.random.default_rng(seed).uniform(-1.0, 1.0, count), np.float32)


def bell(note: float, sample_rate: int) -> Samples:
    """A soft struck bell: two-operator frequency modulation whose colour fades before its tone."""
    t = times(3.2, sample_rate)
    turn = np.float32(2.0 * np.pi * note_hz(note))
    colour = np.sin(turn * np.float32(3.5) * t) * np.exp(-t / np.float32(0.35)) * np.float32(0.6)
    return np.asarray(np.sin(turn * t + colour) * decay(t, 0.8, 0.004), np.float32)


def pad(note: float, duration_s: float, sample_rate: int, brightest_hz: float, attack_s: float = 1.6) -> Samples:
    """A swelling chord voice ``(n, 2)``: a detuned pair of saws a side, the two sides apart."""
    count = round(duration_s * sample_rate)
    t = times(duration_s, sample_rate)
    swell = np.minimum(1.0, t / np.float32(attack_s)) * np.minimum(1.0, (duration_s - t) / np.float32(2.0 * attack_s))
    envelope = swell * swell * (3.0 - 2.0 * swell)
    sides = [
        saw(note_hz(note + cents), count, sample_rate, brightest_hz, phase)
        + saw(note_hz(note - 0.7 * cents), count, sample_rate, brightest_hz, 0.37 + phase)
        for cents, phase in ((0.05, 0.0), (-0.06, 0.21))
    ]
    return np.asarray(0.5 * np.stack(sides, axis=1) * envelope[:, None], np.float32)


def pluck(note: float, sample_rate: int) -> Samples:
    """A bright plucked saw whose upper harmonics die first."""
    t = times(0.42, sample_rate)
    hz = note_hz(note)
    bright = saw(hz, len(t), sample_rate) * decay(t, 0.1)
    return np.asarray(bright + saw(hz, len(t), sample_rate, 6.0 * hz) * decay(t, 0.16) * np.float32(0.6), np.float32)


def kick(sample_rate: int, drive: float) -> Samples:
    """A bass drum: a falling sine, bent by `drive` (1 is round, 6 is hard), with a click at its start."""
    t = times(0.32, sample_rate)
    fall_s = np.float32(0.028)
    turns = np.float32(48.0) * t + np.float32(210.0) * fall_s * (1.0 - np.exp(-t / fall_s))
    body = np.tanh(np.float32(drive) * np.sin(np.float32(2.0 * np.pi) * turns) * decay(t, 0.13, 0.0008))
    click = noise(7, len(t)) * np.exp(-t / np.float32(0.003)) * np.float32(0.12 * drive)
    return np.asarray((body / np.tanh(np.float32(drive)) + click) * decay(t, 0.3, 0.0005), np.float32)


def hat(sample_rate: int, time_constant_s: float, seed: int) -> Samples:
    """A cymbal: noise without its lower half."""
    t = times(8.0 * time_constant_s, sample_rate)
    hiss = np.diff(noise(seed, len(t) + 2), 2) * np.float32(0.3)
    return np.asarray(hiss * decay(t, time_constant_s, 0.0008), np.float32)


def snare(sample_rate: int, time_constant_s: float) -> Samples:
    """A snare drum: a short tone under noise."""
    t = times(6.0 * time_constant_s, sample_rate)
    tone = np.sin(np.float32(2.0 * np.pi * 185.0) * t) * np.exp(-t / np.float32(0.05))
    return np.asarray((0.5 * tone + 0.7 * noise(11, len(t))) * decay(t, time_constant_s, 0.0008), np.float32)


def bass(note: float, duration_s: float, sample_rate: int) -> Samples:
    """A round bass note: few harmonics, no sustain."""
    t = times(duration_s, sample_rate)
    return np.asarray(saw(note_hz(note), len(t), sample_rate, 900.0) * decay(t, 0.18, 0.004), np.float32)


def growl(note: float, duration_s: float, sample_rate: int) -> Samples:
    """A heavily distorted bass: beating saws and noise through two stages of clipping."""
    t = times(duration_s, sample_rate)
    count = len(t)
    pair = saw(note_hz(note + 0.11), count, sample_rate) + saw(note_hz(note - 0.13), count, sample_rate, phase=0.4)
    fifth = saw(note_hz(note + 7.02), count, sample_rate, phase=0.7)
    folded = np.sin(np.float32(3.3) * np.tanh(np.float32(2.4) * (pair + np.float32(0.6) * fifth)))
    grit = noise(23, count) * np.abs(folded) * np.float32(0.35)
    return np.asarray(np.tanh(np.float32(1.8) * (folded + grit)) * decay(t, 0.5, 0.003), np.float32)


def rise(duration_s: float, sample_rate: int) -> Samples:
    """Noise that swells up to a cut: it announces the next part."""
    t = times(duration_s, sample_rate)
    swell = (t / np.float32(duration_s)) ** 3 * np.minimum(1.0, (duration_s - t) / np.float32(0.01))
    return np.asarray(noise(31, len(t)) * swell, np.float32)
