"""Tells the player when the beat that the picture follows was given up for another."""

import math

from instrument.engine.messages import MessageLog
from instrument.engine.snapshot import Lamp
from instrument.features.rhythm import BeatState

REST_S = 5.0
"""Further jumps within this are told together, when it is over."""


class BeatNews:
    """Compares the jumps of the beat with those that were told. One owner thread."""

    def __init__(self, messages: MessageLog) -> None:
        self._messages = messages
        self._told = 0
        self._told_s = -math.inf

    def follow(self, beat: BeatState, now_s: float) -> None:
        """Take the newest state; a line to the player if its beat is another than the one last told of."""
        if beat.jumps < self._told:
            # Another source, or all forgotten: it counts from 0 again.
            self._told = 0
        if beat.jumps > self._told and now_s - self._told_s >= REST_S:
            self._messages.say(Lamp.GOOD, f"the beat was found anew: {beat.tempo_bpm:.0f} bpm")
            self._told, self._told_s = beat.jumps, now_s
