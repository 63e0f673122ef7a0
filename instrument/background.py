"""Work in a process of its own, beside a show that goes before it."""

import atexit
import gc
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

NICENESS = 10
"""Of what somebody waits for, and of everything else where nothing can be held to idle cores."""

_PACKAGE_PARENT = Path(__file__).resolve().parents[1]


def give_way() -> None:
    """Run only when the cores have nothing else to do; on Windows the parent has asked for that. In the child."""
    come_second()
    with suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def come_second() -> None:
    """Run after whoever is in a hurry, but run: somebody waits for it. For good.

    In the child; on Linux also in a thread, which alone comes second then, with all that it starts from now on.
    """
    with suppress(AttributeError, OSError):
        os.nice(NICENESS)


def end_at_once() -> None:
    """Let this process end without a last search for garbage, which among all that torch holds takes half a second."""
    atexit.register(gc.freeze)


def start_child(module: str, arguments: Sequence[str]) -> subprocess.Popen[str]:
    """Start ``python -m module arguments`` on one thread, its output piped as text. Raises OSError."""
    inherited = os.environ.get("PYTHONPATH")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(_PACKAGE_PARENT), inherited])),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
        | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
    )


def last_words(status: int, errors: str) -> str:
    """Why a child ended: the last line it wrote, or its exit status.

    >>> last_words(2, "Traceback\\nboom\\n"), last_words(-9, "")
    ('boom', 'exit status -9')
    """
    lines = errors.strip().splitlines()
    return lines[-1] if lines else f"exit status {status}"
