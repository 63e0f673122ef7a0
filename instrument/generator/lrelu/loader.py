"""Gets the fused kernel ready in the background, so that pictures come at once and fast ones soon after.

The first compilation on a machine takes about ten seconds. It happens in a process of its own, which fills the
compiler's disk cache: in this one it would hold the interpreter for seconds and every other thread would starve.
From the cache the kernel comes in about a second.
"""

import functools
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

_log = logging.getLogger(__name__)

_COMPILE = "from instrument.generator.lrelu.kernel import compile_fused; compile_fused()"
_COMPILE_TIMEOUT_S = 300.0


class KernelLoader:
    """Works in a thread of its own. Its properties and `wait` may be called from any thread."""

    def __init__(self) -> None:
        self._finished = threading.Event()
        self._usable = False
        # Not a daemon: leaving while the compiler works would end in a crash instead of a short wait.
        threading.Thread(target=self._load, name="kernel-loader", daemon=False).start()

    @property
    def ready(self) -> bool:
        """Whether the kernel can be used now. Never blocks."""
        return self._finished.is_set() and self._usable

    @property
    def failed(self) -> bool:
        """Whether there will be no kernel. Never blocks."""
        return self._finished.is_set() and not self._usable

    def wait(self, timeout_s: float) -> bool:
        """Block until the kernel is ready, or has failed, or `timeout_s` passed; return `ready`."""
        self._finished.wait(timeout_s)
        return self.ready

    def _load(self) -> None:
        try:
            # Late: importing numba alone takes a while, and some machines have none that works.
            from instrument.generator.lrelu import kernel

            if not _is_cached(kernel):
                _log.info("compiling the fused kernel, once on this machine: about ten seconds")
                _compile_elsewhere()
            kernel.compile_fused()
            self._usable = True
            _log.info("fused kernel ready")
        except Exception:  # noqa: BLE001 - top of a thread: whatever is wrong with the compiler, plain torch plays on
            _log.warning("no fused kernel, pictures stay slower", exc_info=True)
        finally:
            self._finished.set()


def _is_cached(module: ModuleType) -> bool:
    """Whether numba's disk cache holds a kernel made from this very source. A wrong yes only costs a slower start.

    numba says so nowhere in public: its index is empty where the source has changed since.
    """
    try:
        return bool(module.fused._cache._cache_file._load_index())
    except (AttributeError, OSError):
        return False


def _compile_elsewhere() -> None:
    """Fill the cache from another process. If that fails, this one compiles and will say what is wrong."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}
    try:
        subprocess.run(
            [sys.executable, "-c", _COMPILE],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_COMPILE_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("the fused kernel did not compile in a process of its own (%s)", error)


@functools.cache
def shared_loader() -> KernelLoader:
    """The one loader of this process, started by the first call."""
    return KernelLoader()
