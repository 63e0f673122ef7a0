"""Synthesised instruments with drawn sounds: no two pieces have the same drums. Pure, seeded, numpy only."""

from functools import cache

import numpy as np
import numpy.typing as npt

from instrument.audio.demo_voices import decay, noise, note_hz, saw, times

Samples = npt.NDArray[np.float32]

LOUDNESS = {"k": 1.0, "s": 0.8, "c": 0.6, "h": 0.3, "p": 0.35, "r": 0.3, "y": 0.4, "a": 0.18, "i": 0.4, "w": 0.3}
USUAL_LOUDNESS = 0.55


class Kit:
    """Drums and tonal voices of one piece; every note that comes again is made once."""

    def __init__(self, rng: np.random.Generator, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._seed = int(rng.integers(1 << 30))
        self._draw = {name: rng.random(4) for name in ("k", "s", "h", "t", "bass", "chord", "pad", "arpeggio", "lead")}
        self.loudness = {letter: float(np.exp(rng.normal(0.0, 0.35))) for letter in "ksphrcmtiwgay"}
        self.drum = cache(self._drum)
        self.tone = cache(self._tone)

    def _drum(self, letter: str) -> Samples:
        sound = {"k": self._kick, "s": self._snare, "c": self._clap, "w": self._bell}.get(letter)
        made = sound() if sound else self._other(letter)
        gain = LOUDNESS.get(letter, USUAL_LOUDNESS) * self.loudness[letter]
        return np.asarray(made * np.float32(gain), np.float32)

    def _kick(self) -> Samples:
        depth, length, click, drive = self._draw["k"]
        t = times(0.15 + 0.5 * length, self._sample_rate)
        fall_s = 0.012 + 0.04 * depth
        turns = (40.0 + 30.0 * depth) * t + (60.0 + 300.0 * click) * fall_s * (1.0 - np.exp(-t / fall_s))
        body = np.tanh((1.0 + 4.0 * drive) * np.sin(2.0 * np.pi * turns))
        snap = noise(self._seed, len(t)) * np.exp(-t / 0.004) * (0.05 + 0.5 * click)
        return np.asarray((body + snap) * decay(t, 0.06 + 0.2 * length, 0.0008), np.float32)

    def _snare(self) -> Samples:
        pitch, length, body, colour = self._draw["s"]
        t = times(0.12 + 0.3 * length, self._sample_rate)
        tone = np.sin(2.0 * np.pi * (150.0 + 120.0 * pitch) * t) * np.exp(-t / 0.05)
        hiss = noise(self._seed + 1, len(t) + 1)
        hiss = hiss[1:] - np.float32(0.8 * colour) * hiss[:-1]
        mixed = (0.2 + 0.7 * body) * tone + 0.7 * hiss
        return np.asarray(mixed * decay(t, 0.03 + 0.1 * length, 0.0008), np.float32)

    def _clap(self) -> Samples:
        t = times(0.25, self._sample_rate)
        bursts = sum(np.where(t >= start_s, np.exp(-(t - start_s) / 0.008), 0.0) for start_s in (0.0, 0.009, 0.018))
        hiss = np.diff(noise(self._seed + 2, len(t) + 1))
        return np.asarray(hiss * (0.6 * bursts + np.exp(-t / 0.07)) * 0.6 * decay(t, 0.2), np.float32)

    def _bell(self) -> Samples:
        t = times(0.2, self._sample_rate)
        hz = 500.0 + 200.0 * self._draw["t"][3]
        tone = np.sign(np.sin(2.0 * np.pi * hz * t)) + np.sign(np.sin(2.0 * np.pi * 1.48 * hz * t))
        return np.asarray(0.4 * tone * decay(t, 0.06), np.float32)

    def _other(self, letter: str) -> Samples:
        """Drums with a skin for m, t, g, i and metal or seeds for the others."""
        high, length, colour, ring = self._draw["h"]
        if letter in "mtgi":
            hz = {"m": 90.0, "t": 140.0, "g": 260.0, "i": 800.0}[letter] * (0.8 + 0.5 * self._draw["t"][0])
            t = times(0.08 if letter == "i" else 0.3, self._sample_rate)
            tone = np.sin(2.0 * np.pi * hz * (t + 0.02 * (1.0 - np.exp(-t / 0.03))))
            snap = noise(self._seed + 3, len(t)) * np.exp(-t / 0.006) * 0.3
            return np.asarray((tone + snap) * decay(t, 0.02 if letter == "i" else 0.12, 0.001), np.float32)
        ring_s = {"h": 0.015 + 0.04 * length, "p": 0.12 + 0.2 * length, "r": 0.25, "y": 0.6, "a": 0.02}[letter]
        t = times(min(6.0 * ring_s, 1.5), self._sample_rate)
        hiss = np.diff(noise(self._seed + ord(letter), len(t) + 2), 2) * 0.4
        ping = np.sin(2.0 * np.pi * (4000.0 + 3000.0 * high) * t) * (0.5 * ring if letter in "ryp" else 0.0)
        attack_s = 0.012 * colour if letter == "a" else 0.001
        return np.asarray((hiss + ping) * decay(t, ring_s, max(attack_s, 0.001)), np.float32)

    def _tone(self, role: str, pitch: int, centiseconds: int) -> Samples:
        """A note of a tonal role, at most so long."""
        bright, length, kind, attack = self._draw[role]
        duration_s = 0.01 * centiseconds
        t = times(duration_s, self._sample_rate)
        hz = note_hz(pitch)
        if kind < 0.25:
            wave = np.sin(2.0 * np.pi * hz * t) + 0.3 * bright * np.sin(4.0 * np.pi * hz * t)
        elif kind < 0.4:
            wave = np.sin(2.0 * np.pi * hz * t + 3.0 * bright * np.exp(-t / 0.2) * np.sin(4.0 * np.pi * hz * t))
        else:
            wave = saw(hz, len(t), self._sample_rate, 300.0 + 8000.0 * bright * bright)
        sustained = role == "pad" or (role in ("lead", "chord") and length > 0.7)
        attack_s = 0.3 * attack if role == "pad" else 0.002 + 0.03 * attack * attack
        ring_s = 9.0 if sustained else 0.08 + 0.5 * length
        return np.asarray(wave * decay(t, ring_s, attack_s), np.float32)
