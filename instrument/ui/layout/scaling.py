"""One factor for every length. Pure."""

import math

REFERENCE_PX = (1280, 800)
"""The window in which scale 1 fits."""


def px(length: float, scale: float) -> float:
    """`length` at `scale`, on whole pixels."""
    return float(round(length * scale))


def fitting_scale(width: float, height: float, wanted: float | None) -> float:
    """The scale to draw at: `wanted` if that fits, else the largest that does; None follows the window.

    >>> fitting_scale(1920, 1080, None), fitting_scale(1920, 1080, 1.0), fitting_scale(1280, 800, 2.0)
    (1.35, 1.0, 1.0)
    """
    largest = min(width / REFERENCE_PX[0], height / REFERENCE_PX[1])
    # Steps of a twentieth: text sizes would otherwise change with every pixel a window is pulled.
    largest = max(math.floor(largest * 20.0 + 1e-6) / 20.0, 0.05)
    return largest if wanted is None else min(wanted, largest)
