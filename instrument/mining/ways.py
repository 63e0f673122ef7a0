"""How evenly pictures change on the way from one mood to another. Pure."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]


def changes_of(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Mean change from picture to picture of ``(n, h, w, 3)``: ``(n - 1,)``."""
    # In float32: differences of bytes would wrap around.
    changes: npt.NDArray[np.float32] = np.abs(np.diff(images.astype(np.float32), axis=0)).mean(axis=(1, 2, 3))
    return changes


def largest_step(changes: Floats) -> float:
    """The largest of ``(n,)`` changes, as a multiple of the mean; 0 where nothing changes.

    >>> largest_step(np.array([1.0, 3.0, 2.0]))
    1.5
    """
    return float(changes.max() / max(float(changes.mean()), 1e-9))
