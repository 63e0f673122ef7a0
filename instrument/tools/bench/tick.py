"""Stands in for the sound: a process that must wake at an even, short period, and tells how late it was.

Protocol: it writes ``ready``, reads a number of seconds, ticks for so long, and writes its figures as one line of JSON.
"""

import json
import sys

from instrument.clock import SystemClock

PERIOD_S = 256 / 48_000
"""A block of 256 samples at 48 kHz."""
WORK_S = 0.0001
"""What a callback is busy for."""


def lateness_s(seconds: float, period_s: float = PERIOD_S, work_s: float = 0.0) -> list[float]:
    """How late each wake was, over `seconds` of real time. Blocks."""
    clock, late_s = SystemClock(), []
    began_s = clock.now_s()
    for tick in range(1, int(seconds / period_s) + 1):
        due_s = began_s + tick * period_s
        clock.sleep_until_s(due_s)
        woke_s = clock.now_s()
        late_s.append(woke_s - due_s)
        while clock.now_s() < woke_s + work_s:
            pass
    return late_s


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of `values` do not exceed.

    >>> percentile([3.0, 1.0, 2.0], 0.5), percentile([1.0, 2.0], 1.0), percentile([], 0.5)
    (2.0, 2.0, 0.0)
    """
    return sorted(values)[min(int(share * len(values)), len(values) - 1)] if values else 0.0


def main() -> int:
    """Tick once."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    late_s = lateness_s(float(sys.stdin.readline()), work_s=WORK_S)
    shares = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1.0}
    figures = {name: 1e3 * percentile(late_s, share) for name, share in shares.items()}
    missed = sum(late > PERIOD_S for late in late_s)
    sys.stdout.write(json.dumps(figures | {"missed": missed, "ticks": len(late_s)}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
