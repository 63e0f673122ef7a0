"""What is usual in music at large, and where a sound lies in it: ranges that do not move."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from instrument.features.vector import FeatureVector
from instrument.units import amplitude_to_db, clamp


def _linear(value: float) -> float:
    return value


def _root(value: float) -> float:
    return math.sqrt(max(value, 0.0))


def _logarithm(value: float) -> float:
    return math.log10(max(value, 1e-10))


@dataclass(frozen=True, slots=True)
class CorpusRange:
    """What is usual in music: 5th and 95th percentile of a raw value, and how its range is followed.

    `domain` maps the raw value to where its distances are even; `adapt_s` is the time in which the range follows.
    """

    name: str
    low: float
    high: float
    domain: Callable[[float], float]
    adapt_s: float = 12.0


CORPUS: tuple[CorpusRange, ...] = (
    CorpusRange("spectral_contrast", 15.1, 25.0, _linear),
    CorpusRange("spectral_flatness", 7.5e-7, 1.7e-2, _logarithm),
    CorpusRange("onset_strength", 0.26, 9.0, _root),
    CorpusRange("zero_crossing_rate", 0.006, 0.15, _root),
    CorpusRange("chroma_variance", 0.015, 0.095, _root),
    CorpusRange("rms", 0.031, 0.19, amplitude_to_db, adapt_s=4.0),
)
"""Measured on 36 tracks of many kinds, hop 1024."""
BANDS_DB: tuple[tuple[float, float], ...] = ((5.0, 20.0), (8.0, 26.0), (10.0, 31.0), (12.0, 32.0), (13.0, 35.0))
"""5th and 95th percentile of the lower octaves of the contrast, over 117 tracks."""
BEYOND = 0.5
"""How far outside the corpus range an anchored value is still told apart, as a share of it."""
UNKNOWN = 0.5
"""An octave that a low sample rate does not have."""


class Anchor:
    """Where a value lies in the corpus range, which does not move: what a long quiet piece does not make loud."""

    def __init__(self, corpus: CorpusRange) -> None:
        self._domain = corpus.domain
        self._low = corpus.domain(corpus.low)
        self._span = corpus.domain(corpus.high) - self._low

    def position(self, raw: float) -> float:
        """In ``[-BEYOND, 1 + BEYOND]``."""
        return clamp((self._domain(raw) - self._low) / self._span, -BEYOND, 1.0 + BEYOND)


_ANCHORS = tuple(Anchor(corpus) for corpus in CORPUS)
_BAND_ANCHORS = tuple(Anchor(CorpusRange("contrast", low, high, _linear)) for low, high in BANDS_DB)


def anchor(vector: FeatureVector) -> tuple[float, ...]:
    """The vector in the ranges of the corpus, in the order of `ANCHORED_NAMES`."""
    known = [
        anchored.position(float(getattr(vector, corpus.name)))
        for anchored, corpus in zip(_ANCHORS, CORPUS, strict=True)
    ]
    bands = [UNKNOWN] * len(BANDS_DB)
    for index, (anchored, contrast_db) in enumerate(zip(_BAND_ANCHORS, vector.contrast_bands, strict=False)):
        bands[index] = anchored.position(contrast_db)
    return (*known, *bands)
