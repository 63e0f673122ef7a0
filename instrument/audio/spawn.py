"""Starting and ending the process that owns the sound device."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHILD_MODULE = "instrument.audio.child"

_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


def spawn_child(arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start ``instrument.audio.child`` with pipes for its input and output; its error output is in the latter.

    Not `multiprocessing`: that would import the program's main module, and with it the whole house, into the child.
    """
    environment = dict(os.environ)
    inherited = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_PACKAGE_PARENT), inherited]))
    environment["OPENBLAS_NUM_THREADS"] = "1"
    return subprocess.Popen(
        [sys.executable, "-P", "-m", CHILD_MODULE, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def end_child(process: "subprocess.Popen[bytes]", patience_s: float = 1.0) -> None:
    """End the child: politely by closing its input, then by TERM, then by KILL; `patience_s` for each."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    for escalate in (process.terminate, process.kill):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience_s)
            return
        escalate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience_s)
