"""What follows the beat, as the listening chain sees it."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from instrument.features.rhythm import BeatState


class BeatFollower(Protocol):
    """Told of every hop, it announces beats. One owner."""

    def process(self, power: npt.NDArray[np.float32], time_s: float) -> BeatState:
        """What is believed after a hop with this power spectrum ``(bins,)``, whose newest sample is of `time_s`."""
        ...

    def reset(self) -> None:
        """As new."""
        ...

    def tap(self, time_s: float) -> None:
        """A hand tapped the beat at `time_s`."""
        ...

    def halve(self) -> None:
        """The beat is half as fast as believed."""
        ...

    def double(self) -> None:
        """The beat is twice as fast as believed."""
        ...


class NoBeats:
    """Knows of no beat, whatever is played: accents fall on attacks."""

    def process(self, power: npt.NDArray[np.float32], time_s: float) -> BeatState:
        """Nothing."""
        del power, time_s
        return BeatState()

    def reset(self) -> None:
        """Nothing to forget."""

    def tap(self, time_s: float) -> None:
        """Not taken."""

    def halve(self) -> None:
        """Not taken."""

    def double(self) -> None:
        """Not taken."""


def make_beat_follower(sample_rate: int, hop_size: int) -> BeatFollower:
    """The one that is played with."""
    del sample_rate, hop_size
    return NoBeats()
