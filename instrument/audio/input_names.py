"""Which live inputs there are, asked for beside the show."""

import threading
from collections.abc import Callable

from instrument.audio.devices import Direction, list_devices
from instrument.clock import Clock
from instrument.errors import AudioError

EVERY_S = 3.0
"""Between two listings: each is a process of its own, which an open menu must not start with every frame."""


def live_inputs() -> tuple[str, ...]:
    """Names of the devices that can be heard. Blocks for a moment. Raises AudioError."""
    return tuple(device.name for device in list_devices() if device.channels(Direction.INPUT))


class InputNames:
    """The list as it was last made. Asking for it makes a new one in a thread, if the last is older than `EVERY_S`."""

    def __init__(
        self, clock: Clock, failed: Callable[[str], None], make_list: Callable[[], tuple[str, ...]] = live_inputs
    ) -> None:
        self._clock, self._failed, self._make_list = clock, failed, make_list
        self._names: tuple[str, ...] = ()
        self._made_s: float | None = None
        self._asking = threading.Lock()

    def newest(self) -> tuple[str, ...]:
        """What is known now. Does not block."""
        if self._asking.acquire(blocking=False):
            if self._made_s is not None and self._clock.now_s() - self._made_s < EVERY_S:
                self._asking.release()
            else:
                threading.Thread(target=self._list, name="list inputs", daemon=True).start()
        return self._names

    def _list(self) -> None:
        try:
            self._names = self._make_list()
        except AudioError as error:
            self._failed(str(error))
        finally:
            self._made_s = self._clock.now_s()
            self._asking.release()
