"""Threads that draw together, held to cores of their own."""

import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from instrument.engine.cores import LOOK_EVERY_S, CoreKeeper, drawing_together, used_by_threads_s

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads are held to cores on Linux only")
BURNT_S = 0.25


def burn(seconds: float) -> None:
    """Use that much processor time in this thread."""
    until_s = time.thread_time() + seconds
    block = bytes(1 << 20)
    while time.thread_time() < until_s:
        hashlib.sha256(block).digest()


class Drawing:
    """A render thread and one that draws with it, for as long as a test."""

    def __init__(self, cores: set[int]) -> None:
        self._render, self._other = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self.render, self.other = (
            pool.submit(threading.get_native_id).result() for pool in (self._render, self._other)
        )
        self.keeper = self.ask(lambda: CoreKeeper(cores))
        self.now_s = 0.0
        self.look()

    def ask(self, what: Callable[[], Any]) -> Any:
        return self._render.submit(what).result()

    def look(self, shares: tuple[float, float] = (0.0, 0.0)) -> None:
        """Draw with `shares` of the usual work, then let the keeper look."""
        work = [
            pool.submit(burn, BURNT_S * share) for pool, share in zip((self._render, self._other), shares, strict=True)
        ]
        for part in work:
            part.result()
        self.now_s += LOOK_EVERY_S
        self.ask(lambda: self.keeper.note(self.now_s))

    def close(self) -> None:
        self._render.shutdown()
        self._other.shutdown()


@pytest.fixture
def cores() -> set[int]:
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        pytest.skip("needs two cores")
    return set(usable[:2])


@pytest.fixture
def drawing(cores: set[int]) -> Iterator[Drawing]:
    made = Drawing(cores)
    yield made
    made.close()


@linux
def test_two_that_draw_together_get_a_core_each_and_lose_it_again(drawing: Drawing, cores: set[int]) -> None:
    drawing.look((1.0, 1.0))
    assert drawing.keeper.held == (drawing.render, drawing.other)
    held = [os.sched_getaffinity(task) for task in (drawing.render, drawing.other)]
    assert [len(place) for place in held] == [1, 1]
    assert set.union(*held) == cores
    drawing.ask(drawing.keeper.release)
    assert [os.sched_getaffinity(task) for task in (drawing.render, drawing.other)] == [cores, cores]


@linux
def test_one_that_draws_alone_is_left_alone(drawing: Drawing) -> None:
    before = os.sched_getaffinity(drawing.render)
    drawing.look((1.0, 0.3))
    assert drawing.keeper.held == ()
    assert os.sched_getaffinity(drawing.render) == before


@linux
def test_the_other_goes_where_it_likes_once_it_rests(drawing: Drawing, cores: set[int]) -> None:
    drawing.look((1.0, 1.0))
    drawing.look((1.0, 0.0))
    assert drawing.keeper.held == ()
    assert os.sched_getaffinity(drawing.other) == cores


@linux
def test_processor_time_is_told_by_thread() -> None:
    own = threading.get_native_id()
    before_s = used_by_threads_s()[own]
    burn(0.2)
    assert used_by_threads_s()[own] - before_s == pytest.approx(0.2, abs=0.05)


def test_more_than_there_are_cores_are_not_held() -> None:
    assert drawing_together(1, {}, {1: 1.0, 2: 1.0, 3: 0.9}) == (1, 2, 3)


def test_without_a_choice_of_cores_nothing_is_asked() -> None:
    keeper = CoreKeeper({0})
    keeper.note(0.0)
    keeper.note(10.0)
    assert keeper.held == ()
