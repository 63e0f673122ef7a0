"""Gets the fused kernel ready in the background, so that pictures come at once and fast ones soon after.

The first compilation on a machine takes some seconds. It happens in a process of its own, which fills the compiler's
disk cache: in this one it would hold the interpreter for seconds and every other thread would starve. From the cache
the kernel comes in a fraction of a second.
"""

import contextlib
import functools
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from instrument.background import give_way

_log = logging.getLogger(__name__)

_COMPILE = "from instrument.generator.lrelu.loader import compile_here; compile_here({entry!r}, {half!r})"
_COMPILE_TIMEOUT_S = 300.0

_YIELDING_INTERVAL_S = 2e-5

_ONE_AT_A_TIME = threading.Lock()
"""Two compilers at once would take the picture's last core."""


class KernelLoader:
    """One entry of the kernel; works in a thread of its own. All of it may be called from any thread."""

    def __init__(self, entry: str, half: bool = False) -> None:
        """`entry` is one of `compiling.ENTRIES`, `half` asks for bfloat16 pictures."""
        self.entry, self.half = entry, half
        self._finished = threading.Event()
        self._usable = False
        # Not a daemon: leaving while the compiler works would end in a crash instead of a short wait.
        threading.Thread(target=self._load, name=f"load {entry}", daemon=False).start()

    @property
    def finished(self) -> bool:
        """Whether it is decided that there is a kernel, or none. Never blocks."""
        return self._finished.is_set()

    @property
    def ready(self) -> bool:
        """Whether the kernel can be used now. Never blocks."""
        return self.finished and self._usable

    def wait(self, timeout_s: float) -> bool:
        """Block until the kernel is ready, or has failed, or `timeout_s` passed; return `ready`."""
        self._finished.wait(timeout_s)
        return self.ready

    def _load(self) -> None:
        try:
            with _ONE_AT_A_TIME:
                # Late: importing numba alone takes a while, and some machines have none that works.
                from instrument.generator.lrelu import compiling

                compiling.prepare()
                if not compiling.is_cached(self.entry, self.half):
                    _log.info("compiling the fused kernel, once on this machine: some seconds")
                    _compile_elsewhere(self.entry, self.half)
                with _yielding():
                    compiling.compile_entry(self.entry, self.half)
            self._usable = True
            _log.info("fused kernel ready")
        except Exception:  # noqa: BLE001 - top of a thread: whatever is wrong with the compiler, plain torch plays on
            _log.warning("no fused kernel, pictures stay slower", exc_info=True)
        finally:
            self._finished.set()


@contextlib.contextmanager
def _yielding() -> Iterator[None]:
    """Other threads get the interpreter as soon as they ask for it.

    Fetching a kernel is Python. A picture takes the interpreter back after each of its hundreds of operations, and
    would wait a whole switch interval each time.
    """
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(_YIELDING_INTERVAL_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)


def entry_for(bands: int) -> str:
    """Which entry of the kernel runs so many bands, side by side if there are several."""
    return "fused_one" if bands == 1 else "fused_many"


@functools.cache
def shared_loader(entry: str, half: bool = False) -> KernelLoader:
    """The one loader of an entry in this process, started by the first call."""
    return KernelLoader(entry, half)


def compile_here(entry: str, half: bool) -> None:
    """Compile in this process, at a low priority: the pictures that play meanwhile come first."""
    give_way()
    from instrument.generator.lrelu import compiling

    compiling.compile_entry(entry, half)


def _compile_elsewhere(entry: str, half: bool) -> None:
    """Fill the cache from another process. If that fails, this one compiles and will say what is wrong."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}
    try:
        subprocess.run(
            [sys.executable, "-c", _COMPILE.format(entry=entry, half=half)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_COMPILE_TIMEOUT_S,
            check=True,
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("the fused kernel did not compile in a process of its own (%s)", error)
