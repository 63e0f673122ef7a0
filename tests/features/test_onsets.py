"""Attacks with exact times: found, counted once, stamped within the hop."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from instrument.features.extractor import FeatureExtractor
from instrument.features.onsets import OnsetPicker, attack_age
from instrument.features.rhythm import Onset

Floats = npt.NDArray[np.float32]
RATE = 48_000
TOLERANCE_S = 0.05


def kick(t: Floats, rng: np.random.Generator) -> Floats:
    return np.sin(2.0 * np.pi * (50.0 * t + 4.0 * (1.0 - np.exp(-30.0 * t)))) * np.exp(-12.0 * t)


def snare(t: Floats, rng: np.random.Generator) -> Floats:
    return 0.4 * rng.standard_normal(len(t)) * np.exp(-25.0 * t)


def pluck(t: Floats, rng: np.random.Generator) -> Floats:
    tone_hz = 110.0 * 2.0 ** (rng.integers(0, 30) / 12.0)
    partials = sum(np.sin(2.0 * np.pi * tone_hz * n * t) / n for n in range(1, 7))
    return 0.4 * partials * np.exp(-6.0 * t) * np.minimum(t / 0.004, 1.0)


def attacks(voices: list[Callable], seed: int, bed: float = 0.0) -> tuple[Floats, Floats]:  # type: ignore[type-arg]
    """Forty attacks over a range of 14 dB, 0.12 to 0.6 s apart, over a chord of level `bed`: samples and times."""
    rng = np.random.default_rng(seed)
    times_s = 1.0 + np.cumsum(rng.uniform(0.12, 0.6, 40))
    t = np.arange(round(0.4 * RATE)) / RATE
    sound = 5e-4 * rng.standard_normal(round((times_s[-1] + 1.0) * RATE))
    whole = np.arange(len(sound)) / RATE
    sound += bed * sum(np.sin(2.0 * np.pi * tone_hz * whole) for tone_hz in (110.0, 165.0, 220.0, 277.0))
    for time_s in times_s:
        voice = voices[rng.integers(len(voices))]
        start = round(time_s * RATE)
        sound[start : start + len(t)] += 0.6 * 10.0 ** (rng.uniform(-14.0, 0.0) / 20.0) * voice(t, rng)
    return (0.6 * sound).astype(np.float32), times_s


def pick(sound: Floats, hop_size: int) -> dict[float, list[Onset]]:
    """Every announcement, by the time that it gives."""
    extractor = FeatureExtractor(RATE, hop_size)
    picker = OnsetPicker(RATE, hop_size, len(extractor.power))
    found: dict[float, list[Onset]] = {}
    for vector in extractor.hops(sound[:, None], len(sound) / RATE):
        onset = picker.process(extractor.power, extractor.window, vector.capture_time_s)
        if onset is not None:
            found.setdefault(onset.time_s, []).append(onset)
    return found


def f_measure(found_s: list[float], true_s: Floats) -> float:
    left = list(found_s)
    hits = 0
    for time_s in true_s:
        near = [found for found in left if abs(found - time_s) <= TOLERANCE_S]
        if near:
            left.remove(min(near, key=lambda found: abs(found - time_s)))
            hits += 1
    return 2.0 * hits / (len(found_s) + len(true_s))


@pytest.mark.parametrize("hop_size", [1024, 256])
@pytest.mark.parametrize(
    ("voices", "bed", "least"), [([kick], 0.0, 0.99), ([snare], 0.0, 0.99), ([kick, snare, pluck], 0.05, 0.95)]
)
def test_finds_what_was_put_in(hop_size: int, voices: list[Callable], bed: float, least: float) -> None:  # type: ignore[type-arg]
    sound, true_s = attacks(voices, seed=hop_size, bed=bed)
    found = pick(sound, hop_size)
    assert f_measure(sorted(found), true_s) >= least
    errors_s = [min(abs(time_s - true) for true in true_s) for time_s in found]
    # Far inside a hop of 21 ms.
    assert np.median(errors_s) < 0.003


def test_strength_tells_loud_from_soft_and_only_grows() -> None:
    sound, _true_s = attacks([kick], seed=4)
    found = pick(sound, 1024)
    for announced in found.values():
        strengths = [onset.strength for onset in announced]
        assert strengths == sorted(strengths)
        assert all(0.0 < strength <= 1.0 for strength in strengths)
    final = np.array([announced[-1].strength for _, announced in sorted(found.items())])
    loudness = [np.abs(sound[round(t * RATE) : round((t + 0.05) * RATE)]).max() for t in sorted(found)]
    assert np.corrcoef(final, loudness)[0, 1] > 0.7


@pytest.mark.parametrize("level", [0.0, 1e-3, 0.3])
def test_steady_sound_has_none(level: float) -> None:
    sound = (level * np.random.default_rng(1).standard_normal(5 * RATE)).astype(np.float32)
    late = [time_s for time_s in pick(sound, 1024) if time_s > 0.2]
    assert late == []


def test_reset_equals_fresh() -> None:
    sound, _ = attacks([kick, snare], seed=9)
    extractor = FeatureExtractor(RATE, 512)
    picker = OnsetPicker(RATE, 512, len(extractor.power))

    def play() -> list[Onset | None]:
        extractor.reset()
        hops = extractor.hops(sound[: 4 * RATE, None], 0.0)
        return [picker.process(extractor.power, extractor.window, vector.capture_time_s) for vector in hops]

    first = play()
    picker.reset()
    assert play() == first


def test_attack_age_is_that_of_the_steepest_rise() -> None:
    rng = np.random.default_rng(0)
    sound = 0.01 * rng.standard_normal(2048)
    sound[-640:] += 0.5 * rng.standard_normal(640)
    assert attack_age(sound.astype(np.float32)) == 640
    assert attack_age(np.zeros(2048, np.float32)) in range(2049)
    assert attack_age(np.zeros(10, np.float32)) == 0
