"""Gives way where the machine cannot hold the asked rate, and comes back once it clearly can. Pure: time comes in.

An even lower rate looks better than a higher one that stumbles. After a moment's trouble it is soon back where it was,
but later after every attempt that failed, so that the rate does not swing.
"""

import math
import statistics
from collections import deque
from dataclasses import dataclass

LADDER = (1.0, 3 / 4, 2 / 3, 1 / 2, 1 / 3, 1 / 4, 1 / 6, 1 / 12)
"""Rates that are played, as shares of the asked one."""

GRACE_S = 0.75
"""After the start nothing counts: caches fill, kernels load."""
SPAN_S = 2.0
"""How far back is looked, and how long a new rate plays before it is judged."""
FEWEST_FRAMES = 11
"""Kept however old, so that one stall of seconds is one frame among several."""
LOOK_EVERY_S = 0.25

LATE_SHARE = 0.1
"""More late frames than this and the rate is not held."""
FULL = 0.92
"""A median render time above this share of the period leaves no room for anything else."""
SLOW_FRAMES = 4
"""So many frames one after another that each took longer than a period, the last of them late, and the rate is given up
at once: every further one would be later than the one before."""
ROOMY = 0.85
"""Share of its period that a rate which is given way to may take."""

ABLE = 0.8
"""Share of a higher rate's period that nine of ten frames must stay below before it is tried."""
ABLE_LATE_SHARE = 0.05
WAIT_S = 3.0
"""How long it must have been able to."""
LONGEST_WAIT_S = 320.0
HELD_S = 60.0
"""A higher rate that was held for so long, and for as long as it was waited for, was no failed attempt."""


@dataclass(frozen=True, slots=True)
class RateChange:
    """From one rate to another, in frames a second."""

    before_hz: float
    rate_hz: float

    @property
    def gives_way(self) -> bool:
        """Whether the new rate is the lower one."""
        return self.rate_hz < self.before_hz

    def text(self) -> str:
        """For the performer.

        >>> RateChange(60.0, 40.0).text()
        'this machine cannot hold 60 fps; playing 40'
        >>> RateChange(30.0, 40.0).text()
        'there is room again; playing 40 fps'
        """
        if self.gives_way:
            return f"this machine cannot hold {self.before_hz:g} fps; playing {self.rate_hz:g}"
        return f"there is room again; playing {self.rate_hz:g} fps"


def is_late(due_s: float, done_s: float, rate_hz: float) -> bool:
    """Whether a frame that should have begun at `due_s` was done over half a period after the next one was due.

    >>> is_late(0.0, 0.14, 10.0), is_late(0.0, 0.16, 10.0)
    (False, True)
    """
    return done_s - due_s > 1.5 / rate_hz


class RateKeeper:
    """Decides which rate of the ladder is played. One owner; told of every frame."""

    def __init__(self, asked_hz: float) -> None:
        self._rates_hz = tuple(asked_hz * share for share in LADDER)
        self._rung = 0
        self._frames: deque[tuple[float, bool, float]] = deque()  # when done, whether late, render time
        self._counts_from_s: float | None = None
        self._slow_frames = 0  # one after another
        self._look_s = -math.inf
        self._able_since_s = math.inf
        self._wait_s = WAIT_S
        self._tried_s = -math.inf

    @property
    def rate_hz(self) -> float:
        """The rate to play now."""
        return self._rates_hz[self._rung]

    def rest(self, now_s: float) -> None:
        """Let nothing count before `now_s` + `GRACE_S`: at the start, and while the generator is still warming up."""
        self._forget(now_s + GRACE_S)

    def note(self, due_s: float, began_s: float, done_s: float) -> RateChange | None:
        """One frame that should have begun at `due_s`; returns the change of rate that it leads to, if any."""
        if self._counts_from_s is None:
            self.rest(began_s)
        assert self._counts_from_s is not None
        if began_s < self._counts_from_s:
            return None
        self._frames.append((done_s, is_late(due_s, done_s, self.rate_hz), done_s - began_s))
        while self._frames[0][0] < done_s - SPAN_S and len(self._frames) > FEWEST_FRAMES:
            self._frames.popleft()
        _, late, render_s = self._frames[-1]
        self._slow_frames = self._slow_frames + 1 if render_s * self.rate_hz > 1.0 else 0
        if self._slow_frames >= SLOW_FRAMES and late:
            return self._give_way(done_s)
        if done_s < self._look_s:
            return None
        self._look_s = done_s + LOOK_EVERY_S
        if done_s - self._counts_from_s < SPAN_S or len(self._frames) < FEWEST_FRAMES:
            return None
        if self._late_share() > LATE_SHARE or statistics.median(self._renders_s()) * self.rate_hz > FULL:
            return self._give_way(done_s)
        return self._come_back(done_s)

    def _give_way(self, now_s: float) -> RateChange | None:
        """Down to the highest rate with room for the render times seen, and for the newest; None if none is lower."""
        if self._rung == len(LADDER) - 1:
            return None
        if now_s - self._tried_s < max(HELD_S, self._wait_s):
            self._wait_s = min(2.0 * self._wait_s, LONGEST_WAIT_S)
        elif self._tried_s > -math.inf:
            self._wait_s = WAIT_S
        self._tried_s = -math.inf
        renders_s = self._renders_s()
        render_s = max(statistics.median(renders_s), statistics.median(renders_s[-SLOW_FRAMES:]))
        rungs = range(self._rung + 1, len(LADDER))
        return self._go_to(next((rung for rung in rungs if render_s * self._rates_hz[rung] <= ROOMY), rungs[-1]), now_s)

    def _come_back(self, now_s: float) -> RateChange | None:
        """Up to the highest rate that has looked safe for long enough."""
        renders_s = sorted(self._renders_s())
        slow_s = renders_s[len(renders_s) * 9 // 10]
        able = (rung for rung in range(self._rung) if slow_s * self._rates_hz[rung] <= ABLE)
        rung = self._rung if self._late_share() > ABLE_LATE_SHARE else next(able, self._rung)
        if rung == self._rung:
            self._able_since_s = math.inf
            return None
        self._able_since_s = min(self._able_since_s, now_s)
        if now_s - self._able_since_s < self._wait_s:
            return None
        self._tried_s = now_s
        return self._go_to(rung, now_s)

    def _renders_s(self) -> list[float]:
        return [frame[2] for frame in self._frames]

    def _late_share(self) -> float:
        return sum(frame[1] for frame in self._frames) / len(self._frames)

    def _go_to(self, rung: int, now_s: float) -> RateChange:
        change = RateChange(self.rate_hz, self._rates_hz[rung])
        self._rung = rung
        self._forget(now_s)
        return change

    def _forget(self, from_s: float) -> None:
        self._frames.clear()
        self._slow_frames = 0
        self._counts_from_s = from_s
        self._able_since_s = math.inf
