"""Low-pass filters of a StyleGAN3 network: Kaiser windows, separable or radial.

Only seeded networks need them; a snapshot brings its own.
Source: Karras et al., "Alias-Free Generative Adversarial Networks", NeurIPS 2021, appendix C;
Kaiser's formulas as in Oppenheim and Schafer, "Discrete-Time Signal Processing", section 7.6.
"""

import numpy as np
import numpy.typing as npt
from scipy import signal, special


def low_pass(taps: int, cutoff: float, half_width: float, rate: float) -> npt.NDArray[np.float32]:
    """Separable low-pass ``(taps,)`` with unit sum.

    `cutoff` and the transition's `half_width` are in the units of `rate`.

    >>> round(float(low_pass(12, 4.0, 2.0, 64.0).sum()), 6)
    1.0
    """
    kernel = signal.firwin(numtaps=taps, cutoff=cutoff, width=2.0 * half_width, fs=rate)
    return np.asarray(kernel, dtype=np.float32)


def radial_low_pass(taps: int, cutoff: float, half_width: float, rate: float) -> npt.NDArray[np.float32]:
    """Radially symmetric low-pass ``(taps, taps)`` with unit sum: a jinc under an outer product of Kaiser windows."""
    position = (np.arange(taps) - (taps - 1) / 2) / rate
    radius = np.hypot(*np.meshgrid(position, position))
    phase = 2.0 * np.pi * cutoff * radius
    # J1(x)/x tends to 1/2 where odd sizes put a tap on the centre.
    jinc = np.where(phase > 0.0, special.j1(phase) / np.where(phase > 0.0, phase, 1.0), 0.5)
    attenuation_db = signal.kaiser_atten(taps, 2.0 * half_width / (rate / 2.0))
    window = np.kaiser(taps, signal.kaiser_beta(attenuation_db))
    kernel = jinc * np.outer(window, window)
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)
