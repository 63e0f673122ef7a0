"""The kernel's entries by name: compiled for one signature each, and bounded in threads."""

from typing import Any

import numba

from instrument.generator.lrelu.kernel import fused_many, fused_one

ENTRIES = {"fused_one": fused_one, "fused_many": fused_many}
"""What may be called from outside, by name."""


def signature(values: Any) -> tuple[Any, ...]:
    """Of both entries, for pictures of `values`: ``numba.float32``, or ``numba.int16`` that carries bfloat16."""
    row, rows = (numba.types.Array(numba.float32, dimensions, "C") for dimensions in (1, 2))
    picture = numba.types.Array(values, 3, "C")
    scales, filters, geometry, cuts = (
        numba.types.UniTuple(kind, count)  # type: ignore[no-untyped-call]
        for kind, count in ((row, 3), (rows, 4), (numba.int64, 3), (numba.int64, 2))
    )
    return (picture, picture, scales, filters, numba.float32, geometry, cuts, rows)


def kernel_of(name: str, half: bool) -> tuple[Any, tuple[Any, ...]]:
    """An entry and the signature to compile it for, for `instrument.kernels`."""
    return ENTRIES[name], signature(numba.int16 if half else numba.float32)


def set_threads(threads: int) -> int:
    """Let the calling thread's kernels use up to `threads` cores; return how many it will be."""
    bounded = max(min(threads, int(numba.config.NUMBA_NUM_THREADS)), 1)  # type: ignore[attr-defined]
    numba.set_num_threads(bounded)
    return bounded
