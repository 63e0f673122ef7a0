"""Hops of any size cut into, or gathered to, the steps of about 11 ms that beats are tracked in."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from instrument.features.spectrum import Spectrum

Floats = npt.NDArray[np.float32]

STEP_S = 512 / 46_000
"""What the network was fitted to: 512 samples at 44.1 and 48 kHz."""


class Steps:
    """From one spectrum a hop to one a step: every so many hops, or further ones between the hops.

    The windows of the further ones end within the hop. They are put together from its samples and those of the hop
    before, so nothing is heard later than it is captured.
    """

    def __init__(self, sample_rate: int, hop_size: int, window_size: int) -> None:
        hop_s = hop_size / sample_rate
        self._gathered = max(1, round(STEP_S / hop_s))
        self._cuts = max(1, round(hop_s / STEP_S))
        self.step_s = hop_s * self._gathered / self._cuts
        self._hop_size = hop_size
        self._window_size = window_size
        self._sample_s = 1.0 / sample_rate
        turns = np.arange(window_size) / window_size
        self._spectrum = Spectrum(0.5 - 0.5 * np.cos(2.0 * np.pi * turns))
        self._heard = np.zeros(window_size + hop_size, np.float32)
        self._hops = 0

    def reset(self) -> None:
        """As if silence had come before."""
        self._heard.fill(0.0)
        self._hops = 0

    def cut(self, power: Floats, window: Floats | None) -> Iterator[tuple[Floats, float]]:
        """The spectra of the steps that end in this hop, oldest first, and how long before its end each ends, s."""
        self._hops += 1
        if self._hops % self._gathered:
            return
        if self._cuts > 1 and window is not None:
            self._heard[: self._hop_size] = self._heard[self._hop_size : 2 * self._hop_size]
            self._heard[self._hop_size :] = window
        for number in range(1, self._cuts):
            ago = self._hop_size - number * self._hop_size // self._cuts
            if window is not None:
                stop = len(self._heard) - ago
                self._spectrum.measure(self._heard[stop - self._window_size : stop])
            yield power if window is None else self._spectrum.power, ago * self._sample_s
        yield power, 0.0
