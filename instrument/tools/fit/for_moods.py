"""A mapping for moods that were just mined: who wants to play them should not have to fit one first."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from instrument.errors import CheckpointError, candidates
from instrument.generator.checkpoint import GENERATOR_FILE
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import load_network, save_network
from instrument.mining.sentences import SentenceEncoder
from instrument.mining.work import DEFAULT_MOODS
from instrument.tools.fit import MAPPING_FILE, fitted
from instrument.tools.fit.character import CHARACTERS
from instrument.tools.fit.examples import NATURAL, roles_of
from instrument.tools.fit.material import hear
from instrument.tools.fit.synthetic import SAMPLE_RATE, clips

SEED = 0


def fit_if_needed(folder: Path, moods: MoodSet, spoken: Sequence[str]) -> str:
    """Fit a mapping to synthesised sound, if the folder's own does not play `moods` or roles are `spoken`.

    A line about what was done. Raises CheckpointError as `roles_of` does.
    """
    path = folder / MAPPING_FILE
    if not (folder / GENERATOR_FILE).exists():
        return f"no generator in {folder}, so no {path.name} either"
    if not spoken and plays(path, moods):
        return f"{path.name} plays these moods already and stays"
    words = spoken or roles_by_meaning(moods)
    roles = roles_of(moods.names, words)
    heard = [hear(samples, SAMPLE_RATE, name, character) for name, character, samples in clips(SEED)]
    network, right, count = fitted(heard, moods, roles, SEED)
    save_network(path, network, f"{count} moments of synthesised sound")
    return (
        f"{path.name} fitted to synthesised sound, right on {right:.0%} of it: {candidates(words)}\n"
        "fit --audio FOLDER makes it better; --sounds MOOD=CHARACTER changes which sound a mood answers to"
    )


def plays(path: Path, moods: MoodSet) -> bool:
    """Whether there is a mapping for these moods."""
    try:
        load_network(path, moods)
    except CheckpointError:
        return False
    return True


def roles_by_meaning(moods: MoodSet) -> list[str]:
    """``MOOD=CHARACTER`` for every mood: that of the usual mood whose prompt means what its prompt means."""
    if all(name.lower() in NATURAL for name in moods.names):
        return [f"{name}={NATURAL[name.lower()]}" for name in moods.names]
    encoder = SentenceEncoder()
    meant = encoder.encode(list(moods.prompts))
    usual = encoder.encode(list(DEFAULT_MOODS.values()))
    known = [NATURAL[name.lower()] for name in DEFAULT_MOODS]
    return [f"{name}={known[index]}" for name, index in zip(moods.names, share_out(meant @ usual.T), strict=True)]


def share_out(alike: npt.NDArray[np.floating]) -> list[int]:
    """A column for each row of likeness ``(K, 3)``: the likest, but no column without a row while there are enough.

    >>> share_out(np.array([[0.9, 0.8, 0.1], [0.8, 0.1, 0.1], [0.7, 0.2, 0.1], [0.6, 0.0, 0.1]]))
    [1, 0, 2, 0]
    """
    assert alike.shape[1] == len(CHARACTERS), alike.shape
    chosen = [int(index) for index in alike.argmax(axis=1)]
    for row, column in zip(*linear_sum_assignment(alike, maximize=True), strict=True):
        chosen[int(row)] = int(column)
    return chosen
