"""The logistic function, in place."""

import numpy as np
import numpy.typing as npt

HALF = np.float32(0.5)


def squash(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Logits as odds in ``(0, 1)``, in their own array.

    >>> squash(np.array([0.0, 200.0], np.float32))
    array([0.5, 1. ], dtype=float32)
    """
    # By tanh, which cannot overflow.
    values *= HALF
    np.tanh(values, out=values)
    values *= HALF
    values += HALF
    return values
