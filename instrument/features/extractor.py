"""From blocks of sound to feature vectors."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from instrument.errors import AudioError
from instrument.features.banks import make_banks
from instrument.features.hops import CompiledHop, Hop, PlainHop
from instrument.features.sanitize import silence_bad_samples
from instrument.features.spectrum import SlidingWindow
from instrument.features.vector import FeatureVector
from instrument.kernels import KernelLoader

WARM_UP_HOPS = 4


class FeatureExtractor:
    """One `FeatureVector` each `hop_size` samples, the same whatever the blocks they come in.

    Vector ``t`` describes the samples ``[(t + 1) * hop_size - window_size, (t + 1) * hop_size)`` of the mono mix,
    silence assumed before the first. That is librosa's frame ``t`` of the signal with ``window_size - hop_size``
    zeros put in front and ``center=False``. Owned by one thread. The constructor takes seconds, `process` does not.

    Parameters
    ----------
    sample_rate
        Hz, 8000 and up; see `make_banks` for what happens at the ends.
    hop_size, window_size
        Samples; the window is even and no shorter than the hop.

    Raises
    ------
    AudioError
        If the sizes do not fit together.
    """

    def __init__(self, sample_rate: int, hop_size: int = 1024, window_size: int = 2048) -> None:
        if window_size % 2 or not 1 <= hop_size <= window_size:
            raise AudioError(f"hop {hop_size} and window {window_size}: the window is even and holds at least one hop")
        self.sample_rate = sample_rate
        self.hop_size = hop_size
        self.window_size = window_size
        self._window = SlidingWindow(window_size, hop_size)
        self._plain = PlainHop(make_banks(sample_rate, window_size))
        self._hop: Hop = self._plain
        self._loader: KernelLoader | None = None
        self._hop_index = 0
        self._bad_samples = 0
        self._warm_up()

    @property
    def bad_samples(self) -> int:
        """Samples, counted per channel, that were not sound and were taken as 0."""
        return self._bad_samples

    @property
    def power(self) -> npt.NDArray[np.float32]:
        """Power spectrum ``(window_size // 2 + 1,)`` of the newest vector's window; the same array every time."""
        return self._plain.spectrum.power

    @property
    def window(self) -> npt.NDArray[np.float32]:
        """The samples ``(window_size,)`` of the vector that `hops` hands out at the moment; the same array every time.

        Not to be written to, and not to be kept.
        """
        return self._window.samples

    def process(self, samples: npt.NDArray[np.float32], capture_time_s: float) -> list[FeatureVector]:
        """The vectors that the block completes, oldest first: none, one or several.

        Parameters
        ----------
        samples
            ``(n, channels)`` float32, any n; channels are mixed to mono by their mean. Not kept, not written to.
        capture_time_s
            Time of the newest of them; each vector gets that of the newest sample it has seen.

        Raises
        ------
        AudioError
            If the block has another shape or type.
        """
        return list(self.hops(samples, capture_time_s))

    def hops(self, samples: npt.NDArray[np.float32], capture_time_s: float) -> Iterator[FeatureVector]:
        """`process` one vector at a time: while one is handed out, `power` and `window` are those behind it.

        To be gone through to its end.
        """
        clean, bad = silence_bad_samples(samples)
        self._bad_samples += bad
        mono = mix_to_mono(clean)
        taken = 0
        while taken < len(mono):
            taken += self._window.fill(mono[taken:])
            if self._window.full:
                newest_s = capture_time_s - (len(mono) - taken) / self.sample_rate
                yield self._measure(newest_s)
                self._window.slide()

    def reset(self) -> None:
        """As new: silence before, hop 0, nothing counted."""
        self._window.reset()
        self._plain.onset.reset()
        self._hop_index = 0
        self._bad_samples = 0

    def speed_up(self, loader: KernelLoader) -> None:
        """Measure by the kernel from the first hop after `loader` has it; by numpy as before if it never has.

        Does not block. For the stage: the two differ by rounding, and offline work shall come from one arithmetic.
        """
        self._loader = loader

    def _measure(self, newest_s: float) -> FeatureVector:
        if self._loader is not None and self._loader.finished:
            if self._loader.ready:
                self._hop = CompiledHop(self._plain)
            self._loader = None
        vector = self._hop.measure(self._window.samples, newest_s, self._hop_index)
        self._hop_index += 1
        return vector

    def _warm_up(self) -> None:
        # The first FFT makes its tables and touches every array: before the show, not in its first hop.
        noise = np.random.default_rng(0).standard_normal((WARM_UP_HOPS * self.hop_size, 1), np.float32)
        self.process(noise, 0.0)
        self.reset()


def mix_to_mono(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Mean over the channels of ``(n, channels)``, as ``(n,)``.

    >>> mix_to_mono(np.array([[1.0, 0.0]], np.float32))
    array([0.5], dtype=float32)
    """
    if samples.shape[1] == 1:
        return samples[:, 0]
    # Channel by channel: the order of a numpy sum depends on the shape, and block size must not matter.
    mono = samples[:, 0] + samples[:, 1]
    for channel in range(2, samples.shape[1]):
        mono += samples[:, channel]
    mono /= samples.shape[1]
    return mono
