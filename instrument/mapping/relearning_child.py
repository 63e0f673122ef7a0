"""The child process that learns a lesson: it gives way to the show before it does anything else."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

NICENESS = 10
"""Where there is no scheduling class for what may run only when nobody else wants to."""


def give_way() -> None:
    """Run only when the cores have nothing else to do; on Windows the parent asks for that."""
    with suppress(AttributeError, OSError):
        os.nice(NICENESS)
    with suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def main(arguments: Sequence[str]) -> int:
    """``NETWORK LESSON OUT``: read the first two files, write the third."""
    # Imported late: even the import would keep a frame waiting if it did not give way.
    from instrument.errors import InstrumentError
    from instrument.mapping.lesson import load_lesson
    from instrument.mapping.network import load_network_alone, save_network
    from instrument.mapping.relearning import relearn

    network, lesson, out = map(Path, arguments)
    try:
        save_network(out, relearn(load_network_alone(network), load_lesson(lesson), 0))
    except InstrumentError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    give_way()
    sys.exit(main(sys.argv[1:]))
