"""From what was heard to labelled examples: which track is learned from, and what each moment should be called."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError, candidates
from instrument.tools.fit.character import CHARACTERS, character_scores
from instrument.tools.fit.material import Heard

FloatArray = npt.NDArray[np.float64]

PARTS = 4
"""The tracks are parted in so many; each part is judged by a network that learned from the others only."""
SOFTNESS = 0.7
"""Of the labels, in scores: between two characters that are as near, the label is even."""
HEAVY_COUNTS = 2.0
"""How much more a heavy moment counts: where the descriptors leave it open, a mix that shakes the room is heavy."""
THIN = 13
"""Every so many hops are learned from: neighbours are alike."""
NATURAL = {"aggressive": "heavy", "calm": "calm", "vibrant": "bright"}
"""The characters of the moods that ship."""


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """Which mood stands for which character: ``(characters, K)`` weights, each row summing to 1 or all zero."""

    moods: tuple[str, ...]
    table: FloatArray

    def labels(self, characters: FloatArray) -> FloatArray:
        """Mood weights ``(n, K)`` for character weights ``(n, 3)``; a row of zeros belongs to no mood."""
        weights: FloatArray = characters @ self.table
        return weights


def roles_of(moods: Sequence[str], spoken: Iterable[str]) -> Roles:
    """The roles of these moods: the natural ones, or as `spoken`, each ``MOOD=CHARACTER``.

    Raises
    ------
    CheckpointError
        If a mood has no character, or a word makes no sense.
    """
    chosen = {mood: NATURAL[mood.lower()] for mood in moods if mood.lower() in NATURAL}
    for word in spoken:
        mood, _, character = word.partition("=")
        if mood not in moods or character not in CHARACTERS:
            raise CheckpointError(
                f"{word!r} is not MOOD=CHARACTER with a mood of {candidates(moods)} and a character of "
                f"{candidates(CHARACTERS)}"
            )
        chosen[mood] = character
    if lost := [mood for mood in moods if mood not in chosen]:
        raise CheckpointError(
            f"which sound is {lost[0]!r}? say --sounds {lost[0]}=CHARACTER, one of: {candidates(CHARACTERS)}"
        )
    table = np.array([[float(chosen[mood] == character) for mood in moods] for character in CHARACTERS])
    return Roles(tuple(moods), table / np.maximum(table.sum(axis=1, keepdims=True), 1.0))


def part_of(track: str) -> int:
    """Which part a track, eight digits of its content's checksum, belongs to; adding others changes nothing.

    >>> [sum(part_of(f"{number:08x}") == part for number in range(400)) for part in range(PARTS)]
    [100, 100, 100, 100]
    """
    return int(track, 16) % PARTS


def character_weights(measured: FloatArray) -> FloatArray:
    """Soft characters ``(n, 3)`` of measures ``(n, 5)``, each row summing to 1."""
    scores = character_scores(measured) / SOFTNESS
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights: FloatArray = powers / powers.sum(axis=1, keepdims=True)
    return weights


def examples(heard: Iterable[Heard], roles: Roles) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Inputs ``(n, inputs)``, mood weights ``(n, K)`` and importance ``(n,)`` to learn from."""
    inputs, labels, importance = [], [], []
    for one in heard:
        if one.character is None:
            characters = character_weights(one.measured[::THIN])
        else:
            characters = np.tile(np.eye(len(CHARACTERS))[CHARACTERS.index(one.character)], (len(one.inputs[::THIN]), 1))
        weights = roles.labels(characters)
        # A soft label that is mostly another character's, which no mood plays, teaches nothing.
        kept = weights.sum(axis=1) > 0.5
        inputs.append(one.inputs[::THIN][kept])
        labels.append(weights[kept])
        importance.append(1.0 + HEAVY_COUNTS * characters[kept, CHARACTERS.index("heavy")])
    return np.concatenate(inputs), np.concatenate(labels), np.concatenate(importance)
