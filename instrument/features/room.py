"""The sound check: what a room, its interface and its music sound like, learned before the show."""

from dataclasses import dataclass

import numpy as np

from instrument.features.corpus import CORPUS
from instrument.features.levels import FAR, GATE_DB, QUANTILE
from instrument.features.vector import FeatureVector
from instrument.units import amplitude_to_db, clamp

CHECK_S = 30.0
HIGHEST_GATE_DB = -30.0
"""Whatever is heard, sound above this level is music."""
MUSIC_DB = -40.0
"""A room that never gets louder than this was listened to without its music."""
ABOVE_FLOOR_DB = 6.0
BELOW_MUSIC_DB = 20.0
"""The gate stays so far under the loud passages, however loud the quietest second was."""
QUIETEST_S = 1.0
LOUD_QUANTILE = 0.9
FEWEST_S = 10.0
"""Music shorter than this does not make ranges."""

Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Room:
    """What a sound check found. Levels are those of the input as it comes in, before the hand's gain.

    Below `gate_db` (dB re full scale, before any gain) there is only the room's noise. `ranges` are the lower and
    upper bound of each descriptor in its domain, in the order of `CORPUS`, heard at `auto_gain_db`; empty if no music
    was heard. Nothing is checked here: see `believable`.
    """

    gate_db: float
    auto_gain_db: float
    ranges: tuple[Bounds, ...]


def believable(room: Room) -> bool:
    """Whether the figures can be those of a sound check: gate and ranges where such things are."""
    if not GATE_DB <= room.gate_db <= HIGHEST_GATE_DB or len(room.ranges) not in (0, len(CORPUS)):
        return False
    for (low, high), corpus in zip(room.ranges, CORPUS, strict=False):
        corpus_low, corpus_high = corpus.domain(corpus.low), corpus.domain(corpus.high)
        far = (FAR + 1.0) * (corpus_high - corpus_low)
        if not corpus_low - far <= low <= high <= corpus_high + far:
            return False
    return True


class SoundCheck:
    """Listens for `CHECK_S` and says what it heard. One owner; told of every hop."""

    def __init__(self, hop_s: float) -> None:
        self._hop_s = hop_s
        self._levels_db: list[float] = []
        self._values: list[list[float]] = []

    @property
    def progress(self) -> float:
        """Share that is done, 0 to 1."""
        return min(len(self._levels_db) * self._hop_s / CHECK_S, 1.0)

    def listen(self, vector: FeatureVector, gain_db: float) -> None:
        """One hop; `gain_db` is all the gain it was heard with."""
        self._levels_db.append(amplitude_to_db(vector.rms) - gain_db)
        self._values.append([corpus.domain(float(getattr(vector, corpus.name))) for corpus in CORPUS])

    def room(self, auto_gain_db: float, gain_db: float) -> Room:
        """What was heard at the automatic gain `auto_gain_db` and the hand's `gain_db`."""
        levels_db = np.array(self._levels_db)
        gate_db = room_gate_db(levels_db, self._hop_s)
        heard = np.array(self._values)[levels_db >= gate_db]
        if len(heard) * self._hop_s < FEWEST_S:
            return Room(gate_db, auto_gain_db, ())
        heard[:, -1] -= gain_db
        low, high = np.quantile(heard, (QUANTILE, 1.0 - QUANTILE), axis=0)
        ranges = tuple((float(a), float(b)) for a, b in zip(low, high, strict=True))
        room = Room(gate_db, auto_gain_db, ranges)
        return room if believable(room) else Room(gate_db, auto_gain_db, ())


def room_gate_db(levels_db: np.ndarray, hop_s: float) -> float:
    """The level between noise and music for the levels ``(n,)`` of a sound check, dB.

    `ABOVE_FLOOR_DB` above the loudest hop of the quietest second, but out of reach of the music's loud passages; where
    no music was played, above nearly all that was heard.
    """
    loud_db = float(np.quantile(levels_db, LOUD_QUANTILE))
    if loud_db < MUSIC_DB:
        floor_db = float(np.quantile(levels_db, 0.98))
        return clamp(floor_db + ABOVE_FLOOR_DB, GATE_DB, HIGHEST_GATE_DB)
    count = min(max(1, round(QUIETEST_S / hop_s)), len(levels_db))
    quietest_db = float(np.lib.stride_tricks.sliding_window_view(levels_db, count).max(axis=1).min())
    return clamp(min(quietest_db + ABOVE_FLOOR_DB, loud_db - BELOW_MUSIC_DB), GATE_DB, HIGHEST_GATE_DB)
