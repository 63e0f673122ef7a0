"""From what is heard to where the picture should go."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.features.vector import NormalizedFeatures
from instrument.mapping.attribution import CAUSES, shares
from instrument.mapping.inputs import InputMemory
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import MoodNetwork
from instrument.params.table import AUDIO_AMOUNT, mood_bias_name
from instrument.units import one_pole_step

OPENING_S = 0.1
CLOSING_S = 0.8
"""Time constants with which the sound's word counts again, and fades, as the gate opens and closes."""
FORGOTTEN = 0.01
"""Below this share of its word, a sound is over: the next one is heard afresh and not glided to."""


@dataclass(frozen=True, slots=True, eq=False)
class MoodTarget:
    """Where the sound and the hand want the picture.

    `asked` ``(K,)`` are the weights by the sound alone, `played` ``(K,)`` those with the hand's bias; each sums to
    1. `coords` ``(K, d)`` in ``[-1, 1]``; `w` ``(w_dim,)`` float32 is the latent of the played mix, not truncated.
    `why` ``(K, 6)`` is the share of each of `CAUSES` in each asked weight, each row summing to 1. `inputs` is what
    the network was asked with, None before anything was heard.
    """

    asked: npt.NDArray[np.float64]
    played: npt.NDArray[np.float64]
    coords: npt.NDArray[np.float64]
    w: npt.NDArray[np.float32]
    why: npt.NDArray[np.float64]
    inputs: npt.NDArray[np.float64] | None = None


class MoodMapper:
    """Remembers the descriptors, asks the network, adds the hand. One owner, one thread.

    In silence (gate closed) the target comes to rest: logits and coordinates fade to zero, so that the biases alone
    decide and, with them at zero, all moods weigh the same. The descriptors' own glide to rest is not listened to:
    it would be taken for a sound. The audio amount scales the logits only; the coordinates keep following the sound.

    Raises
    ------
    CheckpointError
        If `network` was fitted for other moods.
    """

    def __init__(self, moods: MoodSet, network: MoodNetwork) -> None:
        network.check_fits(moods)
        self.moods = moods
        """What the mapper was made for."""
        self._network = network
        self._bias_names = tuple(mood_bias_name(name) for name in moods.names)
        self._memory = InputMemory()
        self._presence = 0.0

    @property
    def network(self) -> MoodNetwork:
        """What is asked."""
        return self._network

    def change_network(self, network: MoodNetwork) -> None:
        """Ask another one from now on; what was heard is kept. Only the owner. Raises CheckpointError."""
        network.check_fits(self.moods)
        self._network = network

    def hear_on_from(self, before: "MoodMapper") -> None:
        """Remember what `before`, which is not asked any more, has heard."""
        self._memory, self._presence = before._memory, before._presence

    def process(self, features: NormalizedFeatures, params: Mapping[str, float], dt_s: float) -> MoodTarget:
        """The target `dt_s` seconds after the last call. A descriptor that is not finite keeps its last value."""
        if features.gate_open:
            if self._presence < FORGOTTEN:
                self._memory.reset()
            self._memory.listen(features, dt_s)
        time_constant_s = OPENING_S if features.gate_open else CLOSING_S
        self._presence += (float(features.gate_open) - self._presence) * one_pole_step(dt_s, time_constant_s)
        inputs = self._memory.inputs
        logits, coords = self._ask(inputs)
        bias = np.array([params[name] for name in self._bias_names])
        played = softmax(params[AUDIO_AMOUNT] * logits + bias)
        why = np.full((len(bias), len(CAUSES)), 1.0 / len(CAUSES)) if inputs is None else shares(self._network, inputs)
        return MoodTarget(softmax(logits), played, coords, self.moods.target(played, coords), why, inputs)

    def reset(self) -> None:
        """Forget what was heard: as fresh."""
        self._memory.reset()
        self._presence = 0.0

    def _ask(self, inputs: npt.NDArray[np.float64] | None) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        if inputs is None:
            count = len(self.moods.names)
            return np.zeros(count), np.zeros((count, self.moods.dimension))
        logits, coords = self._network.process(inputs)
        return self._presence * logits.astype(np.float64), self._presence * coords.astype(np.float64)


def softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Weights ``(K,)`` that sum to 1.

    >>> softmax(np.zeros(4)).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    powers = np.exp(logits - logits.max())
    weights: npt.NDArray[np.float64] = powers / powers.sum()
    return weights
