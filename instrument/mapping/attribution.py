"""Why a mood weighs what it weighs: the share of each descriptor in it, by ablation.

Taken to its usual value alone, how far does a descriptor let the mood fall back; and brought in alone, into a sound
that is usual otherwise, how far does it bring the mood? The mean of the two is its contribution: what it adds as the
last and as the first, the two ends of Shapley's average over all orders (1953). Either alone would say nothing of two
descriptors that each would do.
"""

import numpy as np
import numpy.typing as npt

from instrument.features.vector import DESCRIPTORS
from instrument.mapping.inputs import INPUT_NAMES
from instrument.mapping.network import MoodNetwork

FloatArray = npt.NDArray[np.float64]

CAUSES: tuple[str, ...] = (*(descriptor.name for descriptor in DESCRIPTORS), "level")
"""What a weight is traced back to, in order."""
NOTHING = 1e-6
"""Contributions that are smaller in sum tell nothing: the sound is the usual one."""


def _cause_of(input_name: str) -> str:
    name = input_name.removeprefix("anchored.")
    return "spectral_contrast" if name.startswith("contrast_") else name


_OWN = np.array([[_cause_of(name) == cause for name in INPUT_NAMES] for cause in CAUSES])
_TAKEN = np.concatenate(
    [~_OWN, _OWN, np.ones((1, len(INPUT_NAMES)), np.bool_), np.zeros((1, len(INPUT_NAMES)), np.bool_)]
)
"""Which inputs are this sound's and not the usual ones: all but a cause's, a cause's alone, all, none."""


def shares(network: MoodNetwork, inputs: FloatArray) -> FloatArray:
    """Share of each of `CAUSES` in each mood's weight, ``(K, 6)``; each row sums to 1, even where nothing is unusual.

    `inputs` ``(n,)`` as `InputMemory` gives them. A share says how much a descriptor moved the mood, up or down.
    """
    moved = np.abs(contributions(network, inputs))
    totals = moved.sum(axis=1, keepdims=True)
    even = np.full(moved.shape, 1.0 / len(CAUSES))
    return np.where(totals > NOTHING, moved / np.maximum(totals, NOTHING), even)


def contributions(network: MoodNetwork, inputs: FloatArray) -> FloatArray:
    """What each of `CAUSES` adds to each mood's log weight beside that of the usual sound, ``(K, 6)``, natural log."""
    logits = network.process(np.where(_TAKEN, inputs, network.usual))[0].astype(np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    log_weights = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    without, alone, (now, usual) = np.split(log_weights, (len(CAUSES), 2 * len(CAUSES)))
    added: FloatArray = 0.5 * ((now - without) + (alone - usual)).T
    return added
