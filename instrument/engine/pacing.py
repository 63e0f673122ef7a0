"""When the next frame is due. Pure: time comes in as an argument."""


class Pacer:
    """Deadlines at an even rate. After a stall it starts a new beat instead of rushing to catch up.

    >>> pacer = Pacer(10.0)
    >>> [round(pacer.next_deadline_s(now_s), 3) for now_s in (0.0, 0.05, 0.11, 5.0)]
    [0.0, 0.1, 0.2, 5.0]
    """

    def __init__(self, rate_hz: float) -> None:
        self._period_s = 1.0 / rate_hz
        self._deadline_s: float | None = None

    @property
    def period_s(self) -> float:
        """Time between two deadlines."""
        return self._period_s

    def next_deadline_s(self, now_s: float) -> float:
        """Time the next frame should begin: one period after the last, or `now_s` if that is over a period ago."""
        if self._deadline_s is None or now_s > self._deadline_s + 2.0 * self._period_s:
            self._deadline_s = now_s
        else:
            self._deadline_s += self._period_s
        return self._deadline_s

    def set_rate(self, rate_hz: float) -> None:
        """Begin a new beat at another rate: what the old one was behind is forgotten."""
        self._period_s = 1.0 / rate_hz
        self.reset()

    def reset(self) -> None:
        """Forget the beat: the next frame is due at once."""
        self._deadline_s = None
