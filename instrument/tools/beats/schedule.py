"""How the fits go: the rate of learning from step to step, and the running mean that is kept. Pure."""

import math


def rate_at(step: int, steps: int, highest: float, rise: int) -> float:
    """Rises evenly in `rise` steps, while it falls as a cosine does, to 0 at the end.

    >>> [round(rate_at(step, 100, 1.0, 10), 2) for step in (0, 9, 50, 99)]
    [0.1, 0.98, 0.5, 0.0]
    """
    return highest * min(1.0, (step + 1) / rise) * 0.5 * (1.0 + math.cos(math.pi * step / steps))


def memory_at(step: int, longest: float, first: int) -> float:
    """What stays of the mean with each step: a half after `first`, at most `longest`.

    >>> memory_at(0, 0.99, 10), memory_at(10, 0.99, 10), memory_at(10**6, 0.99, 10)
    (0.0, 0.5, 0.99)
    """
    return min(longest, step / (step + first))
