"""How busy this program keeps the machine."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

EVERY_S = 1.0
GIGABYTE = 1e9


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


@dataclass(frozen=True, slots=True)
class CardLoad:
    """How busy the graphics card is, 1.0 for always (None: its driver does not tell), and what it holds of ours."""

    share: float | None
    used_bytes: int
    total_bytes: int

    @property
    def text(self) -> str:
        """In a few signs.

        >>> CardLoad(0.62, 3_100_000_000, 8_000_000_000).text, CardLoad(None, 3_100_000_000, 8_000_000_000).text
        ('62 % · 3.1 GB', '3.1 of 8.0 GB')
        """
        used = f"{self.used_bytes / GIGABYTE:.1f}"
        if self.share is None:
            return f"{used} of {self.total_bytes / GIGABYTE:.1f} GB"
        return f"{100 * self.share:.0f} % · {used} GB"


def card_load() -> CardLoad | None:
    """That of the card which torch draws with; None where it draws without one."""
    torch = sys.modules.get("torch")
    cuda: Any = None if torch is None else torch.cuda
    return None if cuda is None or not cuda.is_initialized() else load_of(cuda)


def load_of(cuda: Any) -> CardLoad:
    """Of the current device of ``torch.cuda``.

    Torch's own count of memory, not the driver's: a question to the driver from here could spoil a graph that the
    engine is recording.
    """
    try:
        share = cuda.utilization() / 100.0
    except Exception:  # noqa: BLE001 (needs the package nvidia-ml-py; without it, the errors it knows cannot be named)
        share = None
    total_bytes = cuda.get_device_properties(cuda.current_device()).total_memory
    return CardLoad(share, cuda.memory_reserved(), total_bytes)


class CardMeter:
    """The load of the card, looked up once a second. Asked once a frame; time is an argument."""

    def __init__(self, look: Callable[[], CardLoad | None] = card_load) -> None:
        self._look = look
        self._next_s = -EVERY_S
        self._load: CardLoad | None = None

    def process(self, now_s: float) -> CardLoad | None:
        """As of the last second; None where nothing is drawn on a card."""
        if now_s >= self._next_s:
            self._next_s = now_s + EVERY_S
            self._load = self._look()
        return self._load
