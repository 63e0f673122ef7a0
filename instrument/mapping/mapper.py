"""From what is heard to where the picture should go."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.features.vector import NormalizedFeatures
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import INPUT_NAMES, MoodNetwork
from instrument.params.table import AUDIO_AMOUNT, mood_bias_name
from instrument.units import one_pole_step

TIMBRE_S = 0.25
"""Time constant of the descriptors before the network, so that moods do not flicker from hop to hop."""
ONSET_S = 0.08
"""That of the onset strength: an attack that came 0.25 s late would not be seen as one."""
OPENING_S = 0.1
CLOSING_S = 0.8
"""Time constants with which the sound's word counts again, and fades, as the gate opens and closes."""
FORGOTTEN = 0.01
"""Below this share of its word, a sound is over: the next one is heard afresh and not glided to."""

_TIME_CONSTANTS_S = np.array([ONSET_S if name == "onset_strength" else TIMBRE_S for name in INPUT_NAMES])


@dataclass(frozen=True, slots=True, eq=False)
class MoodTarget:
    """Where the sound and the hand want the picture.

    `asked` ``(K,)`` are the weights by the sound alone, `played` ``(K,)`` those with the hand's bias; each sums to
    1. `coords` ``(K, d)`` in ``[-1, 1]``; `w` ``(w_dim,)`` float32 is the latent of the played mix, not truncated.
    """

    asked: npt.NDArray[np.float64]
    played: npt.NDArray[np.float64]
    coords: npt.NDArray[np.float64]
    w: npt.NDArray[np.float32]


class MoodMapper:
    """Smooths the descriptors, asks the network, adds the hand. One owner, one thread.

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
        self._heard: npt.NDArray[np.float64] | None = None
        self._presence = 0.0

    def process(self, features: NormalizedFeatures, params: Mapping[str, float], dt_s: float) -> MoodTarget:
        """The target `dt_s` seconds after the last call. A descriptor that is not finite keeps its last value."""
        if features.gate_open:
            self._listen(features.descriptors(), dt_s)
        time_constant_s = OPENING_S if features.gate_open else CLOSING_S
        self._presence += (float(features.gate_open) - self._presence) * one_pole_step(dt_s, time_constant_s)
        logits, coords = self._ask()
        bias = np.array([params[name] for name in self._bias_names])
        played = softmax(params[AUDIO_AMOUNT] * logits + bias)
        return MoodTarget(softmax(logits), played, coords, self.moods.target(played, coords))

    def reset(self) -> None:
        """Forget what was heard: as fresh."""
        self._heard = None
        self._presence = 0.0

    def _listen(self, descriptors: npt.NDArray[np.float64], dt_s: float) -> None:
        past = self._heard
        if past is None or self._presence < FORGOTTEN:
            self._heard = np.where(np.isfinite(descriptors), descriptors, 0.0)
            return
        goal = np.where(np.isfinite(descriptors), descriptors, past)
        self._heard = past - (goal - past) * np.expm1(-dt_s / _TIME_CONSTANTS_S)

    def _ask(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        if self._heard is None:
            count = len(self.moods.names)
            return np.zeros(count), np.zeros((count, self.moods.dimension))
        logits, coords = self._network.process(self._heard)
        return self._presence * logits.astype(np.float64), self._presence * coords.astype(np.float64)


def softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Weights ``(K,)`` that sum to 1.

    >>> softmax(np.zeros(4)).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    powers = np.exp(logits - logits.max())
    weights: npt.NDArray[np.float64] = powers / powers.sum()
    return weights
