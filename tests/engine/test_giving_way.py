"""Pacing that gives way, on simulated render times: it settles, comes back, and does not swing."""

import itertools
import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.engine.giving_way import (
    ABLE,
    FULL,
    GRACE_S,
    LADDER,
    ROOMY,
    SLOW_FRAMES,
    SPAN_S,
    WAIT_S,
    RateChange,
    RateKeeper,
)
from instrument.engine.pacing import Pacer

RenderTime = Callable[[float, float], float]
"""Seconds that a frame takes, from the time and the rate that is played."""


class Machine:
    """Plays as the render thread does, on a simulated clock."""

    def __init__(self, asked_hz: float, render_s: RenderTime) -> None:
        self.keeper, self.pacer = RateKeeper(asked_hz), Pacer(asked_hz)
        self.render_s = render_s
        self.now_s = 0.0
        self.changes: list[tuple[float, RateChange]] = []
        self.lateness_s: list[float] = []

    def play(self, seconds: float) -> "Machine":
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            due_s = self.pacer.next_deadline_s(self.now_s)
            began_s = max(self.now_s, due_s)
            self.now_s = began_s + self.render_s(began_s, self.keeper.rate_hz)
            self.lateness_s.append(self.now_s - due_s - self.pacer.period_s)
            if (change := self.keeper.note(due_s, began_s, self.now_s)) is not None:
                self.pacer.set_rate(change.rate_hz)
                self.changes.append((self.now_s, change))
        return self


def constant(share: float, asked_hz: float) -> RenderTime:
    return lambda _now_s, _rate_hz: share / asked_hz


@given(asked_hz=st.floats(5.0, 120.0), share=st.floats(0.01, 0.9))
@settings(max_examples=30, deadline=None)
def test_a_machine_that_holds_the_rate_is_left_alone(asked_hz: float, share: float) -> None:
    assert Machine(asked_hz, constant(share, asked_hz)).play(20.0).changes == []


@given(asked_hz=st.floats(5.0, 60.0), share=st.floats(FULL + 0.01, 10.0))
@settings(max_examples=30, deadline=None)
def test_a_constant_load_leads_to_one_change_and_an_even_beat(asked_hz: float, share: float) -> None:
    machine = Machine(asked_hz, constant(share, asked_hz)).play(60.0)
    (_, change), *more = machine.changes
    assert more == []
    assert change.gives_way
    wanted = next(rung for rung in LADDER[1:] if share * rung <= ROOMY)
    assert machine.keeper.rate_hz == pytest.approx(asked_hz * wanted)
    assert max(machine.lateness_s[-10:]) < 1e-6


@given(seed=st.integers(0, 1 << 30), share=st.floats(0.05, 3.0), spread=st.floats(0.0, 0.8))
@settings(max_examples=25, deadline=None)
def test_noise_never_makes_it_swing(seed: int, share: float, spread: float) -> None:
    rng = random.Random(seed)
    machine = Machine(30.0, lambda _now_s, _rate_hz: share / 30.0 * rng.lognormvariate(0.0, spread)).play(400.0)
    raises = [at_s for at_s, change in machine.changes if not change.gives_way]
    assert len(raises) <= len(LADDER) + math.log2(400.0 / WAIT_S)
    assert len(machine.changes) <= 2 * (len(LADDER) + math.log2(400.0 / WAIT_S))


@given(high=st.floats(1.0, 4.0), low=st.floats(0.05, 0.7), load_s=st.floats(10.0, 30.0))
@settings(max_examples=20, deadline=None)
def test_it_comes_back_when_a_load_goes(high: float, low: float, load_s: float) -> None:
    begins_s, ends_s = 10.0, 10.0 + load_s
    machine = Machine(30.0, lambda now_s, _: (high if begins_s <= now_s < ends_s else low) / 30.0)
    assert machine.play(begins_s).changes == []
    machine.play(load_s)
    assert machine.changes[0][1].gives_way
    assert machine.changes[0][0] - begins_s < SPAN_S + 1.0
    climbs = len(LADDER) - 1
    machine.play(climbs * (WAIT_S + SPAN_S + 1.0) + 1.0)
    assert machine.keeper.rate_hz == 30.0
    rises = [change for at_s, change in machine.changes if at_s > ends_s]
    for change in rises:
        assert not change.gives_way
    for before, after in itertools.pairwise(rises):
        assert after.before_hz == before.rate_hz


@given(share=st.floats(1.01, 2.0), asked_hz=st.floats(20.0, 60.0))
@settings(max_examples=30, deadline=None)
def test_hardly_a_frame_is_late_before_it_gives_way(share: float, asked_hz: float) -> None:
    machine = Machine(asked_hz, lambda now_s, _: (0.6 if now_s < 10.0 else share) / asked_hz).play(15.0)
    [(at_s, change)] = machine.changes
    assert change.gives_way
    assert at_s > 10.0
    assert sum(lateness_s > 0.5 / asked_hz for lateness_s in machine.lateness_s) <= SLOW_FRAMES


@given(frames=st.integers(1, SLOW_FRAMES - 1), share=st.floats(1.1, 3.0))
@settings(max_examples=30, deadline=None)
def test_a_few_slow_frames_are_forgiven(frames: int, share: float) -> None:
    slow = iter([share / 30.0] * frames)
    machine = Machine(30.0, lambda now_s, _: next(slow, 0.01) if now_s >= 10.0 else 0.01)
    assert machine.play(20.0).changes == []


def test_after_a_moments_trouble_it_is_soon_back_where_it_was() -> None:
    slow = iter([1.4 / 30.0] * 8)
    machine = Machine(30.0, lambda now_s, _: next(slow, 0.6 / 30.0) if now_s >= 10.0 else 0.6 / 30.0).play(30.0)
    (gave_way_s, down), (back_s, up) = machine.changes
    assert down.gives_way
    assert up.rate_hz == 30.0
    assert back_s - gave_way_s < SPAN_S + WAIT_S + 1.0


def test_a_rise_waits_until_it_has_been_able_to_for_long_enough() -> None:
    machine = Machine(30.0, lambda now_s, _: (2.0 if now_s < 20.0 else 0.1) / 30.0).play(60.0)
    risen_s = [at_s for at_s, change in machine.changes if not change.gives_way]
    assert risen_s[0] >= 20.0 + WAIT_S
    assert all(after_s - before_s >= WAIT_S for before_s, after_s in itertools.pairwise(risen_s))


def test_every_rise_that_fails_doubles_the_wait_for_the_next() -> None:
    """The trap: at the lower rate the machine looks able, at the asked one it is not."""
    machine = Machine(30.0, lambda _, rate_hz: (1.5 if rate_hz > 29.0 else 0.4) / 30.0).play(700.0)
    rises_s = [at_s for at_s, change in machine.changes if change.rate_hz == 30.0]
    gaps_s = [after_s - before_s for before_s, after_s in itertools.pairwise(rises_s)]
    assert len(gaps_s) >= 4
    for before_s, after_s in itertools.pairwise(gaps_s):
        assert after_s > 1.6 * before_s


@given(slow=st.floats(1.0, 60.0))
@settings(max_examples=20, deadline=None)
def test_the_first_seconds_do_not_count(slow: float) -> None:
    machine = Machine(30.0, lambda now_s, _: (slow if now_s < GRACE_S - slow / 30.0 else 0.3) / 30.0)
    assert machine.play(30.0).changes == []


def test_while_it_rests_nothing_counts() -> None:
    machine = Machine(30.0, constant(3.0, 30.0))
    for _ in range(20):
        machine.keeper.rest(machine.now_s)
        machine.play(1.0)
    assert machine.changes == []
    machine.play(10.0)
    assert [change.rate_hz for _, change in machine.changes] == [7.5]


@given(stall_s=st.floats(0.2, 20.0), at_s=st.floats(4.0, 15.0))
@settings(max_examples=30, deadline=None)
def test_one_stall_is_forgiven(stall_s: float, at_s: float) -> None:
    stalls = iter([stall_s])
    machine = Machine(30.0, lambda now_s, _: next(stalls, 0.01) if now_s >= at_s else 0.01)
    assert machine.play(40.0).changes == []


def test_wakes_that_come_late_count_as_late_frames() -> None:
    """Short pictures on a machine that another program keeps busy."""
    keeper, changes = RateKeeper(30.0), []
    for frame in range(300):
        due_s = frame / 30.0
        began_s = due_s + (0.06 if frame % 3 == 0 else 0.0)
        changes.append(keeper.note(due_s, began_s, began_s + 0.005))
    assert next(change.rate_hz for change in changes if change is not None) == 22.5


@given(render_s=st.floats(1.0, 30.0))
@settings(max_examples=10, deadline=None)
def test_far_too_slow_a_machine_ends_on_the_lowest_rung_and_stays(render_s: float) -> None:
    machine = Machine(30.0, lambda _now_s, _rate_hz: render_s).play(600.0)
    assert [change.rate_hz for _, change in machine.changes] == [30.0 * LADDER[-1]]


def test_what_is_able_must_leave_more_room_than_what_is_held() -> None:
    assert ABLE < ROOMY < FULL < 1.0
    assert list(LADDER) == sorted(LADDER, reverse=True)
