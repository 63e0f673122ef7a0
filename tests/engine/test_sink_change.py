"""Sinks come and go while the show plays."""

import queue
import threading

import numpy as np
import pytest

from instrument.clock import SystemClock
from instrument.engine.messages import MessageLog
from instrument.engine.sink_change import SinkRack
from instrument.engine.snapshot import Lamp
from instrument.errors import OutputError, OutputLeftError
from instrument.outputs.null import NullSink
from instrument.outputs.sink import Frame, StreamFormat

STREAM = StreamFormat(8, 8, 30.0, 48_000, 2)
FRAME = Frame(np.zeros((8, 8, 3), np.uint8), 0, 0.0, 0.0)


class Deaf(NullSink):
    """Cannot open."""

    def open(self, stream: StreamFormat) -> None:
        raise OutputError("deaf: cannot open")


@pytest.fixture
def told() -> list[int]:
    return []


class Slow(NullSink):
    """Takes as long to open as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()

    def open(self, stream: StreamFormat) -> None:
        self.begun.set()
        assert self.go_on.wait(10.0)
        super().open(stream)


class Leaving(NullSink):
    """Somebody closes it as soon as it shows something."""

    def send(self, frame: Frame) -> None:
        raise OutputLeftError("leaving: closed by hand")


@pytest.fixture
def gone() -> "queue.SimpleQueue[tuple[str, bool]]":
    return queue.SimpleQueue()


@pytest.fixture
def rack(told: list[int], gone: "queue.SimpleQueue[tuple[str, bool]]") -> SinkRack:
    clock = SystemClock()
    return SinkRack(
        STREAM, MessageLog(clock), lambda runners: told.append(len(runners)), clock, 4.0,
        lambda label, by_hand: gone.put((label, by_hand)),
    )  # fmt: skip


def test_a_sink_joins_gets_frames_and_leaves(rack: SinkRack, told: list[int]) -> None:
    rack.open(NullSink, "null").join(10.0)
    (runner,) = rack.runners
    runner.send(FRAME)
    rack.close("null").join(10.0)
    assert runner.status().sent == 1
    assert (rack.runners, told) == ((), [1, 0])


def test_one_that_is_closed_while_it_opens_never_joins(rack: SinkRack, told: list[int]) -> None:
    slow = Slow()
    opening = rack.open(lambda: slow, "slow")
    assert slow.begun.wait(10.0)
    rack.close("null").join(10.0)
    slow.go_on.set()
    opening.join(10.0)
    assert (rack.runners, slow.is_open, told) == ((), False, [0])


def test_one_that_is_closed_at_its_far_end_leaves_by_itself(
    rack: SinkRack, told: list[int], gone: "queue.SimpleQueue[tuple[str, bool]]"
) -> None:
    rack.open(Leaving, "leaving").join(10.0)
    rack.runners[0].send(FRAME)
    assert gone.get(timeout=10.0) == ("null", True)
    assert (rack.runners, told) == ((), [1, 0])


def test_one_that_cannot_open_is_a_message_and_the_others_stay(
    rack: SinkRack, told: list[int], gone: "queue.SimpleQueue[tuple[str, bool]]"
) -> None:
    rack.open(NullSink, "null").join(10.0)
    rack.open(Deaf, "deaf").join(10.0)
    assert [runner.status().label for runner in rack.runners] == ["null"]
    assert gone.get(timeout=10.0) == ("null", False)
    assert told == [1]
    assert rack._messages.lines()[-1].text == "deaf: cannot open"
    assert rack._messages.lines()[-1].lamp is Lamp.BAD
    rack.close("null").join(10.0)


def test_one_that_breaks_in_an_unknown_way_is_a_message_too(rack: SinkRack) -> None:
    def make() -> NullSink:
        raise ZeroDivisionError("foreign")

    rack.open(make, "odd").join(10.0)
    assert "foreign" in rack._messages.lines()[-1].text
    assert rack.runners == ()


def test_closing_what_is_not_there_is_nothing(rack: SinkRack, told: list[int]) -> None:
    rack.close("spout").join(10.0)
    assert told == [0]
