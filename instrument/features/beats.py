"""What follows the beat, as the listening chain sees it."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from instrument.features.rhythm import BeatState

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
    """Knows of no beat, whatever is played: accents fall on attacks."""

    def process(self, power: Floats, time_s: float, window: Floats) -> BeatState:
        """Nothing."""
        del power, time_s, window
        return BeatState()

    def reset(self) -> None:
        """Nothing to forget."""

    def tap(self, time_s: float) -> None:
        """Not taken."""

    def halve(self) -> None:
        """Not taken."""

    def double(self) -> None:
        """Not taken."""


def make_beats(sample_rate: int, hop_size: int) -> Beats:
    """The one that is played with."""
    del sample_rate, hop_size
    return NoBeats()
