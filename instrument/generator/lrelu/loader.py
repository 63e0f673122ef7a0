"""The one loader of each entry of the fused kernel, by names alone: numba is not imported before its time."""

import functools

from instrument.kernels import KernelLoader

MODULE = "instrument.generator.lrelu.compiling"


def entry_for(bands: int) -> str:
    """Which entry of the kernel runs so many bands, side by side if there are several."""
    return "fused_one" if bands == 1 else "fused_many"


@functools.cache
def shared_loader(entry: str, half: bool = False) -> KernelLoader:
    """The one loader of an entry in this process, started by the first call.

    `entry` is one of `compiling.ENTRIES`, `half` asks for bfloat16 pictures.
    """
    return KernelLoader(f"fused kernel {entry}", MODULE, entry, half)
