"""Work behind the show: its failures are messages, and its right to a core is not that of the hand that asked."""

import os
import sys
import threading

import pytest

from instrument.background import NICENESS, come_second
from instrument.clock import SystemClock
from instrument.engine.behind import be_ready, behind
from instrument.engine.messages import MessageLog
from instrument.engine.snapshot import Lamp
from instrument.errors import InstrumentError

LEAST_RIGHT = 19
"""Of a thread, in Linux's numbers."""


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.parametrize(
    ("error", "words"), [(InstrumentError("no such interface"), "no such interface"), (RuntimeError("odd"), "odd")]
)
def test_what_goes_wrong_becomes_a_message(error: Exception, words: str) -> None:
    messages = MessageLog(SystemClock())

    def work() -> None:
        raise error

    behind("trying", messages, work).join()
    (line,) = messages.lines()
    assert line.lamp is Lamp.BAD
    assert words in line.text


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a right of their own on Linux only")
def test_a_thread_that_comes_after_others_does_not_hand_that_down_to_work_behind_the_show() -> None:
    before = niceness()
    found: list[int] = []

    def look() -> None:
        found.append(niceness())

    def surface() -> None:
        be_ready()
        for prepare in (look, come_second):
            prepare()
            behind("looking", MessageLog(SystemClock()), look).join()
        look()

    thread = threading.Thread(target=surface)
    thread.start()
    thread.join()
    own_before, behind_before, behind_after, own_after = found
    assert behind_after == behind_before
    assert (own_before, own_after) == (before, min(before + NICENESS, LEAST_RIGHT))
    assert niceness() == before
