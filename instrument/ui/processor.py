"""How busy this program keeps the machine."""

import os

EVERY_S = 1.0


class ProcessorMeter:
    """Share of one core that the process takes, over the last second. Asked once a frame; time is an argument."""

    def __init__(self) -> None:
        self._since: tuple[float, float] | None = None
        self._share = 0.0

    def process(self, now_s: float) -> float:
        """The share, 1.0 for a whole core, of all its threads together."""
        used = os.times()
        used_s = used.user + used.system
        if self._since is None:
            self._since = (now_s, used_s)
        elif now_s - self._since[0] >= EVERY_S:
            before_s, before_used_s = self._since
            self._share = (used_s - before_used_s) / (now_s - before_s)
            self._since = (now_s, used_s)
        return self._share
