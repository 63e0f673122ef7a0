"""Magnitudes of the bands of a spectrum, each by the few bins that count for it."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class SpectralBands:
    """A filter bank ``(bands, bins)`` without its zeros. Owned by one thread; nothing is allocated that grows."""

    def __init__(self, bank: Floats) -> None:
        kept = bank != 0.0
        # A sum over no bin at all would take one of the next band's.
        kept[~kept.any(axis=1), 0] = True
        bands, self._columns = np.nonzero(kept)
        self._weights = np.ascontiguousarray(bank[kept])
        self._starts = np.searchsorted(bands, np.arange(len(bank)))
        self._products = np.empty(len(self._columns), np.float32)

    def measure(self, power: Floats, magnitudes: Floats) -> None:
        """Into `magnitudes` ``(bands,)``, of a power spectrum ``(bins,)``."""
        np.take(power, self._columns, out=self._products)
        self._products *= self._weights
        np.add.reduceat(self._products, self._starts, out=magnitudes)
        np.sqrt(magnitudes, out=magnitudes)
