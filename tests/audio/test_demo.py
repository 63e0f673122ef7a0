import time

import numpy as np
import pytest

from instrument.audio.demo import PARTS, PEAK, TEMPO_BPM, demo_length, part_starts_s, render_demo, render_phrases
from instrument.audio.source import SourceState
from instrument.audio.synth import SynthSource
from instrument.clock import ManualClock, SystemClock

RATE = 24000


@pytest.fixture(scope="module")
def demo():
    return render_demo(RATE)


@pytest.fixture(scope="module")
def parts(demo):
    starts = [round(start_s * RATE) for start_s in part_starts_s()] + [len(demo)]
    bar = round(4 * 60 / TEMPO_BPM * RATE)
    return {name: demo[start : stop - bar] for name, start, stop in zip(PARTS, starts, starts[1:], strict=False)}


def rms(samples):
    return float(np.sqrt(np.mean(np.square(samples))))


def power(samples):
    """Power spectra of windows of 2048, ``(windows, 1025)``."""
    mono = samples.mean(axis=1)
    windows = mono[: len(mono) // 2048 * 2048].reshape(-1, 2048) * np.hanning(2048)
    return np.abs(np.fft.rfft(windows)) ** 2 + 1e-10


def flatness(samples):
    """Median over windows of the geometric mean of the power spectrum over its arithmetic mean."""
    spectra = power(samples)
    return float(np.median(np.exp(np.log(spectra).mean(axis=1)) / spectra.mean(axis=1)))


def brightness(samples):
    """Median over windows of the share of the power above 2 kHz."""
    spectra = power(samples)
    bright = np.fft.rfftfreq(2048, 1 / RATE) > 2000
    return float(np.median(spectra[:, bright].sum(axis=1) / spectra.sum(axis=1)))


def beat_share(samples):
    """Share of the variation of the loudness that repeats with the beat."""
    step = RATE // 200
    mono = np.abs(samples.mean(axis=1))
    rise = np.maximum(0.0, np.diff(mono[: len(mono) // step * step].reshape(-1, step).mean(axis=1)))
    rise -= rise.mean()
    lag = 60 / TEMPO_BPM * 200
    same = sum(np.dot(rise[:-shift], rise[shift:]) for shift in (int(lag), int(lag) + 1))
    return float(same / np.dot(rise, rise))


def test_shape_length_and_peak(demo):
    assert demo.shape == (demo_length(RATE), 2)
    assert demo.dtype == np.float32
    assert 85 < len(demo) / RATE < 100
    assert 0.5 < np.abs(demo).max() <= PEAK


def test_it_is_the_same_every_time(demo):
    assert np.array_equal(render_demo(RATE), demo)


def test_phrases_join_to_the_whole(demo):
    lengths = [len(phrase) for phrase in render_phrases(RATE)]
    assert len(lengths) == 12
    assert sum(lengths) == len(demo)


def test_it_grows_from_calm_to_aggressive(parts):
    levels = [rms(parts[name]) for name in PARTS]
    assert levels[0] > 0.02
    assert levels[1] > 2 * levels[0]
    assert levels[2] > 1.2 * levels[1]


def test_the_parts_differ_in_colour(parts):
    flat = [flatness(parts[name]) for name in PARTS]
    assert flat[0] < 0.1 * flat[1] < 0.03 * flat[2]
    bright = [brightness(parts[name]) for name in PARTS]
    assert bright[0] < 0.2 * bright[1] < 0.2 * bright[2]


def test_the_beat_is_clear_from_the_second_part_on(parts):
    shares = {name: beat_share(parts[name]) for name in PARTS}
    assert shares["calm"] < 0.3
    assert min(shares["vibrant"], shares["aggressive"]) > 0.5


def test_no_part_is_silent_anywhere(demo):
    seconds = demo[: len(demo) // RATE * RATE].reshape(-1, RATE * 2)
    assert all(rms(second) > 0.003 for second in seconds)


def test_no_click_where_it_loops(demo):
    assert np.abs(demo[0] - demo[-1]).max() < 0.01


def test_no_constant_offset(parts):
    assert all(np.abs(part.mean(axis=0)).max() < 0.01 for part in parts.values())


def test_the_source_starts_at_once():
    source = SynthSource(SystemClock(), 1024)
    begun_s = time.perf_counter()
    source.open()
    opened_s = time.perf_counter() - begun_s
    assert source.read(1.0) is not None
    source.close()
    assert opened_s < 0.3


def test_the_source_plays_the_piece_and_loops(demo):
    source = SynthSource(ManualClock(), 4000, sample_rate=RATE)
    source.open()
    assert (source.label, source.sample_rate, source.channels) == ("demo", RATE, 2)
    assert source.duration_s == pytest.approx(len(demo) / RATE)
    count = len(demo) // 4000 + 2
    together = np.concatenate([source.read(1.0).samples for _ in range(count)])
    assert np.array_equal(together[: len(demo)], demo)
    assert np.array_equal(together[len(demo) :], demo[: len(together) - len(demo)])
    source.close()
    assert source.state is SourceState.CLOSED


def test_the_source_can_be_closed_while_it_is_written_and_opened_again(demo):
    source = SynthSource(ManualClock(), 4000, sample_rate=RATE)
    for _ in range(2):
        source.open()
        assert np.array_equal(source.read(1.0).samples, demo[:4000])
        source.close()
