"""The beat before it happens: from the spectrum of each hop to a tempo and the times of the next beats."""

import numpy as np
import numpy.typing as npt

from instrument.features.beat.bar_marker import BarMarker
from instrument.features.beat.beat_checker import BeatChecker
from instrument.features.beat.follower import BeatFollower
from instrument.features.beat.front_end import BeatFrontEnd
from instrument.features.beat.network import BeatMarker, load_bars, load_checks, load_weights
from instrument.features.beat.passed_beats import PassedBeats
from instrument.features.beat.pitches import PitchFrontEnd
from instrument.features.beat.steps import Steps
from instrument.features.rhythm import BeatState

Floats = npt.NDArray[np.float32]

WINDOW_SIZE = 2048
WARM_UP_HOPS = 4


class BeatTracker:
    """Announces the next beats from what has been heard so far. Owned by one thread.

    Small networks mark beats and say which tempi are likely (`BeatMarker`), a bar pointer's forward filter weighs every
    tempo and phase against that (`BeatPointer`), a follower plays the likeliest without jumping about
    (`BeatFollower`). Of every beat that has passed other networks say whether it was one at all (`BeatChecker`), which
    the filter weighs too, and whether it began a bar (`BarMarker`).

    Parameters
    ----------
    sample_rate, hop_size
        Of the extractor, whose spectra these are. The tracker itself steps about every 11 ms: over two or more short
        hops, or several times within a long one, for which it needs the samples.
    """

    def __init__(self, sample_rate: int, hop_size: int) -> None:
        self._steps = Steps(sample_rate, hop_size, WINDOW_SIZE)
        step_s = self._steps.step_s
        self._front_end = BeatFrontEnd(sample_rate, WINDOW_SIZE // 2 + 1, step_s)
        self._pitches = PitchFrontEnd(sample_rate, WINDOW_SIZE // 2 + 1, step_s)
        self._marker = BeatMarker(*load_weights())
        self._passed = PassedBeats()
        bar_marker, checker = BarMarker(load_bars()), BeatChecker(load_checks())
        self._follower = BeatFollower(step_s, self._marker.tempi, self._passed, bar_marker, checker)
        self._state = BeatState()
        self._newest_s = 0.0
        self._warm_up()

    def process(self, power: Floats, time_s: float, window: Floats | None = None) -> BeatState:
        """What is believed after one more hop.

        Parameters
        ----------
        power
            ``(1025,)``, of the Hann-tapered window of 2048 samples that ends with the hop. Not kept, not written to.
        time_s
            Capture time of the newest sample.
        window
            Those 2048 samples. Without them a hop longer than a step stands for all the steps in it, and beats
            are known less exactly.
        """
        self._newest_s = time_s
        for step_power, ago_s in self._steps.cut(power, window):
            inputs = self._front_end.process(step_power)
            if self._front_end.hears:
                self._passed.hear(inputs, self._pitches.process(step_power))
                self._state = self._follower.process(self._marker.process(inputs), time_s - ago_s)
            else:
                self._passed.rest()
                self._state = self._follower.wait(time_s - ago_s)
        return self._state

    def tap(self, time_s: float) -> BeatState:
        """A hand taps a beat at `time_s`; two in time set tempo and phase, which the sound then corrects slowly."""
        self._state = self._follower.tap(time_s)
        return self._state

    def halve(self) -> BeatState:
        """Half the tempo, as the performer hears it, until `reset`."""
        self._state = self._follower.scale(0.5, self._newest_s)
        return self._state

    def double(self) -> BeatState:
        """Twice the tempo, as the performer hears it, until `reset`."""
        self._state = self._follower.scale(2.0, self._newest_s)
        return self._state

    def reset(self) -> None:
        """As new: nothing heard, nothing corrected."""
        self._steps.reset()
        self._front_end.reset()
        self._marker.reset()
        self._pitches.reset()
        self._passed.reset()
        self._follower.reset()
        self._state = BeatState()
        self._newest_s = 0.0

    def _warm_up(self) -> None:
        noise = np.random.default_rng(0).random(WINDOW_SIZE // 2 + 1, np.float32)
        for hop in range(WARM_UP_HOPS):
            self.process(noise, float(hop), np.zeros(WINDOW_SIZE, np.float32))
        self.reset()
