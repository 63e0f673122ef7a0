"""One parameter: its name, unit, range, warp and help. The only place that maps value to normalized and back."""

import math
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote

from instrument.errors import ParameterError
from instrument.units import clamp


class Warp(Enum):
    """How the travel of a control is spread over the range (the names are SuperCollider's)."""

    LINEAR = "linear"
    EXPONENTIAL = "exponential"
    """Equal travel multiplies by equal factors; both bounds share a sign and are not zero."""
    SQUARE = "square"
    """Fine near the minimum: value grows with the square of the travel."""


class Kind(Enum):
    """What sort of control a parameter wants."""

    CONTINUOUS = "continuous"
    SWITCH = "switch"
    """Two states, stored as 0.0 and 1.0; a control past the middle means on."""


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """One row of the parameter table: gives the slider, the MIDI target, the OSC address, the preset key, the unit and
    the help.

    `smoothing_s` is the time constant in which the played value follows a change; 0 follows at once.
    `persisted` rows are part of a look.
    """

    name: str
    label: str
    group: str
    default: float
    minimum: float
    maximum: float
    help: str
    unit: str = ""
    warp: Warp = Warp.LINEAR
    kind: Kind = Kind.CONTINUOUS
    smoothing_s: float = 0.0
    persisted: bool = True

    def __post_init__(self) -> None:
        if not self.minimum < self.maximum:
            raise ParameterError(f"{self.name}: minimum {self.minimum} is not below maximum {self.maximum}")
        if not self.minimum <= self.default <= self.maximum:
            raise ParameterError(f"{self.name}: default {self.default} is out of range")
        if self.warp is Warp.EXPONENTIAL and self.minimum <= 0.0:
            raise ParameterError(f"{self.name}: an exponential range must be above zero")

    @property
    def address(self) -> str:
        """OSC address of the value. Moods are data: what OSC gives a meaning of its own is written as in a URL.

        >>> ParamSpec("mood.deep_sea?.bias", "X", "g", 0.0, -2.0, 2.0, "").address
        '/mood/deep_sea%3F/bias'
        """
        return "/" + "/".join(quote(part, safe="", errors="surrogatepass") for part in self.name.split("."))

    def constrain(self, value: float) -> float:
        """Nearest playable value: inside the bounds, 0 or 1 for a switch.

        Raises
        ------
        ParameterError
            If `value` is not a finite number.
        """
        if not math.isfinite(value):
            raise ParameterError(f"{self.name}: {value!r} is not a number")
        if self.kind is Kind.SWITCH:
            middle = 0.5 * (self.minimum + self.maximum)
            return self.maximum if value >= middle else self.minimum
        return clamp(float(value), self.minimum, self.maximum)

    def value_of(self, normalized: float) -> float:
        """Value at a control position in ``[0, 1]``.

        >>> round(ParamSpec("x", "X", "g", 1.0, 0.1, 10.0, "", warp=Warp.EXPONENTIAL).value_of(0.5), 9)
        1.0
        """
        position = clamp(normalized, 0.0, 1.0)
        span = self.maximum - self.minimum
        if self.warp is Warp.EXPONENTIAL:
            value = self.minimum * math.exp(position * math.log(self.maximum / self.minimum))
        elif self.warp is Warp.SQUARE:
            value = self.minimum + span * position * position
        else:
            value = self.minimum + span * position
        return self.constrain(value)

    def normalized_of(self, value: float) -> float:
        """Control position in ``[0, 1]`` that gives `value`.

        >>> ParamSpec("x", "X", "g", 0.0, -2.0, 2.0, "").normalized_of(1.0)
        0.75
        """
        inside = self.constrain(value)
        if self.warp is Warp.EXPONENTIAL:
            return math.log(inside / self.minimum) / math.log(self.maximum / self.minimum)
        position = (inside - self.minimum) / (self.maximum - self.minimum)
        return math.sqrt(position) if self.warp is Warp.SQUARE else position

    def text_of(self, value: float) -> str:
        """The value as a performer reads it, with its unit.

        >>> ParamSpec("x", "X", "g", 0.0, -2.0, 2.0, "", unit="dB").text_of(-1.5)
        '-1.50 dB'
        """
        if self.kind is Kind.SWITCH:
            return "on" if value >= 0.5 * (self.minimum + self.maximum) else "off"
        decimals = 0 if self.maximum - self.minimum >= 100.0 else 2
        return f"{value:.{decimals}f}{' ' + self.unit if self.unit else ''}"
