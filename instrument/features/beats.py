"""What follows the beat, as the listening chain sees it: the tracker, or what takes its place."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from instrument.features.rhythm import NO_RHYTHM, BeatState

Floats = npt.NDArray[np.float32]


class Beats(Protocol):
    """Told of every hop, it announces beats. One owner."""

    def process(self, power: Floats, time_s: float, window: Floats) -> BeatState:
        """What is believed after a hop: the power spectrum ``(bins,)`` of `window` ``(window_size,)``.

        `time_s` is the capture time of the newest sample. Neither array is kept or written to.
        """
        ...

    def reset(self) -> None:
        """As new."""
        ...

    def tap(self, time_s: float) -> object:
        """A hand tapped the beat at `time_s`."""
        ...

    def halve(self) -> object:
        """The beat is half as fast as believed."""
        ...

    def double(self) -> object:
        """The beat is twice as fast as believed."""
        ...


class NoBeats:
    """Where nobody asks for the beat: it is most of the work of listening, and no descriptor depends on it."""

    def __init__(self, sample_rate: int, hop_size: int) -> None:
        """As the tracker is made."""

    def process(self, power: Floats, time_s: float, window: Floats) -> BeatState:  # noqa: ARG002 - it hears nothing
        """None is believed."""
        return NO_RHYTHM.beat

    def reset(self) -> None:
        """It is always as new."""

    def tap(self, time_s: float) -> None:
        """Not listened to."""

    def halve(self) -> None:
        """Not listened to."""

    def double(self) -> None:
        """Not listened to."""
