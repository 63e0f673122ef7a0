"""The child process that learns a lesson: it gives way to the show before it does anything else."""

import sys
from collections.abc import Sequence
from pathlib import Path

from instrument.background import give_way


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
