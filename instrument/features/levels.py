"""Brings the descriptors to ``[0, 1]`` by what has been usual lately, and takes the offset off the sound first."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from instrument.features.corpus import CORPUS, CorpusRange, anchor
from instrument.features.sanitize import silence_bad_samples
from instrument.features.vector import DESCRIPTORS, SILENT, FeatureVector, NormalizedFeatures
from instrument.units import amplitude_to_db, clamp, one_pole_step

DC_PIECE = 2048
"""Samples summed at once: the weights of the oldest and the newest stay within a factor of three."""
DC_POLE = 0.9995
"""A corner of 4 Hz at 48 kHz."""
STATE_FLOOR = 1e-30
"""A filter state below this is silence; left alone it would decay into denormals, which are slow."""

GATE_DB = -60.0
REST_S = 0.5
"""Time constant in which the outputs glide to rest behind a closed gate."""
QUANTILE = 0.05
"""The share of hops below the range, and above it."""
EAGER_S = 3.0
"""Heard time in which the range moves `EAGER` times faster, since the corpus is only a first guess."""
EAGER = 7.0
MINIMUM_SPAN = 0.25
"""Least width of a range as a share of the corpus range: a held drone must not be blown up to full scale."""
OUTSIDE = 0.25
"""Values further outside the range than this share of it pull the bound itself."""
PULL_S = 0.85
"""Time constant of that pull: 2.5 % a hop of 1024 samples."""
FLOOR_RATE = 0.25
"""The floor rises this much slower than the ceiling sinks: standing, it would leave half the range idle for a minute
after a jump of 20 dB; as fast as the ceiling, it would squeeze ordinary music."""
LONGEST_STEP_S = 0.1
"""A longer hop moves the range no further than this: after a gap there is still only one value to learn from."""
FAR = 4.0
"""Values are not believed further outside the corpus range than this many times its width."""


class DcBlocker:
    """One-pole high-pass that takes a constant offset off the sound; an offset spoils the zero crossing rate.

    A stage of its own in front of the extractor. ``y[n] = x[n] - x[n - 1] + DC_POLE * y[n - 1]`` per channel,
    summed in closed form: the library that would run the recursion takes half a second of every start to import.
    """

    def __init__(self) -> None:
        self._before = np.zeros((2, 0))
        """The last input and the last output, ``(2, channels)``."""
        self._decay = DC_POLE ** np.arange(DC_PIECE, dtype=np.float64)[:, None]
        self._bad_samples = 0

    @property
    def bad_samples(self) -> int:
        """Samples (per channel) that were not sound and were taken as 0; one would spoil the memory for good."""
        return self._bad_samples

    def process(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The ``(n, channels)`` float32 block without its offset, as a new block.

        Starts anew when the number of channels changes. Raises AudioError on another shape or type.
        """
        clean, bad = silence_bad_samples(samples)
        self._bad_samples += bad
        if self._before.shape[1] != samples.shape[1]:
            self._before = np.zeros((2, samples.shape[1]))
        blocked = np.empty(samples.shape, np.float32)
        for start in range(0, len(samples), DC_PIECE):
            blocked[start : start + DC_PIECE] = self._block_piece(clean[start : start + DC_PIECE])
        return blocked

    def _block_piece(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        decay = self._decay[: len(samples)]
        steps = np.diff(samples, axis=0, prepend=self._before[:1])
        steps[0] += DC_POLE * self._before[1]
        blocked: npt.NDArray[np.float64] = decay * np.cumsum(steps / decay, axis=0)
        self._before = np.stack([samples[-1], blocked[-1]])
        self._before[1, np.abs(self._before[1]) < STATE_FLOOR] = 0.0
        return blocked

    def reset(self) -> None:
        """As new."""
        self._before = np.zeros((2, 0))
        self._bad_samples = 0


class AdaptiveRange:
    """The range of one descriptor: two stochastic quantile trackers that start from the corpus.

    Each bound takes small steps, up and down in the proportion of its quantile, so it settles where that share of
    the values lies below it (Robbins and Monro 1951). Besides, a value far outside pulls the bound at once, and a
    ceiling that sinks unless values hold it up draws the upper bound down after a drop; a floor does the same the
    other way. No window is kept.
    """

    def __init__(self, corpus: CorpusRange) -> None:
        self._domain = corpus.domain
        self._adapt_s = corpus.adapt_s
        self._corpus_low = corpus.domain(corpus.low)
        self._corpus_high = corpus.domain(corpus.high)
        self._corpus_span = self._corpus_high - self._corpus_low
        self.reset()

    def reset(self) -> None:
        """Back to the corpus."""
        self._low = self._corpus_low
        self._high = self._corpus_high
        self._ceiling = self._corpus_high
        self._floor = self._corpus_low

    def start_at(self, low: float, high: float) -> None:
        """Go on from this range, in the domain; the lower bound is not above the upper one."""
        self._low = self._floor = low
        self._high = self._ceiling = high

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound in the domain, never nearer than the least span."""
        middle = 0.5 * (self._low + self._high)
        half = 0.5 * max(self._high - self._low, MINIMUM_SPAN * self._corpus_span)
        return middle - half, middle + half

    def position(self, raw: float) -> float:
        """Where a raw value lies in the range, in ``[0, 1]``."""
        low, high = self.bounds
        return clamp((self._believed(raw) - low) / (high - low), 0.0, 1.0)

    def adapt(self, raw: float, dt_s: float, eagerness: float) -> None:
        """Move the bounds by one raw value that stands for `dt_s` seconds, `eagerness` times the usual step."""
        value = self._believed(raw)
        step = 2.0 * self._corpus_span * eagerness * dt_s / self._adapt_s
        self._low += step * (QUANTILE - (value < self._low))
        self._high += step * (1.0 - QUANTILE - (value < self._high))
        self._pull_outliers(value, dt_s)
        self._follow_extremes(value, dt_s)
        if self._low > self._high:
            self._low = self._high = 0.5 * (self._low + self._high)

    def _believed(self, raw: float) -> float:
        far = FAR * self._corpus_span
        return clamp(self._domain(raw), self._corpus_low - far, self._corpus_high + far)

    def _pull_outliers(self, value: float, dt_s: float) -> None:
        margin = OUTSIDE * (self._high - self._low)
        pull = one_pole_step(dt_s, PULL_S)
        if value < self._low - margin:
            self._low += pull * (value - self._low)
        elif value > self._high + margin:
            self._high += pull * (value - self._high)

    def _follow_extremes(self, value: float, dt_s: float) -> None:
        fall = self._corpus_span * dt_s / self._adapt_s
        pull = one_pole_step(dt_s, PULL_S)
        self._ceiling = max(value, self._ceiling - fall)
        self._floor = min(value, self._floor + FLOOR_RATE * fall)
        self._high += pull * min(self._ceiling - self._high, 0.0)
        self._low += pull * max(self._floor - self._low, 0.0)


class LevelNormalizer:
    """The five and the level in ``[0, 1]``, each by its own adaptive range. Owned by one thread.

    Below `gate_db` (dB re full scale) nothing is learned and the outputs glide to rest, so that a pause does not
    teach the instrument that noise is music.
    """

    def __init__(self, gate_db: float = GATE_DB) -> None:
        self.gate_db = gate_db
        self._ranges = tuple(AdaptiveRange(corpus) for corpus in CORPUS)
        self.reset()

    def reset(self) -> None:
        """As new: the corpus ranges, outputs at rest."""
        for adaptive in self._ranges:
            adaptive.reset()
        self._outputs = [getattr(SILENT, descriptor.name) for descriptor in DESCRIPTORS] + [SILENT.level]
        self._heard_s = 0.0

    def bounds(self) -> tuple[tuple[float, float], ...]:
        """The ranges now, each in its domain, in the order of `CORPUS`."""
        return tuple(adaptive.bounds for adaptive in self._ranges)

    def start_at(self, bounds: Sequence[tuple[float, float]]) -> None:
        """Go on from these ranges, each in its domain, in the order of `CORPUS`; they are more than a first guess."""
        for adaptive, (low, high) in zip(self._ranges, bounds, strict=True):
            adaptive.start_at(low, high)
        self._heard_s = EAGER_S

    def process(self, vector: FeatureVector, dt_s: float, *, hold: bool = False) -> NormalizedFeatures:
        """Normalise one vector, which stands for `dt_s` seconds (0 and up).

        With `hold` the ranges stay where they are, as a performer wants it for a fade-in.
        """
        gate_open = amplitude_to_db(vector.rms) >= self.gate_db
        if gate_open:
            values = [float(getattr(vector, corpus.name)) for corpus in CORPUS]
            if not hold:
                self._adapt(values, dt_s)
            self._outputs = [adaptive.position(value) for adaptive, value in zip(self._ranges, values, strict=True)]
        else:
            remaining = 1.0 - one_pole_step(dt_s, REST_S)
            self._outputs = [remaining * output for output in self._outputs]
        contrast, flatness, onset, crossings, chroma, level = self._outputs
        return NormalizedFeatures(
            contrast,
            flatness,
            onset,
            crossings,
            chroma,
            level,
            gate_open=gate_open,
            capture_time_s=vector.capture_time_s,
            anchored=anchor(vector),
        )

    def _adapt(self, values: list[float], dt_s: float) -> None:
        eagerness = EAGER if self._heard_s < EAGER_S else 1.0
        self._heard_s += dt_s
        for adaptive, value in zip(self._ranges, values, strict=True):
            adaptive.adapt(value, min(dt_s, LONGEST_STEP_S), eagerness)
