"""What is said to the instrument from outside, after the device's own dialect has been taken off."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ControlEvent:
    """A movement of one control.

    `device` is the port's stable name, `position` is normalized to ``[0, 1]``; `time_s` is when it arrived.
    `kind` is ``"control"`` (a CC) or ``"note"`` (pressed > 0, released = 0).
    """

    device: str
    kind: str
    channel: int
    number: int
    position: float
    time_s: float


@dataclass(frozen=True, slots=True)
class OscEvent:
    """An OSC message. `arguments` are as they came: any type, any number, in no known range; `time_s` is when."""

    address: str
    arguments: tuple[object, ...]
    time_s: float


Event = ControlEvent | OscEvent
