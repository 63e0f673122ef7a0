"""What is done about the level of the input itself: clipping is told, and what is far from usual is brought there."""

import numpy as np
import numpy.typing as npt

from instrument.units import amplitude_to_db, clamp, db_to_amplitude, one_pole_step

Floats = npt.NDArray[np.float32]

FULL_SCALE = 0.9999
"""Nearer to full scale than the smallest step of 16 bits below it, less a rounding."""
CLIPPED_SHARE = 1e-3
"""Clipping cannot be undone; below this share of the samples nobody hears it."""
CLIP_SPAN_S = 0.1
CLIP_SHOWN_S = 1.0

PIECE = 1024
"""Samples between two decisions on the gain, counted from the start: blocks of any size give the same sound."""
LOWEST_USUAL_DB, HIGHEST_USUAL_DB = -30.0, -12.0
"""Levels (rms over seconds, dB re full scale) that are left as they are: those of nearly all finished music."""
LARGEST_GAIN_DB = 24.0
LISTEN_S = 6.0
"""Time constant of the level that is judged: a pause or a break is not a quiet input."""
HEARD_FIRST_S = 2.0
RISE_DB_A_S, FALL_DB_A_S = 1.5, 6.0
"""Slow up, so that a quiet passage stays one; quicker down, since too loud is clipped further on."""
LOUDER_DB = 12.0
"""How far above the judged level a hop counts at most: one bang is not the music."""


class ClipDetector:
    """Counts samples at full scale as they come in, in spans of `CLIP_SPAN_S`, in the worst channel. One owner."""

    def __init__(self, sample_rate: int) -> None:
        self._span = max(1, round(CLIP_SPAN_S * sample_rate))
        self._shown = round(CLIP_SHOWN_S * sample_rate)
        self.reset()

    @property
    def clipped(self) -> bool:
        """Whether the sound of the last `CLIP_SHOWN_S` clipped."""
        return self._since <= self._shown

    def reset(self) -> None:
        """As new."""
        self._at_full_scale = np.zeros(0, np.intp)
        self._counted = 0
        self._since = self._shown + 1

    def process(self, samples: Floats) -> bool:
        """Count ``(n, channels)`` samples before any gain; `clipped` after them."""
        channels = samples.shape[1]
        if len(self._at_full_scale) != channels:
            self._at_full_scale = np.zeros(channels, np.intp)
        taken = 0
        while taken < len(samples):
            part = samples[taken : taken + self._span - self._counted]
            if part.max() >= FULL_SCALE or part.min() <= -FULL_SCALE:
                self._at_full_scale += np.count_nonzero(np.abs(part) >= FULL_SCALE, axis=0)
            taken += len(part)
            self._counted += len(part)
            self._since = min(self._since + len(part), self._shown + 1)
            if self._counted == self._span:
                if self._at_full_scale.max() >= CLIPPED_SHARE * self._span:
                    self._since = 0
                self._at_full_scale[:] = 0
                self._counted = 0
        return self.clipped


class AutoGain:
    """Brings an input that is far too quiet or too loud to the nearer end of the usual, slowly. One owner.

    Sits in front of the hand's own gain, so that the hand always gets what it asks. Sound below the gate neither
    raises nor lowers it.
    """

    def __init__(self, sample_rate: int) -> None:
        self._piece_s = PIECE / sample_rate
        self.reset()

    @property
    def gain_db(self) -> float:
        """The gain now, dB."""
        return self._gain_db

    def reset(self, gain_db: float = 0.0) -> None:
        """Start again at a gain in dB."""
        self._gain_db = self._before_db = clamp(gain_db, -LARGEST_GAIN_DB, LARGEST_GAIN_DB)
        self._energy = 0.0
        self._counted = 0
        self._power = 0.0
        self._heard_s = 0.0

    def process(self, samples: Floats, gate_db: float, *, rides: bool = True) -> Floats:
        """``(n, channels)`` finite samples at the gain; without `rides` the gain glides back to none.

        `gate_db` is the level below which the input, as it comes in, is not music.
        """
        gained = np.empty(samples.shape, np.float32)
        taken = 0
        while taken < len(samples):
            part = samples[taken : taken + PIECE - self._counted]
            np.multiply(part, self._ramp(len(part)), out=gained[taken : taken + len(part)])
            self._energy += float(np.vdot(part, part))
            taken += len(part)
            self._counted += len(part)
            if self._counted == PIECE:
                self._decide(self._energy / (PIECE * samples.shape[1]), gate_db, rides)
        return gained

    def _ramp(self, count: int) -> Floats | np.float32:
        """From the gain of the piece before to this one's, ``(count, 1)``, or one number where they are the same."""
        if self._gain_db == self._before_db:
            return np.float32(db_to_amplitude(self._gain_db))
        shares = (self._counted + np.arange(1, count + 1)) / PIECE
        ramp: Floats = (10.0 ** ((self._before_db + shares * (self._gain_db - self._before_db)) / 20.0)).astype(
            np.float32
        )
        return ramp[:, None]

    def _decide(self, power: float, gate_db: float, rides: bool) -> None:
        self._before_db, self._energy, self._counted = self._gain_db, 0.0, 0
        wanted_db = self._wanted_db(power, gate_db) if rides else 0.0
        if wanted_db is not None:
            rise, fall = RISE_DB_A_S * self._piece_s, FALL_DB_A_S * self._piece_s
            self._gain_db += clamp(wanted_db - self._gain_db, -fall, rise)

    def _wanted_db(self, power: float, gate_db: float) -> float | None:
        """The gain that brings the judged level to the usual; None while there is nothing to judge by."""
        if amplitude_to_db(power**0.5) < gate_db:
            return None
        self._heard_s += self._piece_s
        if self._power > 0.0:
            power = min(power, self._power * 10.0 ** (LOUDER_DB / 10.0))
        # The first seconds are a plain mean.
        self._power += max(one_pole_step(self._piece_s, LISTEN_S), self._piece_s / self._heard_s) * (
            power - self._power
        )
        if self._heard_s < HEARD_FIRST_S:
            return None
        level_db = amplitude_to_db(self._power**0.5)
        wanted_db = clamp(level_db, LOWEST_USUAL_DB, HIGHEST_USUAL_DB) - level_db
        return clamp(wanted_db, -LARGEST_GAIN_DB, LARGEST_GAIN_DB)
