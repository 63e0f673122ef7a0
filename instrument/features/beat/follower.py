"""From marks to announced beats: follows what the filter believes, and says so when it changes its mind."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from instrument.features.beat.bar_marker import BarMarker
from instrument.features.beat.bars import BarCounter
from instrument.features.beat.beat_checker import BeatChecker
from instrument.features.beat.confidence import Trust
from instrument.features.beat.hand import Taps
from instrument.features.beat.network import DELAY_S
from instrument.features.beat.passed_beats import PassedBeats
from instrument.features.beat.pointer import NEUTRAL_MARK, BeatPointer, Reading
from instrument.features.rhythm import BEATS_IN_BAR, BeatState

READ_EVERY = 4
"""Hops between two looks at the filter."""
NUDGE = 0.35
"""Share of a small error that is corrected at each look."""
GLIDE = 0.15
"""The same for the period."""
SAME_PHASE = 0.14
SAME_TEMPO = 0.07
"""Up to this, relative to the period, another reading is the same beat, only better known."""
START_SHARE = 0.25
ADVANTAGE = 4.0
"""How many times likelier another beat must be than the one that is played."""
PATIENCE = 6
"""Looks in a row for which it must be."""
BESIDE = 0.15
"""A mark this near to a beat, in periods, is of that beat."""
TAPPED_PATIENCE = 24
TAPPED_GENTLER = 0.25
"""After taps small errors are corrected by this much less."""
TAPPED_CONFIDENCE = 0.8
ANNOUNCED = 4
LEVELS = (0.25, 0.5, 1.0, 2.0, 4.0)


class BeatFollower:
    """Owns the beat that is played: an anchor and a period, which only small errors move without a jump.

    `level` is how many beats the performer hears in one of the tracker's: only `scale` moves it from 1, and it
    then keeps the tempo heard where it is if the tracker goes to half or double itself.
    """

    def __init__(
        self,
        step_s: float,
        tempi: Callable[[], npt.NDArray[np.floating]],
        passed: PassedBeats,
        bar_marker: BarMarker,
        checker: BeatChecker,
    ) -> None:
        """`tempi` gives what `BeatPointer.heed` takes; `passed` is told elsewhere what is heard."""
        self._step_s = step_s
        self._tempi = tempi
        self._passed = passed
        self._bar_marker = bar_marker
        self._checker = checker
        self._pointer = BeatPointer(step_s)
        self._bars = BarCounter()
        self._trust = Trust(step_s)
        self._taps = Taps()
        self.reset()

    def reset(self) -> None:
        """Nothing is known."""
        self._pointer.reset()
        self._bars.reset()
        self._trust.reset()
        self._taps.reset()
        self._bar_marker.reset()
        self._checker.reset()
        self._period_s = self._anchor_s = 0.0
        self._doubts = self._hops = self.jumps = 0
        self._level = 1.0
        self._tapped = False

    def process(self, mark: float, time_s: float) -> BeatState:
        """Take the mark of the hop whose newest sample is of `time_s`."""
        self._pointer.step(mark)
        self._hops += 1
        heard_s = time_s - DELAY_S
        if self._hops % READ_EVERY == 0:
            self._pointer.heed(self._tempi())
            self._follow(self._pointer.read(), heard_s)
        if self._period_s > 0.0:
            self._trust.hear(mark, (heard_s - self._anchor_s) / self._period_s % 1.0)
            self._count(heard_s)
        return self._state(time_s)

    def wait(self, time_s: float) -> BeatState:
        """Go on through a hop of silence: the beat is kept, less and less sure of."""
        self._pointer.step(NEUTRAL_MARK)
        self._trust.wait()
        if self._period_s > 0.0:
            self._count(time_s - DELAY_S)
        return self._state(time_s)

    def tap(self, time_s: float) -> BeatState:
        """Take a beat from a hand; the first of a row is the first of a bar."""
        tapped = self._taps.take(time_s)
        if tapped is not None:
            self._period_s, self._anchor_s = tapped
            self._bars.begin((self._taps.count - 1) % BEATS_IN_BAR)
            self._pointer.favour(self._period_s / self._step_s, (DELAY_S / self._period_s) % 1.0)
            self._begin_anew()
            self._tapped, self._level, self._doubts = True, 1.0, 0
        return self._state(time_s)

    def scale(self, factor: float, time_s: float) -> BeatState:
        """Hear the tempo `factor` times as fast."""
        if self._level * factor in LEVELS:
            self._level *= factor
        return self._state(time_s)

    def _follow(self, reading: Reading, heard_s: float) -> None:
        period_s = reading.period * self._step_s
        anchor_s = heard_s - reading.phase * period_s
        if self._period_s == 0.0:
            if reading.share > START_SHARE:
                self._period_s, self._anchor_s = period_s, anchor_s
            return
        error_s = math.remainder(anchor_s - self._anchor_s, self._period_s)
        near = abs(error_s) < SAME_PHASE * self._period_s
        if near and abs(period_s / self._period_s - 1.0) < SAME_TEMPO:
            gentler = TAPPED_GENTLER if self._tapped else 1.0
            self._anchor_s += gentler * NUDGE * error_s
            self._period_s += gentler * GLIDE * (period_s - self._period_s)
            self._doubts = 0
            self._trust.weigh(reading.share)
            return
        phase = (heard_s - self._anchor_s) / self._period_s % 1.0
        held = self._pointer.about(self._period_s / self._step_s, phase)
        self._trust.weigh(held.share)
        self._doubts = self._doubts + 1 if reading.share > ADVANTAGE * held.share else 0
        if self._doubts >= (TAPPED_PATIENCE if self._tapped else PATIENCE):
            self._jump(period_s, anchor_s)

    def _jump(self, period_s: float, anchor_s: float) -> None:
        if self._level != 1.0:
            wanted = self._level * period_s / self._period_s
            self._level = min(LEVELS, key=lambda level: abs(math.log(level / wanted)))
        self._period_s, self._anchor_s = period_s, anchor_s
        self._doubts = 0
        self._tapped = False
        self._begin_anew()
        self.jumps += 1

    def _begin_anew(self) -> None:
        """Other beats are played from now on."""
        self._passed.forget()
        self._checker.reset()

    def _count(self, heard_s: float) -> None:
        """Move the anchor to the last beat whose marks have all been heard."""
        while self._anchor_s + self._period_s <= heard_s - BESIDE * self._period_s:
            began_s, self._anchor_s = self._anchor_s, self._anchor_s + self._period_s
            ago = (heard_s - began_s) / self._step_s, (heard_s - self._anchor_s) / self._step_s
            sketch = self._passed.sketch(*ago)
            self._bars.beat(self._bar_marker.first(sketch))
            check = self._checker.check(sketch)
            # A hand knows better.
            if check is not None and not self._tapped:
                phase = (heard_s - self._anchor_s) / self._period_s
                self._pointer.weigh(self._period_s / self._step_s, phase, check.on_beat, check.half_way)

    def _state(self, time_s: float) -> BeatState:
        if self._period_s == 0.0:
            return BeatState()
        period_s, anchor_s, bar = self._period_s, self._anchor_s, self._bars.place
        if self._level < 1.0:
            # A slow beat begins with an even one of the bar: twos and, at a quarter, the first.
            skipped = bar % round(1.0 / self._level)
            anchor_s, bar = anchor_s - skipped * period_s, bar - skipped
        period_s, bar = period_s / self._level, int(bar * self._level)
        first = math.floor((time_s - anchor_s) / period_s) + 1
        return BeatState(
            tempo_bpm=60.0 / period_s,
            confidence=max(self._trust.confidence, TAPPED_CONFIDENCE if self._tapped else 0.0),
            anchor_s=anchor_s,
            anchor_bar=bar % BEATS_IN_BAR,
            next_beats_s=tuple(anchor_s + (first + number) * period_s for number in range(ANNOUNCED)),
            by_hand=self._tapped or self._level != 1.0,
            jumps=self.jumps,
        )
