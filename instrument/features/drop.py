"""Hears a build-up come and the drop that ends it: the bass goes, the highs or the attacks rise, the bass returns.

That is how the music is made (the kick and bass are taken out, a sweep and a denser roll rise, a short gap, the drop);
S. Yadati et al., "Detecting drops in electronic dance music" (ISMIR 2014) describe it. When the bass returns cannot
be told beforehand to the frame, so a build-up only arms, and the bass itself fires.
"""

import numpy as np
import numpy.typing as npt

from instrument.features.rhythm import DropState
from instrument.units import one_pole_step

Floats = npt.NDArray[np.float32]

BASS_HZ = (30.0, 140.0)
HIGHS_HZ = 2000.0
FLOOR_DB = -90.0
SMOOTH_S = 0.25
"""Time constant of the levels that are watched."""
PEAK_S = 0.1
"""That of the bass whose loudest is remembered: a kick counts, one hop of it does not."""
FORGET_DB_A_S = 0.25
"""How fast the loudest bass is forgotten."""
KNOWN_S = 6.0
"""How long there must have been bass before its absence means anything."""
GONE_DB = 10.0
"""So far under its loudest the bass counts as gone, as long as the highs stay."""
GONE_S = 3.0
RISE_DB = 2.5
"""How much the highs must have risen since the bass went, or the attacks by `RISE_FLUX`."""
RISE_FLUX = 1.6
SLOW_S = 2.0
"""Time constant of what the rise is measured with."""
BACK_DB = 5.0
"""The bass is back when one hop is no further than this under the loudest, and `JUMP_DB` above what it was."""
JUMP_DB = 8.0
LONGEST_ARMED_S = 30.0
QUIET_DB = 25.0
"""An armed build-up whose highs fall so far, for `QUIET_S`, was none."""
QUIET_S = 2.0
FIRED_S = 1.5
REST_S = 6.0
"""After a drop, or a build-up that came to nothing, nothing is armed for so long."""


class DropDetector:
    """Watching, armed, fired, watching again. One owner; time comes in with every hop."""

    def __init__(self, sample_rate: int, bins: int) -> None:
        bin_hz = 0.5 * sample_rate / (bins - 1)
        low, high = (round(edge_hz / bin_hz) for edge_hz in BASS_HZ)
        self._bass = slice(max(low, 1), max(high, 2) + 1)
        self._highs = slice(min(round(HIGHS_HZ / bin_hz), bins - 1), bins)
        self._scale = 1.0 / (bins - 1) ** 2
        self.reset()

    @property
    def state(self) -> DropState:
        """What it was after the last hop."""
        return self._state

    def reset(self) -> None:
        """As new."""
        self._state = DropState.WATCHING
        self._bass_power = self._peak_power = self._highs_power = 0.0
        self._flux = 0.0
        self._loudest_db = FLOOR_DB
        self._known_s = self._gone_s = self._quiet_s = 0.0
        self._since_s = REST_S
        self._highs_db = self._flux_then = self._highs_then_db = self._most_highs_db = self._before_db = 0.0

    def process(self, power: Floats, onset_strength: float, dt_s: float, *, arms: bool = True) -> DropState:
        """The state after one more hop of `dt_s` seconds with this power spectrum ``(bins,)`` and onset strength.

        Without `arms` it listens on, but stays off.
        """
        bass = float(np.add.reduce(power[self._bass])) * self._scale
        highs = float(np.add.reduce(power[self._highs])) * self._scale
        self._follow(bass, highs, onset_strength, dt_s)
        self._since_s += dt_s
        if not arms:
            self._state = DropState.OFF
        elif self._state is DropState.ARMED:
            self._wait_for_bass(_db(bass), dt_s)
        elif self._state is DropState.OFF or (self._state is DropState.FIRED and self._since_s > FIRED_S):
            self._go_to(DropState.WATCHING)
        elif self._state is DropState.WATCHING and self._since_s > REST_S and self._builds_up():
            self._go_to(DropState.ARMED)
        return self._state

    def _follow(self, bass: float, highs: float, flux: float, dt_s: float) -> None:
        smooth, slow = one_pole_step(dt_s, SMOOTH_S), one_pole_step(dt_s, SLOW_S)
        self._bass_power += smooth * (bass - self._bass_power)
        self._peak_power += one_pole_step(dt_s, PEAK_S) * (bass - self._peak_power)
        self._highs_power += slow * (highs - self._highs_power)
        self._flux += slow * (flux - self._flux)
        self._highs_db = _db(self._highs_power)
        if self._state is not DropState.ARMED:
            self._loudest_db = max(_db(self._peak_power), self._loudest_db - FORGET_DB_A_S * dt_s, FLOOR_DB)
        gone = _db(self._bass_power) < self._loudest_db - GONE_DB
        if gone:
            if self._gone_s == 0.0:
                self._highs_then_db, self._flux_then = self._highs_db, self._flux
            self._gone_s += dt_s
        else:
            self._known_s = min(self._known_s + dt_s, 2.0 * KNOWN_S)
            self._gone_s = 0.0

    def _builds_up(self) -> bool:
        if self._known_s < KNOWN_S or self._gone_s < GONE_S:
            return False
        rises = self._highs_db > self._highs_then_db + RISE_DB or self._flux > RISE_FLUX * self._flux_then
        return rises and self._highs_db > self._loudest_db - GONE_DB - QUIET_DB

    def _wait_for_bass(self, bass_db: float, dt_s: float) -> None:
        self._most_highs_db = max(self._most_highs_db, self._highs_db)
        quiet = self._highs_db < self._most_highs_db - QUIET_DB
        self._quiet_s = self._quiet_s + dt_s if quiet else 0.0
        if bass_db > self._loudest_db - BACK_DB and bass_db > self._before_db + JUMP_DB:
            self._go_to(DropState.FIRED)
        elif self._quiet_s > QUIET_S or self._since_s > LONGEST_ARMED_S:
            self._go_to(DropState.WATCHING)
        self._before_db = max(_db(self._bass_power), FLOOR_DB)

    def _go_to(self, state: DropState) -> None:
        self._state = state
        self._since_s = 0.0
        self._gone_s = self._quiet_s = 0.0
        self._most_highs_db = self._highs_db
        self._before_db = _db(self._bass_power)
        if state is not DropState.ARMED:
            self._known_s = 0.0


def _db(power: float) -> float:
    return float(10.0 * np.log10(max(power, 1e-9)))
