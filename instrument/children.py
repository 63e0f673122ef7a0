"""Child processes that talk with the show through pipes, and memory that is shared with them."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

_PACKAGE_PARENT = Path(__file__).resolve().parents[1]


def spawn_child(module: str, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start ``python -m module arguments`` with pipes for its input and output; its error output is in the latter.

    Not `multiprocessing`: that would import the program's main module, and with it the whole house, into the child.
    Raises OSError.
    """
    environment = dict(os.environ)
    inherited = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_PACKAGE_PARENT), inherited]))
    environment["OPENBLAS_NUM_THREADS"] = "1"
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
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


def attach_memory(name: str) -> SharedMemory:
    """The memory another process made, which goes on to own it. Raises OSError or ValueError if there is none."""
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    memory = SharedMemory(name)
    if os.name == "posix":
        # Before 3.13 the tracker of a process that only attached removes the memory when that process ends
        # (python/cpython#82300); the maker's tracker is the one that should.
        resource_tracker.unregister(f"/{memory.name}", "shared_memory")
    return memory


def buffer_of(memory: SharedMemory) -> memoryview:
    """Its bytes; only before `close`."""
    assert memory.buf is not None  # None only after close
    return memory.buf
