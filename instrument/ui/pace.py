"""How often the surface draws: less often as soon as that makes the picture late. Pure: time comes in.

A surface drawn by a processor instead of a card takes most of a core. The picture on the wall comes first.
"""

RATES_HZ = (30.0, 20.0, 15.0, 10.0)
LOOK_EVERY_S = 1.0

TOO_LATE = 0.02
"""More late frames than this, and the surface gives way."""

WAIT_S = 15.0
"""How long no frame must have been late before more is tried."""
LONGEST_WAIT_S = 480.0


class SurfacePace:
    """Rate of the surface, from how many of the engine's frames come late. One owner, looks once a second.

    A `careful` one begins with the lowest rate, and goes up from there: where the processor draws the surface, a
    performer shall not see the picture stumble before that is known.

    >>> pace = SurfacePace()
    >>> for second, late in enumerate((0, 0, 6, 6)):
    ...     pace.note(float(second), frames=30 * second, late=late)
    >>> pace.rate_hz
    20.0
    """

    def __init__(self, careful: bool = False) -> None:
        self._rung = len(RATES_HZ) - 1 if careful else 0
        self._look_s: float | None = None
        self._frames, self._late = 0, 0
        self._clean_since_s: float | None = None
        self._wait_s = WAIT_S
        self._tried_s: float | None = None

    @property
    def rate_hz(self) -> float:
        """Frames a second that the surface is drawn now."""
        return RATES_HZ[self._rung]

    @property
    def gives_way(self) -> bool:
        """Whether that is less than it would like."""
        return self._rung > 0

    def note(self, now_s: float, frames: int, late: int) -> None:
        """The engine's frames, and the late ones among them, since its start."""
        if self._look_s is not None and now_s - self._look_s < LOOK_EVERY_S:
            return
        first, self._look_s = self._look_s is None, now_s
        new, new_late = frames - self._frames, late - self._late
        self._frames, self._late = frames, late
        if first or new <= 0:
            return
        if new_late > TOO_LATE * new:
            self._give_way(now_s)
        elif self._clean_since_s is None or new_late:
            self._clean_since_s = now_s
        elif self._rung and now_s - self._clean_since_s >= self._wait_s:
            self._rung, self._clean_since_s, self._tried_s = self._rung - 1, None, now_s

    def _give_way(self, now_s: float) -> None:
        if self._tried_s is not None and now_s - self._tried_s < WAIT_S:
            self._wait_s = min(2.0 * self._wait_s, LONGEST_WAIT_S)
        self._tried_s, self._clean_since_s = None, None
        self._rung = min(self._rung + 1, len(RATES_HZ) - 1)
