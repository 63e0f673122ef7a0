"""Music as the beat tracker's front ends hear it, offline: the spectra of a whole piece, one by one."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from instrument.features.beat.front_end import INPUTS, BeatFrontEnd
from instrument.features.beat.pitches import PITCHES, PitchFrontEnd
from instrument.features.spectrum import SlidingWindow, Spectrum

Samples = npt.NDArray[np.float32]
WINDOW_SIZE = 2048


def spectra(samples: Samples, hop_size: int) -> Iterator[tuple[Samples, Samples]]:
    """Window ``(2048,)`` and power ``(1025,)`` of each whole hop, as the extractor would have them.

    Both are the same arrays every time.
    """
    window = SlidingWindow(WINDOW_SIZE, hop_size)
    turns = np.arange(WINDOW_SIZE) / WINDOW_SIZE
    spectrum = Spectrum(0.5 - 0.5 * np.cos(2.0 * np.pi * turns))
    for start in range(0, len(samples) - hop_size + 1, hop_size):
        window.fill(samples[start : start + hop_size])
        spectrum.measure(window.samples)
        yield window.samples, spectrum.power
        window.slide()


def hear(samples: Samples, sample_rate: int, hop_size: int = 512) -> tuple[Samples, Samples]:
    """What the front ends make of ``(n,)`` mono: inputs ``(hops, INPUTS)`` and pitches ``(hops, PITCHES)``."""
    front_end = BeatFrontEnd(sample_rate, WINDOW_SIZE // 2 + 1, hop_size / sample_rate)
    pitch_front_end = PitchFrontEnd(sample_rate, WINDOW_SIZE // 2 + 1, hop_size / sample_rate)
    hops = len(samples) // hop_size
    inputs, pitches = np.empty((hops, INPUTS), np.float32), np.empty((hops, PITCHES), np.float32)
    for row, pitch_row, (_, power) in zip(inputs, pitches, spectra(samples, hop_size), strict=True):
        row[:] = front_end.process(power)
        pitch_row[:] = pitch_front_end.process(power)
    return inputs, pitches
