"""The kernel's entries by name: compiled for one signature each, kept in numba's disk cache, bounded in threads."""

from typing import Any

import numba

from instrument.generator.lrelu.kernel import fused_many, fused_one

ENTRIES = {"fused_one": fused_one, "fused_many": fused_many}
"""What may be called from outside, by name."""


def signature(values: Any) -> tuple[Any, ...]:
    """Of both entries, for pictures of `values`: ``numba.float32``, or ``numba.int16`` that carries bfloat16."""
    row, rows = (numba.types.Array(numba.float32, dimensions, "C") for dimensions in (1, 2))
    picture = numba.types.Array(values, 3, "C")
    scales, filters, pair = (
        numba.types.UniTuple(kind, count)  # type: ignore[no-untyped-call]
        for kind, count in ((row, 3), (rows, 4), (numba.int64, 2))
    )
    return (picture, picture, scales, filters, numba.float32, pair, pair, rows)


@numba.njit
def _nothing():  # type: ignore[no-untyped-def]
    """The smallest thing to compile."""


def prepare() -> None:
    """Make numba load what it loads before its first compilation: most of what fetching a kernel takes."""
    _nothing.compile(())


def compile_entry(name: str, half: bool) -> None:
    """Compile one entry, or fetch it from the disk cache. Runs nothing, so any thread may."""
    ENTRIES[name].compile(signature(numba.int16 if half else numba.float32))


def is_cached(name: str, half: bool) -> bool:
    """Whether numba's disk cache holds the entry, made from this very source. A wrong yes costs a slower start.

    numba says so nowhere in public: its index is empty where the source has changed since.
    """
    try:
        index = ENTRIES[name]._cache._cache_file._load_index()
    except (AttributeError, OSError):
        return False
    return any(key[0] == signature(numba.int16 if half else numba.float32) for key in index)


def set_threads(threads: int) -> int:
    """Let the calling thread's kernels use up to `threads` cores; return how many it will be."""
    bounded = max(min(threads, int(numba.config.NUMBA_NUM_THREADS)), 1)  # type: ignore[attr-defined]
    numba.set_num_threads(bounded)
    return bounded
