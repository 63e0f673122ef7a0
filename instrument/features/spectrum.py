"""The last samples heard, and their spectrum: one FFT a hop, into arrays made once."""

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class SlidingWindow:
    """The last `window_size` samples, ready each time `hop_size` new ones have come.

    Starts as if silence had come before. The cycle is `fill` until `full`, use `samples`, `slide`.
    """

    def __init__(self, window_size: int, hop_size: int) -> None:
        self._hop_size = hop_size
        self._samples = np.zeros(window_size, np.float32)
        self._end = window_size - hop_size

    @property
    def full(self) -> bool:
        """Whether a whole hop has come since the last `slide`."""
        return self._end == len(self._samples)

    @property
    def samples(self) -> Floats:
        """``(window_size,)``, oldest first; the same array every time. Complete only while `full`."""
        return self._samples

    def fill(self, samples: Floats) -> int:
        """Take as many of the ``(n,)`` samples as the hop still lacks, and say how many those were."""
        taken = min(len(samples), len(self._samples) - self._end)
        self._samples[self._end : self._end + taken] = samples[:taken]
        self._end += taken
        return taken

    def slide(self) -> None:
        """Let the oldest hop go and make room for the next."""
        self._end = len(self._samples) - self._hop_size
        self._samples[: self._end] = self._samples[self._hop_size :]

    def reset(self) -> None:
        """Back to silence."""
        self._samples.fill(0.0)
        self._end = len(self._samples) - self._hop_size


def _bare_rfft() -> Callable[..., Any]:
    """numpy's FFT of an even number of samples without the checks of ``np.fft.rfft``, which on cold caches cost as
    much as the FFT; that itself where numpy does not show it."""
    try:
        bare: Callable[..., Any] = importlib.import_module("numpy.fft._pocketfft_umath").rfft_n_even
    except (ImportError, AttributeError):
        return lambda samples, _scale, out: np.fft.rfft(samples, out=out)
    return bare


_RFFT = _bare_rfft()


class Spectrum:
    """Magnitude and power of the FFT of a window shaped by `taper`, ``(window_size,)``, as ``librosa.stft`` has them.

    The FFT is float64 and its result is rounded to complex64 before the magnitude is taken; with another order
    of these steps flatness is no longer librosa's to the last bit.
    """

    def __init__(self, taper: npt.NDArray[np.float64]) -> None:
        bins = len(taper) // 2 + 1
        self._taper = taper
        self._windowed = np.empty(len(taper))
        self._complex128 = np.empty(bins, np.complex128)
        self._complex64 = np.empty(bins, np.complex64)
        self.rows: Floats = np.zeros((3, bins), np.float32)
        """Magnitude, power, and room to work on the power, in one piece; the same array every time."""
        self.magnitude: Floats = self.rows[0]
        """``(window_size // 2 + 1,)``, of the window measured last."""
        self.power: Floats = self.rows[1]
        """Its square."""

    def measure(self, window: Floats) -> None:
        """Set `magnitude` and `power` to those of a ``(window_size,)`` window."""
        self.transform(window)
        np.square(self.magnitude, out=self.power)

    def transform(self, window: Floats) -> None:
        """Set `magnitude` alone, for who squares it in passing."""
        np.multiply(window, self._taper, out=self._windowed)
        _RFFT(self._windowed, 1.0, out=self._complex128)
        self._complex64[:] = self._complex128
        np.abs(self._complex64, out=self.magnitude)
