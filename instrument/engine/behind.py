"""Work behind the show: in a thread of its own, whose failure is a message and nothing more."""

import threading
from collections.abc import Callable

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
    thread.start()
    return thread
