"""Hand-over and pacing: nothing waits for a slow reader, nothing rushes after a stall."""

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.engine.mailbox import Mailbox
from instrument.engine.pacing import Pacer


@given(items=st.lists(st.integers(), max_size=30), capacity=st.integers(1, 10))
def test_a_full_box_keeps_the_newest_in_order(items: list[int], capacity: int) -> None:
    box = Mailbox[int](capacity)
    for item in items:
        box.put(item)
    kept = items[-capacity:]
    assert [box.get(0.0) for _ in kept] == kept
    assert box.get(0.0) is None
    assert box.dropped == len(items) - len(kept)


def test_a_waiting_reader_is_woken_by_an_item_and_by_closing() -> None:
    box = Mailbox[str]()
    got: list[str | None] = []
    reader = threading.Thread(target=lambda: got.extend((box.get(10.0), box.get(10.0))))
    reader.start()
    box.put("one")
    while not got and reader.is_alive() and not box.empty:
        pass
    box.close()
    reader.join(5.0)
    assert got == ["one", None]


def test_a_closed_box_gives_what_it_has_and_takes_nothing() -> None:
    box = Mailbox[int](4)
    box.put(1)
    box.close()
    box.put(2)
    assert (box.get(0.0), box.get(0.0), box.closed, box.empty) == (1, None, True, True)


@given(rate_hz=st.floats(1.0, 240.0), jitter=st.lists(st.floats(0.0, 0.9), min_size=2, max_size=50))
def test_deadlines_are_even_whatever_the_jitter(rate_hz: float, jitter: list[float]) -> None:
    pacer = Pacer(rate_hz)
    deadlines_s, now_s = [], 0.0
    for share in jitter:
        deadline_s = pacer.next_deadline_s(now_s)
        deadlines_s.append(deadline_s)
        now_s = deadline_s + share * pacer.period_s
    steps_s = [after - before for before, after in itertools.pairwise(deadlines_s)]
    assert steps_s == pytest.approx([pacer.period_s] * len(steps_s), rel=1e-6)


@given(stall_s=st.floats(0.3, 100.0))
def test_after_a_stall_it_does_not_rush(stall_s: float) -> None:
    pacer = Pacer(10.0)
    pacer.next_deadline_s(0.0)
    after_s = pacer.next_deadline_s(stall_s)
    assert after_s == stall_s
    assert pacer.next_deadline_s(after_s) == pytest.approx(stall_s + 0.1)


def test_reset_equals_fresh() -> None:
    pacer = Pacer(10.0)
    pacer.next_deadline_s(0.0)
    pacer.reset()
    assert pacer.next_deadline_s(0.05) == Pacer(10.0).next_deadline_s(0.05)
