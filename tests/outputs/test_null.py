from collections.abc import Callable

import numpy as np
import pytest

from instrument.outputs.null import KEPT_INTERVALS, NullSink, NullStatistics
from instrument.outputs.sink import Frame, StreamFormat

STREAM = StreamFormat(48, 32, 60.0, 48000, 2)


def test_statistics_are_those_of_the_frame_times(grey: Callable[..., Frame]) -> None:
    sink = NullSink()
    sink.open(STREAM)
    times_s = np.cumsum([0.0, *[0.010] * 98, 0.050, 0.100])
    for index, time_s in enumerate(times_s):
        sink.send(grey(float(time_s), index=index))
    sink.send_audio(np.zeros((1024, 2), np.float32), 0.0)
    sink.send_audio(np.zeros((7, 2), np.float32), 0.0)
    found = sink.statistics()
    assert (found.frames, found.audio_samples) == (101, 1031)
    assert found.interval_p50_ms == pytest.approx(10.0)
    assert found.interval_p99_ms == pytest.approx(np.percentile(np.diff(times_s), 99) * 1000.0)
    assert found.longest_interval_ms == pytest.approx(100.0)
    assert sink.last_frame is not None
    assert sink.last_frame.index == 100


def test_only_the_newest_intervals_count(grey: Callable[..., Frame]) -> None:
    sink = NullSink()
    sink.open(STREAM)
    frame = grey(0.0)
    for time_s in np.arange(100) * 1.0:
        sink.send(Frame(frame.image, 0, float(time_s), 0.0))
    for time_s in 100.0 + np.arange(KEPT_INTERVALS) * 0.001:
        sink.send(Frame(frame.image, 0, float(time_s), 0.0))
    found = sink.statistics()
    assert found.frames == 100 + KEPT_INTERVALS
    assert found.interval_p50_ms == pytest.approx(1.0)
    assert found.longest_interval_ms == pytest.approx(1000.0)  # the one step between the two runs
    sink.send(Frame(frame.image, 0, 100.0 + KEPT_INTERVALS * 0.001, 0.0))
    assert sink.statistics().longest_interval_ms == pytest.approx(1.0)


def test_nothing_sent_and_opened_again(grey: Callable[..., Frame]) -> None:
    sink = NullSink()
    assert sink.statistics() == NullStatistics(0, 0, 0.0, 0.0, 0.0)
    sink.open(STREAM)
    assert sink.is_open
    sink.send(grey(1.0))
    assert sink.statistics().frames == 1
    assert sink.statistics().interval_p50_ms == 0.0
    sink.close()
    sink.close()
    assert not sink.is_open
    assert sink.statistics().frames == 1
    sink.open(STREAM)
    assert sink.statistics().frames == 0
    assert sink.last_frame is None
