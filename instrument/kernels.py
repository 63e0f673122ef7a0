"""Gets compiled functions ready in the background, so that the show begins at once and goes faster soon after.

The first compilation on a machine takes some seconds. It happens in a process of its own, which fills the compiler's
disk cache: in this one it would hold the interpreter for seconds and every other thread would starve. From the cache
a function comes in a fraction of a second.

A module of such functions is named, not imported, by who wants them: importing the compiler alone takes a while. It
holds ``kernel_of(*arguments)``, which returns a function of numba's and the signature to compile it for.
"""

import contextlib
import functools
import importlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from instrument.background import give_way

_log = logging.getLogger(__name__)

_COMPILE = "from instrument.kernels import compile_here; compile_here({module!r}, {arguments!r})"
_COMPILE_TIMEOUT_S = 300.0

_YIELDING_INTERVAL_S = 2e-5

_ONE_AT_A_TIME = threading.Lock()
"""Two compilers at once would take the picture's last core."""


class KernelLoader:
    """One compiled function; works in a thread of its own. All of it may be called from any thread."""

    def __init__(self, name: str, module: str, *arguments: str | bool) -> None:
        """`name` is for the log; `module` and `arguments` say which function, see above."""
        self._name, self._module, self._arguments = name, module, arguments
        self._finished = threading.Event()
        self._usable = False
        # Not a daemon: leaving while the compiler works would end in a crash instead of a short wait.
        threading.Thread(target=self._load, name=f"load {name}", daemon=False).start()

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
                function, signature = _kernel(self._module, self._arguments)
                _prepare()
                if not is_cached(function, signature):
                    _log.info("compiling the %s, once on this machine: some seconds", self._name)
                    self._compile_elsewhere()
                with _yielding():
                    function.compile(signature)
            self._usable = True
            _log.info("%s ready", self._name)
        except Exception:  # noqa: BLE001 - top of a thread: whatever is wrong with the compiler, the show plays on
            _log.warning("no %s, the show goes on without it", self._name, exc_info=True)
        finally:
            self._finished.set()

    def _compile_elsewhere(self) -> None:
        """Fill the cache from another process. If that fails, this one compiles and will say what is wrong."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}
        try:
            subprocess.run(
                [sys.executable, "-c", _COMPILE.format(module=self._module, arguments=self._arguments)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_COMPILE_TIMEOUT_S,
                check=True,
                creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            )
        except (OSError, subprocess.SubprocessError) as error:
            _log.warning("the %s did not compile in a process of its own (%s)", self._name, error)


def compile_here(module: str, arguments: tuple[str | bool, ...]) -> None:
    """Compile in this process, at a low priority: the show that plays meanwhile comes first."""
    give_way()
    function, signature = _kernel(module, arguments)
    function.compile(signature)


def is_cached(function: Any, signature: tuple[Any, ...]) -> bool:
    """Whether numba's disk cache holds the function, made from this very source. A wrong yes costs a slower start.

    numba says so nowhere in public: its index is empty where the source has changed since.
    """
    try:
        index = function._cache._cache_file._load_index()
    except (AttributeError, OSError):
        return False
    return any(key[0] == signature for key in index)


def _kernel(module: str, arguments: tuple[str | bool, ...]) -> tuple[Any, tuple[Any, ...]]:
    kernel: tuple[Any, tuple[Any, ...]] = importlib.import_module(module).kernel_of(*arguments)
    return kernel


@functools.cache
def _prepare() -> None:
    """Make numba load what it loads before its first compilation: most of what fetching a kernel takes."""
    # Late: some machines have no compiler that works.
    import numba

    function: Any = numba.njit(_nothing)
    function.compile(())


def _nothing() -> None:
    """The smallest thing to compile."""


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
