"""What is to be mined: prompts, the names of their moods, and how much is done for each. Frozen and checked."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from instrument.errors import CheckpointError, MiningError, candidates
from instrument.mapping.moods import FEWEST, MOST, check_names

DEFAULT_MOODS = {
    "Aggressive": "intense fiery red, jagged shapes",
    "Calm": "peaceful soft blue, static atmosphere",
    "Vibrant": "vibrant multicolored geometric lines",
}
"""Prompts by the name of the mood."""
SAMPLES = 5000
MOST_SAMPLES = 1_000_000
FEWEST_SAMPLES = 50
_FILLING = frozenset(["a", "an", "the", "of", "in", "on", "at", "and", "with", "very", "like", "to"])
_NAME_WORDS = 2


@dataclass(frozen=True, slots=True)
class Work:
    """One mining run. Raises MiningError if it cannot be done.

    `samples` latents are drawn in all; the best `kept` of each prompt make its mood, after the best `climbers` of them
    climbed for `climbs` rounds. A region is judged by `probes` pictures before it becomes a mood, and by
    `held_out` ones afterwards.
    """

    prompts: tuple[str, ...]
    names: tuple[str, ...]
    samples: int = SAMPLES
    seed: int = 1
    dimension: int = 4
    kept: int = 48
    climbers: int = 12
    climbs: int = 16
    held_out: int = 100
    probes: int = 16

    def __post_init__(self) -> None:
        if not FEWEST <= len(self.prompts) <= MOST:
            raise MiningError(f"{len(self.prompts)} prompts; there must be {FEWEST} to {MOST} of them")
        if any(not prompt.strip() or not prompt.isprintable() for prompt in self.prompts):
            raise MiningError("a prompt is empty, or not one line of text")
        if len({" ".join(prompt.lower().split()) for prompt in self.prompts}) < len(self.prompts):
            raise MiningError("the same prompt is given twice: nothing could tell its moods apart")
        if not FEWEST_SAMPLES <= self.samples <= MOST_SAMPLES:
            raise MiningError(f"{self.samples} samples; there must be {FEWEST_SAMPLES} to {MOST_SAMPLES}")
        if self.seed < 0:
            raise MiningError(f"the seed is {self.seed}; it must not be negative")
        try:
            check_names(self.names, self.prompts)
        except CheckpointError as error:
            raise MiningError(f"{error}; give names with --name") from error


def work_for(prompts: Sequence[str], names: Sequence[str], samples: int = SAMPLES, seed: int = 1) -> Work:
    """The work that a player asked for; no `prompts` means the default ones. Raises MiningError."""
    asked = tuple(prompts) or tuple(DEFAULT_MOODS.values())
    if names and len(names) != len(asked):
        raise MiningError(f"{len(names)} names ({candidates(names)}) for {len(asked)} prompts")
    return Work(asked, tuple(names) or names_for(asked), samples, seed)


def names_for(prompts: Sequence[str]) -> tuple[str, ...]:
    """A name for each mood, made of its prompt's first words, and no two alike.

    >>> names_for(["a quiet ocean", "peaceful soft blue, static atmosphere", "the quiet ocean at night", "海"])
    ('Quiet Ocean', 'Calm', 'Quiet Ocean 2', '海')
    """
    names: list[str] = []
    for prompt in prompts:
        names.append(name_beside(prompt, names))
    return tuple(names)


def name_beside(prompt: str, taken: Sequence[str]) -> str:
    """A name for the mood of `prompt` that is not `taken`.

    >>> name_beside("burning embers at night", ["Calm", "Burning Embers"])
    'Burning Embers 2'
    """
    usual = {prompt: name for name, prompt in DEFAULT_MOODS.items()}
    wanted = usual.get(prompt) or _short(prompt)
    numbered = itertools.chain([wanted], (f"{wanted} {number}" for number in itertools.count(2)))
    lowered = {name.lower() for name in taken}
    return next(name for name in numbered if name.lower() not in lowered)


def _short(prompt: str) -> str:
    words = "".join(sign if sign.isalnum() or sign in "'-" else " " for sign in prompt).split()
    telling = [word for word in words if word.lower() not in _FILLING] or words
    return " ".join(word[:1].upper() + word[1:] for word in telling[:_NAME_WORDS]) or "Mood"
