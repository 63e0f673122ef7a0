"""Marks of beat, attack and drop on the picture: what they are when, as a function of the time a frame is sent.

A beat that is announced is marked by the frame whose sending is nearest to it, before or after. Without a beat that is
sure, attacks are marked, by the next frame after they are heard.

Flashing light: marks of any kind are so far apart (`apart_s`) that there are never more than three in a second, the
limit of ITU-R BT.1702 and of WCAG 2.3.1; above 165 beats a minute every second beat is marked. A
flash neither darkens nor turns anything white that was not.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.features.rhythm import BEATS_IN_BAR, NO_RHYTHM, BeatState, DropState, Onset, Rhythm
from instrument.params.table import (
    ACCENT_BEAT,
    ACCENT_FLASH,
    ACCENT_LEAD,
    ACCENT_PUNCH,
    ACCENT_PUSH,
    MOTION_FREEZE,
)
from instrument.units import clamp, one_pole_step

MOST_MARKS_A_S = 3
SURE, UNSURE = 0.5, 0.35
"""Beats are marked once they are believed so much, until they are believed less than the other."""
PAUSE_S = 1.5
"""Silence shorter than this is part of the music: between sparse drums the gate closes just before every beat."""
WEAKEST_ONSET = 0.35
OLDEST_ONSET_S = 0.25
LATEST = 2.0
"""Frames after which a beat that was missed, as in a stall, is better left unmarked."""
OFF_BEAT = 0.75
"""Strength of a beat that is not the first of its bar."""
FLASH_S, PUNCH_S, PUSH_S = 0.12, 0.16, 0.28
"""Time constants in which the marks die away."""
PUNCH_ZOOM = 0.12
PUSH_AXES = 3
"""The pushes take turns along so many axes, and back along them."""
DROP_S = 1.4
"""Time constant of what a drop does."""
DROP_HURRY, DROP_ZOOM, DROP_REACH, DROP_FLASH = 5.0, 0.15, 0.25, 1.7
"""At a drop: times the speed, zoom and truncation more, and times the flash of a beat."""
BREATH_S, RELEASE_S = 2.5, 0.25
"""Time constants of holding the breath in a build-up, and of letting go."""
BREATH_SLOWER, BREATH_ZOOM, BREATH_REACH = 0.7, 0.08, 0.25
"""At most: share of the speed, zoom and share of the truncation that a build-up takes."""


Mark = tuple[float, float]
"""When, and how strong."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What a frame is made for: when it will be sent, seconds between frames, and the rhythm as known now.

    `listens` says whether there is sound: without it for `PAUSE_S`, nothing new is marked.
    """

    sent_s: float = 0.0
    period_s: float = 1.0 / 30.0
    rhythm: Rhythm = NO_RHYTHM
    listens: bool = False


@dataclass(frozen=True, slots=True)
class Accent:
    """The marks on one frame. At rest it changes nothing.

    `flash` in ``[0, 1]`` is for `brighten`; `push` in ``[-1, 1]`` spreads along `axis`, a number below `PUSH_AXES`;
    zoom, speed (`hurry`) and truncation (`reach`) are multiplied by what is given, which is above 0.
    """

    flash: float = 0.0
    push: float = 0.0
    axis: int = 0
    zoom: float = 1.0
    hurry: float = 1.0
    reach: float = 1.0


class Accents:
    """Remembers the last mark, and holds the breath. One owner, one thread."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """As if nothing had been marked yet."""
        self._marked_s = self._shown_s = -math.inf
        self._silent_s = math.inf
        self._strength = 0.0
        self._count = 0
        self._attack = Onset(-math.inf, 0.0)
        self._marked_attack_s = -math.inf
        self._sure = False
        self._drop_s = -math.inf
        self._drop_state = DropState.WATCHING
        self._breath = 0.0

    def process(self, cue: Cue, params: Mapping[str, float], dt_s: float) -> Accent:
        """The marks on the frame of `cue`, `dt_s` seconds after the last call.

        May be asked again for the same frame, with 0 s, once its sending is near and more was heard.
        """
        self._silent_s = 0.0 if cue.listens else self._silent_s + dt_s
        drops = self._follow_drop(cue, dt_s)
        attack = self._new_attack(cue)
        mark = self._new_beat(cue, params) if self._trusts(cue.rhythm.beat, params) else attack
        for due in ((cue.sent_s, DROP_FLASH) if drops else None, mark):
            if self._silent_s < PAUSE_S and due is not None and self._mark(due, cue) and due is attack:
                self._marked_attack_s = self._attack.time_s
        return Accent() if params[MOTION_FREEZE] >= 0.5 else self._accent(cue, params)

    def _mark(self, due: Mark, cue: Cue) -> bool:
        """Take the mark, unless it comes too soon after the last; whether it was taken."""
        if due[0] - self._shown_s < apart_s(cue.period_s):
            return False
        self._marked_s, self._strength = due
        self._shown_s = max(due[0], cue.sent_s - 0.5 * cue.period_s)
        self._count += 1
        return True

    def _accent(self, cue: Cue, params: Mapping[str, float]) -> Accent:
        age_s = max(cue.sent_s - self._marked_s, 0.0)
        drop = decay(cue.sent_s - self._drop_s, DROP_S)
        flash = params[ACCENT_FLASH] * self._strength * decay(age_s, FLASH_S)
        punch = params[ACCENT_PUNCH] * self._strength * decay(age_s, PUNCH_S)
        turn = self._count % (2 * PUSH_AXES)
        return Accent(
            flash=clamp(flash, 0.0, 1.0),
            push=params[ACCENT_PUSH] * self._strength * decay(age_s, PUSH_S) * (1.0 if turn % 2 else -1.0),
            axis=turn // 2,
            zoom=1.0 + PUNCH_ZOOM * punch + BREATH_ZOOM * self._breath + DROP_ZOOM * drop,
            hurry=1.0 - BREATH_SLOWER * self._breath + DROP_HURRY * drop,
            reach=1.0 - BREATH_REACH * self._breath + DROP_REACH * drop,
        )

    def _new_attack(self, cue: Cue) -> Mark | None:
        """An attack that is worth a mark now: new, or found to be stronger than when it was first heard."""
        onset, before = cue.rhythm.onset, self._attack
        if onset is None or (onset.time_s, onset.strength) <= (before.time_s, before.strength):
            return None
        self._attack = onset
        if onset.time_s == self._marked_attack_s:
            # The same mark, brighter; no other one.
            self._marked_s, self._strength = cue.sent_s, onset.strength
            return None
        worth = onset.strength >= WEAKEST_ONSET and cue.sent_s - onset.time_s < OLDEST_ONSET_S
        return (cue.sent_s, onset.strength) if worth else None

    def _trusts(self, beat: BeatState, params: Mapping[str, float]) -> bool:
        """Whether beats are marked, and not attacks."""
        self._sure = beat.tempo_bpm > 0.0 and (beat.by_hand or beat.confidence >= (UNSURE if self._sure else SURE))
        return self._sure and params[ACCENT_BEAT] >= 0.5

    def _new_beat(self, cue: Cue, params: Mapping[str, float]) -> Mark | None:
        lead_s = 1e-3 * params[ACCENT_LEAD]
        due = due_beat(cue.rhythm.beat, cue.sent_s + lead_s, cue.period_s)
        return (due[0] - lead_s, due[1]) if due else None

    def _follow_drop(self, cue: Cue, dt_s: float) -> bool:
        """Hold the breath, or let it go; whether the drop comes with this frame."""
        before, self._drop_state = self._drop_state, cue.rhythm.drop
        fires = self._drop_state is DropState.FIRED and before is not DropState.FIRED
        if fires:
            self._drop_s = cue.sent_s
        goal = float(self._drop_state is DropState.ARMED)
        self._breath += (goal - self._breath) * one_pole_step(dt_s, BREATH_S if goal else RELEASE_S)
        return fires


def apart_s(period_s: float) -> float:
    """Least time between two marks, so that no second holds more than `MOST_MARKS_A_S`.

    The frame that shows a mark may be half a `period_s` before it, and counts as no more than that after it.

    >>> round(apart_s(1.0 / 30.0), 3)
    0.344
    """
    return (1.0 + period_s) / MOST_MARKS_A_S


def due_beat(beat: BeatState, sent_s: float, period_s: float) -> Mark | None:
    """Time and strength of the newest beat that a frame sent at `sent_s` is nearest to, or comes after.

    `period_s` is the time between frames. None between beats, and for one that is past by over `LATEST` frames.
    """
    latest_s = sent_s + 0.5 * period_s
    announced = [beat_s for beat_s in beat.next_beats_s if beat_s <= latest_s]
    # Announced beats leave the list as they pass; one that passed between two frames is still on the grid.
    beat_s = beat.anchor_s + math.floor((latest_s - beat.anchor_s) / beat.period_s) * beat.period_s
    if announced:
        beat_s = max(announced)
    elif beat.next_beats_s and beat.next_beats_s[0] - beat_s < 0.5 * beat.period_s:
        return None  # the grid is early for a beat that is announced for later
    if sent_s - beat_s > LATEST * period_s:
        return None
    return beat_s, 1.0 if round(beat.position(beat_s)) % BEATS_IN_BAR == 0 else OFF_BEAT


def decay(age_s: float, time_constant_s: float) -> float:
    """What is left of a mark after `age_s`, 0 and up: from 1 to 0.

    >>> decay(0.0, 0.1), decay(math.inf, 0.1)
    (1.0, 0.0)
    """
    return math.exp(-age_s / time_constant_s)


def brighten(image: npt.NDArray[np.uint8], amount: float) -> npt.NDArray[np.uint8]:
    """Lift the middle tones by `amount` in ``[0, 1]``: at 1 the picture is screened with itself.

    Nothing gets darker, black stays black, and only white is white. At 0 the very array comes back.

    >>> brighten(np.array([[[0, 128, 255]]], np.uint8), 1.0).ravel().tolist()
    [0, 192, 255]
    """
    if amount <= 0.0:
        return image
    tones = np.arange(256) / 255.0
    lifted = tones + amount * tones * (1.0 - tones)
    curve = np.where(np.arange(256) < 255, np.minimum(np.rint(255.0 * lifted), 254), 255).astype(np.uint8)
    # As bytes: numpy would widen every one of them to an index first.
    return np.frombuffer(bytearray(image).translate(curve.tobytes()), np.uint8).reshape(image.shape)
