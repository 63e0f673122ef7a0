"""Keeps samples that are not sound away from everything with a memory."""

import numpy as np
import numpy.typing as npt

from instrument.errors import AudioError

SOUND_LIMIT = 1e6
"""Samples beyond this are not sound (full scale is 1) and their squares would overflow float32 further on."""


def silence_bad_samples(samples: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], int]:
    """Put 0 in place of samples that are not finite or beyond `SOUND_LIMIT`, and count them.

    Parameters
    ----------
    samples
        ``(n, channels)`` float32. Never written to; returned as it is when nothing is wrong with it.

    Raises
    ------
    AudioError
        If it is not of that shape and type.

    >>> silence_bad_samples(np.array([[0.5, np.nan]], np.float32))
    (array([[0.5, 0. ]], dtype=float32), 1)
    """
    if samples.ndim != 2 or samples.shape[1] == 0 or samples.dtype != np.float32:
        raise AudioError(f"a block is (n, channels) float32, not {samples.shape} {samples.dtype}")
    # No sample is larger than the root of their sum of squares: one pass tells that a usual block is all sound. A NaN
    # makes the comparison false.
    if np.vdot(samples, samples) <= SOUND_LIMIT:
        return samples, 0
    good = np.abs(samples) <= SOUND_LIMIT
    if good.all():
        return samples, 0
    return np.where(good, samples, np.float32(0.0)), int(samples.size - np.count_nonzero(good))
