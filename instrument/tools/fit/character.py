"""The character of music by a stated rule, measured on the sound itself: what the mapping is taught, never consulted.

The rule looks at the spectrum and at the future, which the instrument cannot; the mapping has to come to the same
answer from the descriptors of the past. Three characters compete, each a weighted sum of standard scores:

- heavy: energy below `LOW_HZ`, loudness, attacks ("bass-heavy energy");
- calm: neither loud nor dense nor bright ("quiet and sparse");
- bright: energy above `HIGH_HZ` and many partials, little bass ("bright and harmonically rich").
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d, uniform_filter1d

FloatArray = npt.NDArray[np.float64]

WINDOW_SIZE, HOP_SIZE = 2048, 1024
LOW_HZ, HIGH_HZ = 150.0, 2000.0
BANDS_HZ = np.geomspace(50.0, 12_800.0, 25)
"""Edges of the third octaves whose rises are attacks."""
BAND_FLOOR = 1e-4
"""Power of a band below which its rises are noise: about -90 dB re full scale."""
PARTIALS_HZ = (200.0, 8000.0)
NEIGHBOURS_HZ = 250.0
"""A partial is the highest within a tenth of this and stands out of the mean over this much on each side."""
STANDS_OUT_DB = 8.0
FAINTEST_DB = -50.0
"""Beside the strongest bin of the window; what is fainter is no partial."""
SPAN_S = 4.0
"""The character of a moment is that of so much sound around it."""
WINDOWS_AT_ONCE = 512

CHARACTERS = ("heavy", "calm", "bright")
MEASURES = ("bass_share", "treble_db", "level_db", "attacks", "partials")
USUAL = np.array([1.9, -17.5, -18.6, 1.73, 3.1])
SPREAD = np.array([5.0, 8.0, 5.4, 0.6, 3.0])
"""Middle and spread of each measure over the music at hand, for the standard scores; of the bass, those of its ratio
to the rest in dB."""
RULE = np.array(
    [
        [2.2, 0.0, 0.4, 0.4, 0.0],
        [-1.0, -0.5, -1.0, -0.8, 0.0],
        [-1.0, 0.9, 0.0, 0.2, 0.9],
    ]
)
"""Weight of each measure in each character."""
LEAST_SHARE = 1e-4
FARTHEST = 2.5
"""A standard score counts up to here: no single measure decides alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Spectra:
    """Measures of every hop: total power, that below `LOW_HZ` and above `HIGH_HZ`, mean square, rise, partials."""

    total: FloatArray
    low: FloatArray
    high: FloatArray
    square: FloatArray
    rise: FloatArray
    partials: FloatArray


def hear_spectra(mono: npt.NDArray[np.float32], sample_rate: int) -> Spectra:
    """Measure ``(n,)`` samples, one row a hop, windows as the extractor's: silence is put in front."""
    padded = np.concatenate([np.zeros(WINDOW_SIZE - HOP_SIZE, np.float32), mono])
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SIZE)[::HOP_SIZE]
    hann = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW_SIZE) / WINDOW_SIZE)
    bin_hz = sample_rate / WINDOW_SIZE
    rows, before_db = [], None
    for start in range(0, len(windows), WINDOWS_AT_ONCE):
        some = windows[start : start + WINDOWS_AT_ONCE]
        power = np.abs(np.fft.rfft(some * hann, axis=1)) ** 2
        bands_db = _bands_db(power, bin_hz)
        rises = np.diff(bands_db, axis=0, prepend=bands_db[:1] if before_db is None else before_db)
        before_db = bands_db[-1:]
        rows.append(
            [
                power.sum(axis=1),
                power[:, : round(LOW_HZ / bin_hz) + 1].sum(axis=1),
                power[:, round(HIGH_HZ / bin_hz) :].sum(axis=1),
                np.square(some, dtype=np.float64).mean(axis=1),
                np.maximum(rises, 0.0).mean(axis=1),
                count_partials(power, bin_hz),
            ]
        )
    return Spectra(*np.concatenate(rows, axis=1))


def count_partials(power: FloatArray, bin_hz: float) -> FloatArray:
    """How many tones stand out of each spectrum ``(n, bins)`` of power.

    >>> spectrum = np.full((1, 1025), 1e-6)
    >>> spectrum[0, [40, 80, 120]] = 1.0
    >>> count_partials(spectrum, 23.4).tolist()
    [3.0]
    """
    reach = max(3, round(NEIGHBOURS_HZ / bin_hz))
    around = uniform_filter1d(power, 2 * reach + 1, axis=1)
    top = maximum_filter1d(power, 2 * max(1, reach // 10) + 1, axis=1)
    audible = power > 10.0 ** (FAINTEST_DB / 10.0) * power.max(axis=1, keepdims=True)
    stands_out = power > 10.0 ** (STANDS_OUT_DB / 10.0) * around
    low, high = (round(edge_hz / bin_hz) for edge_hz in PARTIALS_HZ)
    found = (power == top) & audible & stands_out & (power > 0.0)
    return np.asarray(found[:, low:high].sum(axis=1), np.float64)


def measures(spectra: Spectra, hop_s: float) -> FloatArray:
    """`MEASURES` of the sound around each hop, ``(hops, 5)``; shares are those of its whole energy."""
    span = max(1, round(SPAN_S / hop_s))
    total = np.maximum(_around(spectra.total, span), 1e-12)
    treble = np.maximum(_around(spectra.high, span) / total, 1e-6)
    square = np.maximum(_around(spectra.square, span), 1e-12)
    return np.stack(
        [
            _around(spectra.low, span) / total,
            10.0 * np.log10(treble),
            10.0 * np.log10(square),
            _around(spectra.rise, span),
            _around(spectra.partials, span),
        ],
        axis=1,
    )


def character_scores(measured: FloatArray) -> FloatArray:
    """Score of each of `CHARACTERS` for measures ``(n, 5)``: ``(n, 3)``, higher is nearer."""
    share = np.clip(measured[:, 0], LEAST_SHARE, 1.0 - LEAST_SHARE)
    evened = np.column_stack([10.0 * np.log10(share / (1.0 - share)), measured[:, 1:]])
    scores: FloatArray = np.clip((evened - USUAL) / SPREAD, -FARTHEST, FARTHEST) @ RULE.T
    return scores


def _bands_db(power: FloatArray, bin_hz: float) -> FloatArray:
    edges = np.unique(np.round(BANDS_HZ / bin_hz).astype(int))
    edges = edges[edges < power.shape[1]]
    bands_db: FloatArray = 10.0 * np.log10(np.add.reduceat(power, edges, axis=1) + BAND_FLOOR)
    return bands_db


def _around(values: FloatArray, span: int) -> FloatArray:
    mean: FloatArray = uniform_filter1d(values, span, mode="nearest")
    return mean
