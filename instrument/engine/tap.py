"""Leads the heard sound to the sinks that record it, at the rate and channels they were promised."""

import numpy as np
import numpy.typing as npt
import soxr

from instrument.audio.source import AudioBlock


class AudioTap:
    """Matches any source to one stream, so that a recording outlives a change of input. One owner thread."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._sample_rate = sample_rate
        self._channels = channels
        self._source_rate = sample_rate
        self._resampler: soxr.ResampleStream | None = None
        self._held_s = 0.0

    def process(self, block: AudioBlock, source_rate: int) -> AudioBlock:
        """The same sound, ``(n, channels)`` at the stream's rate.

        A resampler holds some sound back, so `n` may be 0 at first; the block's capture time stays true.
        """
        samples = match_channels(block.samples, self._channels)
        if source_rate != self._source_rate:
            self._source_rate, self._held_s = source_rate, 0.0
            self._resampler = None
        if source_rate != self._sample_rate:
            samples = self._resample(samples)
        return AudioBlock(samples, block.capture_time_s - self._held_s, block.lost)

    def _resample(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(self._source_rate, self._sample_rate, self._channels, dtype="float32")
        resampled: npt.NDArray[np.float32] = self._resampler.resample_chunk(samples).reshape(-1, self._channels)
        self._held_s += len(samples) / self._source_rate - len(resampled) / self._sample_rate
        return resampled


def match_channels(samples: npt.NDArray[np.float32], channels: int) -> npt.NDArray[np.float32]:
    """``(n, channels)`` from any number: mono is copied to all, more or fewer are averaged to one first.

    >>> match_channels(np.ones((4, 1), np.float32), 2).shape
    (4, 2)
    """
    if samples.shape[1] == channels:
        return samples
    mono = samples.mean(axis=1, keepdims=True, dtype=np.float32)
    return np.repeat(mono, channels, axis=1)
