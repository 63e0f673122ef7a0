"""Synthesised sound of known character, from the voices of the demo: what the music at hand has little of."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from instrument.audio import demo_voices as voice
from instrument.audio.demo import PARTS, part_starts_s, render_demo

Samples = npt.NDArray[np.float32]

SAMPLE_RATE = 48_000
CLIPS = 12
"""Of each character."""
CLIP_S = 24.0
CHARACTER_OF_PART = {"calm": "calm", "vibrant": "bright", "aggressive": "heavy"}


def clips(seed: int) -> Iterator[tuple[str, str, Samples]]:
    """Name, character and samples ``(n, 1)`` or ``(n, 2)`` of each clip at `SAMPLE_RATE`; the demo's parts first."""
    demo = render_demo(SAMPLE_RATE)
    starts = [round(start_s * SAMPLE_RATE) for start_s in part_starts_s()]
    for part, start, stop in zip(PARTS, starts, [*starts[1:], len(demo)], strict=True):
        yield f"demo-{part}", CHARACTER_OF_PART[part], demo[start:stop]
    for character, write in WRITERS.items():
        for number in range(CLIPS):
            rng = np.random.default_rng([seed, number, len(character)])
            yield f"{character}-{number}", character, write(rng)


class _Sheet:
    """Notes added to silence, on a grid of sixteenths of a tempo."""

    def __init__(self, tempo_bpm: float) -> None:
        self._sixteenth_s = 15.0 / tempo_bpm
        self.steps = int(CLIP_S / self._sixteenth_s)
        self.samples = np.zeros((round((CLIP_S + 6.0) * SAMPLE_RATE), 1), np.float32)

    def add(self, step: float, note: Samples, gain: float) -> None:
        mono = note.mean(axis=1) if note.ndim == 2 else note
        start = round(step * self._sixteenth_s * SAMPLE_RATE)
        stop = min(start + len(mono), len(self.samples))
        self.samples[start:stop, 0] += np.float32(gain) * mono[: stop - start]

    def mixed(self, peak: float) -> Samples:
        whole = self.samples[: round(CLIP_S * SAMPLE_RATE)]
        return np.asarray(np.tanh(whole * np.float32(peak / max(float(np.abs(whole).max()), 1e-6))), np.float32)


def _heavy(rng: np.random.Generator) -> Samples:
    sheet = _Sheet(rng.uniform(80.0, 175.0))
    root = int(rng.integers(24, 34))
    kick = voice.kick(SAMPLE_RATE, rng.uniform(1.5, 7.0))
    sub = partial(voice.bass if rng.random() < 0.5 else voice.growl, duration_s=0.3, sample_rate=SAMPLE_RATE)
    hat, snare = voice.hat(SAMPLE_RATE, 0.03, 13), voice.snare(SAMPLE_RATE, 0.08)
    hats, snares = rng.uniform(0.0, 0.25, 2)
    for step in range(sheet.steps):
        if step % 4 == 0 or rng.random() < 0.08:
            sheet.add(step, kick, 0.9)
        if step % 2 == 0:
            sheet.add(step, sub(root + int(rng.choice([0, 0, 3, 5, 7]))), 0.5)
            sheet.add(step, hat, hats)
        if step % 8 == 4:
            sheet.add(step, snare, snares)
    return sheet.mixed(rng.uniform(0.4, 1.6))


def _calm(rng: np.random.Generator) -> Samples:
    sheet = _Sheet(60.0)
    root = int(rng.integers(50, 62))
    bells = rng.uniform(0.0, 0.06)
    for step in range(0, sheet.steps, 20):
        for interval in rng.choice([0, 3, 5, 7, 10, 12], 3, replace=False):
            sheet.add(step, voice.pad(root + int(interval), 6.0, SAMPLE_RATE, rng.uniform(400.0, 1200.0)), 0.3)
    for chance in np.flatnonzero(rng.random(sheet.steps) < bells):
        sheet.add(float(chance), voice.bell(root + 12 + int(rng.integers(0, 12)), SAMPLE_RATE), 0.12)
    return sheet.mixed(rng.uniform(0.03, 0.18))


def _bright(rng: np.random.Generator) -> Samples:
    sheet = _Sheet(rng.uniform(95.0, 140.0))
    root = int(rng.integers(55, 68))
    chord = rng.choice([(0, 4, 7, 11), (0, 3, 7, 10), (0, 4, 7, 14)])
    hat, hats = voice.hat(SAMPLE_RATE, 0.03, 13), rng.uniform(0.0, 0.3)
    for step in range(sheet.steps):
        sheet.add(step, voice.pluck(root + int(chord[step % 4]) + 12 * (step // 8 % 2), SAMPLE_RATE), 0.35)
        if step % 16 == 0:
            for interval in chord:
                sheet.add(step, voice.pad(root + int(interval), 2.1, SAMPLE_RATE, 6000.0, attack_s=0.1), 0.2)
        if step % 4 == 2:
            sheet.add(step, hat, hats)
    return sheet.mixed(rng.uniform(0.2, 0.8))


WRITERS: dict[str, Callable[[np.random.Generator], Samples]] = {"heavy": _heavy, "calm": _calm, "bright": _bright}
