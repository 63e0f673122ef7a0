"""Build-ups arm, the bass fires, ordinary music does neither."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import butter, sosfilt

from instrument.features.drop import FIRED_S, DropDetector
from instrument.features.extractor import FeatureExtractor
from instrument.features.rhythm import DropState

Floats = npt.NDArray[np.float64]
RATE = 24_000
BEAT_S = 60.0 / 128.0
HOP_SIZE = 512
Log = list[tuple[float, DropState]]


def groove(bars: int, rng: np.random.Generator) -> Floats:
    """Kick, bass, hats and chords."""
    sound = np.zeros(round(4 * bars * BEAT_S * RATE))
    t = np.arange(round(0.3 * RATE)) / RATE
    kick = 0.8 * np.sin(2.0 * np.pi * (50.0 * t + 4.0 * (1.0 - np.exp(-30.0 * t)))) * np.exp(-9.0 * t)
    bass = 0.3 * np.sin(2.0 * np.pi * 55.0 * t) * np.minimum(1.0, (0.3 - t) * 20.0)
    hat = 0.12 * np.diff(rng.standard_normal(len(t) + 1)) * np.exp(-70.0 * t)
    for beat in range(4 * bars):
        for offset, note in ((0.0, kick), (0.5, bass), (0.5, hat)):
            start = round((beat + offset) * BEAT_S * RATE)
            part = note[: max(len(sound) - start, 0)]
            sound[start : start + len(part)] += part
    return sound + chords(len(sound))


def chords(length: int) -> Floats:
    t = np.arange(length) / RATE
    return 0.04 * sum(np.sign(np.sin(2.0 * np.pi * tone_hz * t)) for tone_hz in (220.0, 277.2, 330.0))


def build_up(bars: int, style: str, rng: np.random.Generator) -> Floats:
    """The bass is gone, and a sweep of noise or a denser roll rises."""
    length = round(4 * bars * BEAT_S * RATE)
    rise = np.arange(length) / length
    sound = sosfilt(butter(2, 180.0, "hp", fs=RATE, output="sos"), chords(length))
    if style == "sweep":
        noise = sosfilt(butter(2, 2500.0, "hp", fs=RATE, output="sos"), rng.standard_normal(length))
        return sound + 0.12 * rise**1.5 * noise
    t = np.arange(round(0.12 * RATE)) / RATE
    place_s, length_s = 0.0, length / RATE
    while place_s < length_s:
        start = round(place_s * RATE)
        hit = 0.25 * (0.4 + place_s / length_s) * rng.standard_normal(len(t)) * np.exp(-35.0 * t)
        part = hit[: max(length - start, 0)]
        sound[start : start + len(part)] += part
        place_s += BEAT_S / (1 + int(3.0 * place_s / length_s))
    return sound


def watch(sound: Floats, detector: DropDetector, *, arms: bool = True) -> Log:
    """The changes of state, and when."""
    extractor = FeatureExtractor(RATE, HOP_SIZE)
    noise = 1e-4 * np.random.default_rng(8).standard_normal(len(sound))
    samples = (0.6 * sound + noise).astype(np.float32)[:, None]
    log: Log = []
    for vector in extractor.hops(samples, len(samples) / RATE):
        state = detector.process(extractor.power, vector.onset_strength, HOP_SIZE / RATE, arms=arms)
        if not log or state is not log[-1][1]:
            log.append((vector.capture_time_s, state))
    return log


def detector() -> DropDetector:
    return DropDetector(RATE, 1025)


@pytest.mark.parametrize("style", ["sweep", "roll"])
def test_a_build_up_arms_and_the_bass_fires(style: str) -> None:
    rng = np.random.default_rng(3)
    before, rising, after = groove(6, rng), build_up(4, style, rng), groove(2, rng)
    log = watch(np.concatenate([before, rising, after]), detector())
    gone_s, back_s = len(before) / RATE, (len(before) + len(rising)) / RATE
    assert [state for _, state in log] == [
        DropState.WATCHING, DropState.ARMED, DropState.FIRED, DropState.WATCHING,
    ]  # fmt: skip
    (_, (armed_s, _), (fired_s, _), (over_s, _)) = log
    assert gone_s + 2.0 < armed_s < back_s - 1.0
    assert -0.001 < fired_s - back_s < 0.06
    assert over_s - fired_s == pytest.approx(FIRED_S, abs=0.1)


def test_a_groove_does_not_arm() -> None:
    log = watch(groove(16, np.random.default_rng(5)), detector())
    assert [state for _, state in log] == [DropState.WATCHING]


def test_a_build_up_that_goes_quiet_is_let_go() -> None:
    rng = np.random.default_rng(3)
    sound = np.concatenate([groove(6, rng), build_up(4, "sweep", rng), np.zeros(round(20.0 * RATE))])
    assert [state for _, state in watch(sound, detector())] == [DropState.WATCHING, DropState.ARMED, DropState.WATCHING]


def test_switched_off_it_listens_and_stays_off() -> None:
    rng = np.random.default_rng(3)
    rising = np.concatenate([groove(6, rng), build_up(4, "sweep", rng)])
    watcher = detector()
    assert [state for _, state in watch(rising, watcher, arms=False)] == [DropState.OFF]
    assert watch(groove(1, rng), watcher)[0][1] is DropState.WATCHING


def test_reset_equals_fresh() -> None:
    rng = np.random.default_rng(3)
    sound = np.concatenate([groove(6, rng), build_up(3, "roll", rng)])
    used = detector()
    first = watch(sound, used)
    used.reset()
    assert watch(sound, used) == first
    assert used.state is DropState.ARMED
