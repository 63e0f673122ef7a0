"""Conversions between units. Nothing here knows of time, threads or devices."""

import math

SILENCE_DB = -120.0
"""The level written for digital silence, dB re full scale."""


def amplitude_to_db(amplitude: float) -> float:
    """Level of a linear amplitude in dB re 1.0, never below `SILENCE_DB`.

    >>> amplitude_to_db(1.0)
    0.0
    >>> amplitude_to_db(0.0)
    -120.0
    """
    if amplitude <= 0.0:
        return SILENCE_DB
    return max(20.0 * math.log10(amplitude), SILENCE_DB)


def db_to_amplitude(level_db: float) -> float:
    """Linear amplitude of a level in dB re 1.0.

    >>> db_to_amplitude(-20.0)
    0.1
    """
    return float(10.0 ** (level_db / 20.0))


def clamp(value: float, minimum: float, maximum: float) -> float:
    """Hold `value` inside ``[minimum, maximum]``.

    >>> clamp(1.5, 0.0, 1.0)
    1.0
    """
    return min(max(value, minimum), maximum)


def one_pole_step(dt_s: float, time_constant_s: float) -> float:
    """Share of the way a one-pole glide covers in `dt_s`: independent of how the time is cut up.

    Covering ``dt`` once equals covering ``dt/2`` twice, which is what keeps motion off the frame rate.

    >>> one_pole_step(0.0, 1.0)
    0.0
    >>> one_pole_step(1.0, 0.0)
    1.0
    """
    if time_constant_s <= 0.0:
        return 1.0
    return -math.expm1(-dt_s / time_constant_s)
