"""Work behind the show: in a thread of its own, whose failure is a message and nothing more.

On Linux threads and processes inherit the right to a core from the thread that starts them. A surface that the
processor draws gives its own up, and what a hand opens there, an interface perhaps, must not have to: one thread that
keeps its right starts all the others.
"""

import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from instrument.engine.messages import MessageLog
from instrument.engine.snapshot import Lamp
from instrument.errors import InstrumentError


def behind(what: str, messages: MessageLog, work: Callable[[], None]) -> threading.Thread:
    """Do `work` without keeping anybody waiting; what goes wrong becomes a line, and the show goes on as it was."""

    def guarded() -> None:
        try:
            work()
        except InstrumentError as error:
            messages.say(Lamp.BAD, str(error))
        except Exception as error:  # noqa: BLE001 (top of a thread)
            messages.broke(what, error)

    thread = threading.Thread(target=guarded, name=what, daemon=True)
    _starter().submit(thread.start).result()
    return thread


def be_ready() -> None:
    """What is done behind the show from now on has the right to a core that the caller has at this moment."""
    _starter().submit(threading.get_native_id).result()


@functools.cache
def _starter() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "starter")
