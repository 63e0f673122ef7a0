"""The render thread on a clock of its own: a slow picture makes it give way, and it says so."""

from collections.abc import Callable

import numpy as np

from instrument.clock import ManualClock
from instrument.engine.ears import NOTHING_HEARD
from instrument.engine.eyes import Eyes
from instrument.engine.messages import MessageLog
from instrument.engine.picturing import Picture
from instrument.engine.snapshot import Lamp
from instrument.mapping.mapper import MoodTarget
from instrument.params.store import ParamStore
from instrument.params.table import build_table


class Slow:
    """A generator that is warm when it is told to."""

    def __init__(self, is_warming: Callable[[], bool]) -> None:
        self._is_warming = is_warming

    @property
    def is_warming(self) -> bool:
        return self._is_warming()

    def wait_until_fast(self, timeout_s: float) -> bool:
        raise AssertionError("nobody waits while playing")


class SlowChain:
    """Pictures that take as long as they are told to, on a manual clock."""

    def __init__(
        self, clock: ManualClock, render_s: Callable[[float], float], is_warming: Callable[[float], bool]
    ) -> None:
        self.clock, self.render_s = clock, render_s
        self.mood_names, self.generator = ("one",), Slow(lambda: is_warming(clock.now_s()))

    def process(self, *_: object) -> Picture:
        self.clock.advance(self.render_s(self.clock.now_s()))
        return Picture(np.zeros((1, 1, 3), np.uint8), MoodTarget(*np.zeros((5, 1))))


def played(
    render_s: Callable[[float], float],
    until_s: float,
    wait_until: Callable[[Callable[[], bool]], None],
    is_warming: Callable[[float], bool] = lambda _: False,
) -> tuple[Eyes, MessageLog]:
    clock = ManualClock(1.0)
    messages = MessageLog(clock)
    eyes = Eyes(
        SlowChain(clock, render_s, is_warming),
        ParamStore(build_table(("one",))),
        lambda _: NOTHING_HEARD,
        clock,
        messages,
        30.0,
    )
    eyes.start(())
    wait_until(lambda: clock.now_s() > until_s)
    eyes.close()
    return eyes, messages


def test_gives_way_once_and_says_so(wait_until: Callable[[Callable[[], bool]], None]) -> None:
    eyes, messages = played(lambda _: 0.05, 20.0, wait_until)
    assert [(line.lamp, line.text) for line in messages.lines()] == [
        (Lamp.WARN, "this machine cannot hold 30 fps; playing 15")
    ]
    assert eyes.meter.recent().target_rate_hz == 15.0
    assert abs(eyes.meter.recent().frame_rate_hz - 15.0) < 0.5
    assert eyes.meter.overall().target_rate_hz == 30.0


def test_comes_back_and_says_so(wait_until: Callable[[Callable[[], bool]], None]) -> None:
    eyes, messages = played(lambda now_s: 0.05 if now_s < 12.0 else 0.004, 60.0, wait_until)
    assert messages.lines()[-1].text == "there is room again; playing 30 fps"
    assert messages.lines()[-1].lamp is Lamp.GOOD
    assert eyes.meter.recent().target_rate_hz == 30.0


def test_warming_up_is_no_reason(wait_until: Callable[[Callable[[], bool]], None]) -> None:
    def is_slow(now_s: float) -> bool:
        return now_s < 15.0

    _, messages = played(lambda now_s: 0.2 if is_slow(now_s) else 0.004, 40.0, wait_until, is_slow)
    assert messages.lines() == ()
