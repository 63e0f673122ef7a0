"""Everything that a hop needs after its FFT, but for flatness, as one compiled function.

On stage a hop finds the caches full of pictures, and what it then costs are the many array calls, not the sums: one
call over data that is already at hand takes a fifth of their time. Flatness stays numpy's, since it is librosa's to
the last bit only with numpy's own logarithms, summed in numpy's order. Only `compiled` and the loader import this
module: numba alone takes a while.
"""

import math
from typing import Any

import numba
import numpy as np

from instrument.features.descriptors import POWER_FLOOR, TINY, ZERO_BAND

_ENTRY: dict[str, Any] = {
    # Sums may be taken in any order. Infinity keeps its meaning: it is the level before the first hop.
    "fastmath": {"contract", "nnan", "nsz", "reassoc"},
    "nogil": True,
    "cache": True,
    "error_model": "numpy",
}
_INNER: dict[str, Any] = {**_ENTRY, "cache": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_FLOOR = np.float32(POWER_FLOOR)
_RATIOS = 8
"""Rises multiplied before a logarithm is taken of them: 27 decades at most in each, and a double holds 308."""
PITCHES = 12
SINGLES = 5
"""Numbers in the result before the contrast of the first octave."""


@numba.njit(**_INNER)
def _rms(window):  # type: ignore[no-untyped-def]
    energy = 0.0
    for i in range(window.shape[0]):
        energy += np.float64(window[i]) * np.float64(window[i])
    # librosa's is a float32: the nearest of those is nearer to it than the exact number.
    return np.float32(math.sqrt(energy / window.shape[0]))


@numba.njit(**_INNER)
def _zero_crossing_rate(window):  # type: ignore[no-untyped-def]
    crossings = np.int32(0)
    for i in range(1, window.shape[0]):
        crossings += np.int32((window[i] < -ZERO_BAND) != (window[i - 1] < -ZERO_BAND))
    return crossings / window.shape[0]


@numba.njit(**_INNER)
def _smallest(values, count, low, high):  # type: ignore[no-untyped-def]
    """The number below or at which `count` of the `values` lie, between `low` and `high`; none is negative.

    Found by halving the range of bit patterns, which are in the order of the numbers: no branch depends on the sound.
    """
    first, last = np.float32(low).view(np.int32), np.float32(high).view(np.int32)
    while first < last:
        middle = first + ((last - first) >> 1)
        bound = np.int32(middle).view(np.float32)
        below = np.int32(0)
        for i in range(values.shape[0]):
            below += np.int32(values[i] <= bound)
        if below >= count:
            last = middle
        else:
            first = middle + 1
    # numba looks up what has a `view`, and finds no single place for a variable that is set in a loop.
    return np.int32(first).view(np.float32)


@numba.njit(**_INNER)
def _valley_and_peak(values, count):  # type: ignore[no-untyped-def]
    """Means of the `count` smallest and of the `count` largest."""
    low, high = values[0], values[0]
    for i in range(values.shape[0]):
        low, high = min(low, values[i]), max(high, values[i])
    if count == 1:
        return np.float64(low), np.float64(high)
    valley = _smallest(values, count, low, high)
    peak = _smallest(values, values.shape[0] - count + 1, low, high)
    # Equals may lie on both sides of the bound; each missing one is as large as the bound.
    under, over = 0.0, 0.0
    for i in range(values.shape[0]):
        under += min(values[i] - valley, np.float32(0.0))
        over += max(values[i] - peak, np.float32(0.0))
    return valley + under / count, peak + over / count


@numba.njit(**_INNER)
def _contrast(magnitude, octaves, contrast_db):  # type: ignore[no-untyped-def]
    """Into `contrast_db`; returns their mean."""
    total = 0.0
    for octave in range(contrast_db.shape[0]):
        start, stop, count = octaves[3 * octave], octaves[3 * octave + 1], octaves[3 * octave + 2]
        valley, peak = _valley_and_peak(magnitude[start:stop], count)
        contrast_db[octave] = 10.0 * math.log10(max(peak, POWER_FLOOR) / max(valley, POWER_FLOOR))
        total += contrast_db[octave]
    return total / contrast_db.shape[0]


@numba.njit(**_INNER)
def _onset_strength(power, runs, weights, levels):  # type: ignore[no-untyped-def]
    entry, ratio, rise = 0, 1.0, 0.0
    for band in range(levels.shape[0]):
        start, count = runs[2 * band], runs[2 * band + 1]
        level = np.float32(0.0)
        for i in range(count):
            level += weights[entry + i] * power[start + i]
        entry += count
        level = max(level, _FLOOR)
        ratio *= max(np.float64(level) / np.float64(levels[band]), 1.0)
        levels[band] = level
        if (band + 1) % _RATIOS == 0 or band + 1 == levels.shape[0]:
            rise += math.log10(ratio)
            ratio = 1.0
    return 10.0 * rise / levels.shape[0]


@numba.njit(**_INNER)
def _chroma_variance(power, weights):  # type: ignore[no-untyped-def]
    total, squares, largest = 0.0, 0.0, 0.0
    bins = power.shape[0]
    for pitch in range(PITCHES):
        product = np.float32(0.0)
        for i in range(bins):
            product += weights[pitch * bins + i] * power[i]
        strength = np.float64(product)
        total += strength
        squares += strength * strength
        largest = max(largest, strength)
    if largest < TINY:
        return 0.0
    mean = total / PITCHES
    return max(squares / PITCHES - mean * mean, 0.0) / (largest * largest)


@numba.njit(**_ENTRY)
def measure(window, rows, levels, weights, places, result):  # type: ignore[no-untyped-def]
    """All of a hop into `result` ``(SINGLES + octaves,)``, in the order of `FeatureVector` with flatness left out.

    `rows` is ``(3, bins)``: the magnitude, from which the power and the power with a floor are made. `levels`
    ``(mel bands,)`` are those of the hop before and become those of this one. `weights` are chroma's, then mel's.
    `places` has first bin, end and size of the valley of each octave, then first bin and number of weights of each
    mel band. Few arrays, because each one that is handed over costs half a microsecond.
    """
    magnitude, power, floored = rows[0], rows[1], rows[2]
    for i in range(magnitude.shape[0]):
        power[i] = magnitude[i] * magnitude[i]
        floored[i] = max(power[i], _FLOOR)
    octaves, chroma = 3 * (result.shape[0] - SINGLES), PITCHES * power.shape[0]
    result[0] = _contrast(magnitude, places[:octaves], result[SINGLES:])
    result[1] = _onset_strength(power, places[octaves:], weights[chroma:], levels)
    result[2] = _zero_crossing_rate(window)
    result[3] = _chroma_variance(power, weights[:chroma])
    result[4] = _rms(window)


def kernel_of() -> tuple[Any, tuple[Any, ...]]:
    """The function and the signature to compile it for, for `instrument.kernels`."""
    floats, rows, places, doubles = (
        numba.types.Array(kind, dimensions, "C")
        for kind, dimensions in ((numba.float32, 1), (numba.float32, 2), (numba.int32, 1), (numba.float64, 1))
    )
    return measure, (floats, rows, floats, floats, places, doubles)
