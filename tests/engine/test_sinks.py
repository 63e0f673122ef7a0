"""Every sink has its own thread: slow and broken ones harm nobody, recorders lose no sound."""

import threading

import numpy as np
import numpy.typing as npt
import pytest

from instrument.clock import SystemClock
from instrument.engine.messages import MessageLog
from instrument.engine.sink_runner import SinkRunner
from instrument.engine.snapshot import Lamp
from instrument.errors import OutputError, OutputLeftError
from instrument.outputs.null import NullSink
from instrument.outputs.sink import Frame, Sink, StreamFormat

STREAM = StreamFormat(8, 8, 30.0, 48_000, 2)


class ListSink:
    """Keeps what it is given; `gate` holds it up, `trouble` breaks it."""

    def __init__(self, queue_frames: int = 1, trouble: str = "") -> None:
        self.label = "list"
        self.queue_frames = queue_frames
        self.wants_audio = True
        self.frames: list[int] = []
        self.sound: list[npt.NDArray[np.float32]] = []
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.closed = 0
        self._trouble = trouble
        self.notice, self.lag_s = "", 0.02

    def open(self, stream: StreamFormat) -> None:
        if self._trouble == "open":
            raise OutputError("list: cannot open")

    def send(self, frame: Frame) -> None:
        self.entered.set()
        if self._trouble == "left":
            raise OutputLeftError("list: closed by hand")
        if self._trouble == "send":
            raise OutputError("list: broke")
        if self._trouble == "foreign":
            raise ZeroDivisionError("foreign")
        self.gate.wait(10.0)
        self.frames.append(frame.index)

    def send_audio(self, samples: npt.NDArray[np.float32], capture_time_s: float) -> None:
        self.sound.append(samples)

    def close(self) -> None:
        self.closed += 1


def frame(index: int) -> Frame:
    return Frame(np.zeros((8, 8, 3), np.uint8), index, index / 30.0, float("nan"))


def run(sink: Sink) -> tuple[SinkRunner, MessageLog]:
    messages = MessageLog(SystemClock())
    runner = SinkRunner(sink, STREAM, messages, SystemClock())
    runner.open()
    return runner, messages


def test_a_slow_sink_gets_the_latest_and_counts_the_rest() -> None:
    sink = ListSink()
    runner, _ = run(sink)
    runner.send(frame(0))
    assert sink.entered.wait(5.0)
    for index in range(1, 10):
        runner.send(frame(index))
    sink.gate.set()
    runner.close()
    assert sink.frames == [0, 9]
    assert runner.status().dropped == 8
    assert sink.closed == 1


def test_a_recorder_gets_everything_in_order() -> None:
    sink = ListSink(queue_frames=100)
    sink.gate.set()
    runner, _ = run(sink)
    for index in range(50):
        runner.send(frame(index))
        runner.send_audio(np.full((4, 2), index, np.float32), index / 30.0)
    runner.close()
    assert sink.frames == list(range(50))
    assert [int(block[0, 0]) for block in sink.sound] == list(range(50))
    assert runner.status().dropped == 0


def test_a_sink_that_cannot_open_raises_before_the_show() -> None:
    runner = SinkRunner(ListSink(trouble="open"), STREAM, MessageLog(SystemClock()), SystemClock())
    with pytest.raises(OutputError, match="cannot open"):
        runner.open()


@pytest.mark.parametrize(("trouble", "text"), [("send", "list: broke"), ("foreign", "list: foreign")])
def test_a_sink_that_breaks_lights_a_lamp_and_the_others_play(trouble: str, text: str) -> None:
    broken, _ = sink, other = ListSink(trouble=trouble), NullSink()
    runner, messages = run(sink)
    other_runner, _ = run(other)
    for index in range(5):
        runner.send(frame(index))
        other_runner.send(frame(index))
    runner.close()
    other_runner.close()
    status = runner.status()
    assert status.lamp is Lamp.BAD
    assert status.detail == text
    assert any(line.text == text for line in messages.lines())
    assert broken.closed == 1
    assert other_runner.status().lamp is Lamp.GOOD
    assert other_runner.status().sent >= 1


def test_the_same_line_twice_is_kept_once() -> None:
    messages = MessageLog(SystemClock())
    messages.say(Lamp.WARN, "a")
    messages.say(Lamp.WARN, "a")
    messages.say(Lamp.WARN, "b")
    assert [line.text for line in messages.lines()] == ["a", "b"]


def test_one_that_is_closed_at_its_far_end_is_no_fault() -> None:
    sink, left = ListSink(trouble="left"), threading.Event()
    messages = MessageLog(SystemClock())
    runner = SinkRunner(sink, STREAM, messages, SystemClock(), left=lambda _runner: left.set())
    runner.open()
    runner.send(frame(0))
    assert left.wait(5.0)
    runner.close()
    assert (sink.closed, runner.has_left, runner.status().lamp) == (1, True, Lamp.GOOD)
    assert [(line.lamp, line.text) for line in messages.lines()] == [(Lamp.GOOD, "list: closed by hand")]


def test_what_is_amiss_for_a_while_is_told_and_so_is_that_it_is_over() -> None:
    sink = ListSink()
    sink.gate.set()
    runner, messages = run(sink)
    seen = []
    for index, notice in enumerate(("", "list: far away", "list: far away", "")):
        sink.notice = notice
        runner.send(frame(index))
        while runner.status().sent <= index or runner.status().detail != notice:
            sink.entered.wait(0.01)
        seen.append(runner.status().lamp)
    runner.close()
    assert seen == [Lamp.GOOD, Lamp.WARN, Lamp.WARN, Lamp.GOOD]
    assert [line.text for line in messages.lines()] == ["list: far away", "list: well again"]
    far = next(stage for stage in runner.stages() if stage.name == "list on the screen")
    assert far.p50_ms == pytest.approx(20.0)
