"""A core for each of the threads that draw a picture together.

They wait for each other at every layer, so the picture takes as long as the last of them. Where there are as many
as cores, the system now and then puts two on one core, because the other was taken for a moment, and leaves them there:
the picture takes twice as long, for seconds. On Linux only; elsewhere threads go where the system puts them.
"""

import math
import os
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

LOOK_EVERY_S = 2.0
SOON_S = 0.4
"""From the first look to the second, so that a show does not begin with two threads on a core."""
ALIKE = 0.7
"""Share of the render thread's own time from which a thread counts as drawing with it."""
LEAST_S = 0.2
"""Processor time between two looks below which nothing is hard at work."""

TASKS = Path("/proc/self/task")


class CoreKeeper:
    """Holds the threads that draw to one core each, if they are as many as `cores`. Only the render thread asks.

    The threads are those of a library, which does not tell them: they are known by being as busy as the one that asks.
    """

    def __init__(self, cores: Collection[int] | None = None) -> None:
        self._cores = tuple(sorted(usable_cores() if cores is None else cores))
        self._look_s = -math.inf
        """When the next look is due."""
        self._used_s: dict[int, float] = {}
        self._held: tuple[int, ...] = ()

    @property
    def held(self) -> tuple[int, ...]:
        """The threads that are held, this one first."""
        return self._held

    def note(self, now_s: float) -> None:
        """A picture was drawn."""
        if len(self._cores) < 2 or now_s < self._look_s:
            return
        first = self._look_s == -math.inf
        self._look_s = now_s + (SOON_S if first else LOOK_EVERY_S)
        before_s, self._used_s = self._used_s, used_by_threads_s()
        if first:
            return
        drawing = drawing_together(threading.get_native_id(), before_s, self._used_s)
        if drawing == self._held:
            return
        self._let_go()
        if len(drawing) == len(self._cores):
            self._held = drawing
            for task, core in zip(drawing, self._cores, strict=True):
                _hold(task, {core})

    def release(self) -> None:
        """Let them go where they like, before another generator draws: what this thread starts takes after it."""
        self._let_go()
        self._look_s = -math.inf

    def _let_go(self) -> None:
        for task in self._held:
            _hold(task, self._cores)
        self._held = ()


def drawing_together(own: int, before_s: Mapping[int, float], after_s: Mapping[int, float]) -> tuple[int, ...]:
    """The thread `own` and, by number, those that used the processor about as much between two looks.

    >>> drawing_together(7, {5: 0.0, 6: 1.0, 7: 1.0}, {5: 0.2, 6: 1.9, 7: 2.0, 8: 0.1})
    (7, 6)
    >>> drawing_together(7, {7: 1.0}, {6: 0.1, 7: 1.1})
    ()
    """
    spent_s = {task: used_s - before_s.get(task, 0.0) for task, used_s in after_s.items()}
    least_s = ALIKE * spent_s.get(own, 0.0)
    if spent_s.get(own, 0.0) < LEAST_S:
        return ()
    return (own, *sorted(task for task, busy_s in spent_s.items() if task != own and busy_s >= least_s))


def used_by_threads_s(tasks: Path = TASKS) -> dict[int, float]:
    """Processor time of each thread of this process, by its number in the system; empty where that is not told."""
    tick_s = 1.0 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.0
    used_s = {}
    for task in tasks.glob("*"):
        with suppress(OSError, ValueError, IndexError):
            # Behind the name, which may have spaces; the times are fields 14 and 15 of proc(5).
            fields = (task / "stat").read_text().rpartition(")")[2].split()
            used_s[int(task.name)] = tick_s * (int(fields[11]) + int(fields[12]))
    return used_s


def usable_cores() -> Collection[int]:
    """The cores that this process may use; none where threads cannot be held to them."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()


def _hold(task: int, cores: Collection[int]) -> None:
    # A thread that has ended meanwhile, or a system that does not allow it: then it goes where it likes.
    with suppress(AttributeError, OSError):
        os.sched_setaffinity(task, cores)
