"""A generator that is slow at first does not hold the show up."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from instrument.clock import ManualClock
from instrument.engine.inbetween import REST, SETTLING_S, SLOW_S, Inbetween, blend
from instrument.generator.protocol import IDENTITY

WaitUntil = Callable[[Callable[[], bool]], None]
WS = np.zeros((1, 1), np.float32)


class Warmed:
    """Pictures of one brightness after the other; slow ones wait until they are let go."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock, self.is_warming, self.asked, self.takes_s = clock, True, 0, 2.0 * SLOW_S
        self.gate = threading.Event()
        self.error: Exception | None = None

    def wait_until_fast(self, timeout_s: float) -> bool:
        raise AssertionError("nobody waits while playing")

    def render(self, ws: np.ndarray, transform: np.ndarray) -> np.ndarray:
        self.asked += 1
        number = self.asked
        if number > 1 and self.is_warming:
            assert self.gate.wait(10.0)
            self.gate.clear()
        if self.error is not None:
            raise self.error
        if number == 1 or not self.is_warming:
            self.clock.advance(self.takes_s)
        return np.full((2, 2, 3), min(100 * number, 250), np.uint8)


@pytest.fixture
def warmed() -> tuple[Any, Inbetween]:
    clock = ManualClock(1.0)
    generator = Warmed(clock)
    return generator, Inbetween(generator, clock)


def level(image: np.ndarray) -> int:
    return int(image[0, 0, 0])


def test_it_blends_while_it_waits(warmed: tuple[Any, Inbetween], wait_until: WaitUntil) -> None:
    generator, pictures = warmed
    assert level(pictures.render(WS, IDENTITY)) == 100
    pictures.render(WS, IDENTITY)
    assert generator.asked == 1, "the compiler needs the cores, too"
    generator.clock.advance(REST * generator.takes_s)
    assert [level(pictures.render(WS, IDENTITY)) for _ in range(3)] == [100] * 3, "nothing new yet, and nobody waited"
    assert generator.asked == 2
    generator.clock.advance(0.1)
    generator.gate.set()
    wait_until(lambda: pictures._job is not None and pictures._job.is_done)
    levels = []
    for _ in range(5):
        levels.append(level(pictures.render(WS, IDENTITY)))
        generator.clock.advance(0.04)
    assert levels[0] == 100
    assert levels == sorted(levels)
    assert 100 < levels[2] < 200
    assert levels[-1] == 200
    generator.gate.set()


def test_fast_pictures_take_over_without_a_step(warmed: tuple[Any, Inbetween], wait_until: WaitUntil) -> None:
    generator, pictures = warmed
    pictures.render(WS, IDENTITY)
    generator.clock.advance(REST * generator.takes_s)
    pictures.render(WS, IDENTITY)
    generator.takes_s = 0.01
    generator.gate.set()
    wait_until(lambda: pictures._job is not None and pictures._job.is_done)
    generator.is_warming = False
    levels = [level(pictures.render(WS, IDENTITY)) for _ in range(int(SETTLING_S / 0.01) + 10)]
    assert levels[0] == 100
    assert max(np.abs(np.diff(levels))) < 60
    assert levels[-1] == 250
    assert generator.asked > 20, "each is its own again"


def test_a_fast_generator_is_left_alone(warmed: tuple[Any, Inbetween]) -> None:
    generator, pictures = warmed
    generator.takes_s = 0.5 * SLOW_S
    generator.gate.set()
    assert level(pictures.render(WS, IDENTITY)) == 100
    assert level(pictures.render(WS, IDENTITY)) == 200
    assert pictures._job is None


def test_what_goes_wrong_is_raised_where_it_was_asked_for(warmed: tuple[Any, Inbetween], wait_until: WaitUntil) -> None:
    generator, pictures = warmed
    pictures.render(WS, IDENTITY)
    generator.clock.advance(REST * generator.takes_s)
    generator.error = ValueError("no picture")
    pictures.render(WS, IDENTITY)
    generator.gate.set()
    wait_until(lambda: pictures._job is not None and pictures._job.is_done)
    with pytest.raises(ValueError, match="no picture"):
        pictures.render(WS, IDENTITY)
    assert level(pictures.render(WS, IDENTITY)) == 100, "the show goes on"
    generator.gate.set()


def test_a_blend_leaves_its_pictures_alone() -> None:
    soon, late = np.full((2, 2, 3), 10, np.uint8), np.full((2, 2, 3), 20, np.uint8)
    assert blend(soon, late, -1.0) is soon
    assert blend(soon, late, 2.0) is late
    assert level(blend(soon, late, 0.5)) == 15
    assert (level(soon), level(late)) == (10, 20)
