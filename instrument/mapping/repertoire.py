"""The moods that can be played: those the checkpoint brought, and those that were mined from a prompt during play."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from instrument.errors import CheckpointError
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import Layer, MoodNetwork
from instrument.mapping.tensor_file import Float32Array

QUIET = 2.0
"""Logits by which the sound asks less for a mood it was never taught than for the others on average: it waits for a
hand, whose bias of 6 brings it to the front, or for a lesson."""


@dataclass(frozen=True, slots=True, eq=False)
class MinedMood:
    """One mood from a prompt: `centroid` ``(w_dim,)``, `basis` ``(w_dim, d)``, as in `MoodSet`."""

    name: str
    prompt: str
    centroid: Float32Array
    basis: Float32Array


@dataclass(frozen=True)
class Repertoire:
    """The checkpoint's own moods, `shipped`, with the `network` fitted for them, and the `mined` ones after them.

    Raises
    ------
    CheckpointError
        If the parts do not fit together.
    """

    shipped: MoodSet
    network: MoodNetwork
    mined: tuple[MinedMood, ...] = ()

    def __post_init__(self) -> None:
        self.network.check_fits(self.shipped)
        for mood in self.mined:
            if mood.centroid.shape != (self.shipped.w_dim,) or mood.basis.shape != self.shipped.basis.shape[1:]:
                raise CheckpointError(f"the mood {mood.name!r} is for another generator: mine again")
        _ = self.moods

    @cached_property
    def moods(self) -> MoodSet:
        """All of them."""
        shipped, mined = self.shipped, self.mined
        if not mined:
            return shipped
        return replace(
            shipped,
            names=(*shipped.names, *(mood.name for mood in mined)),
            prompts=(*shipped.prompts, *(mood.prompt for mood in mined)),
            centroids=np.concatenate([shipped.centroids, np.stack([mood.centroid for mood in mined])]),
            basis=np.concatenate([shipped.basis, np.stack([mood.basis for mood in mined])]),
        )

    @cached_property
    def full_network(self) -> MoodNetwork:
        """The fitted network, grown for all of them."""
        return network_for(self.network, self.moods.names)

    def with_mood(self, mood: MinedMood) -> "Repertoire":
        """One more. Raises CheckpointError if there is no room for it, or its name is taken."""
        return replace(self, mined=(*self.mined, mood))

    def without(self, name: str) -> "Repertoire":
        """One less. Raises CheckpointError unless it is a mined one."""
        if all(mood.name != name for mood in self.mined):
            raise CheckpointError(f"{name!r} came with the checkpoint; only moods mined in play can be forgotten")
        return replace(self, mined=tuple(mood for mood in self.mined if mood.name != name))


def network_for(network: MoodNetwork, names: Sequence[str]) -> MoodNetwork:
    """`network` for the moods `names`: those it knows as they were; a new one asked for `QUIET`ly, and inside it the
    coordinates of one that it knows."""
    if network.names == tuple(names):
        return network
    last = network.layers[-1]
    grown = Layer(_columns(network, last.weight, names, 0.0), _columns(network, last.bias[None], names, QUIET)[0])
    return replace(network, names=tuple(names), layers=(*network.layers[:-1], grown))


def _columns(network: MoodNetwork, rows: Float32Array, names: Sequence[str], less: float) -> Float32Array:
    """Rows of the last layer ``(n, K (1 + d))`` for other moods; a new one's logit is the others' mean less `less`."""
    count = len(network.names)
    logits, inside = rows[:, :count], rows[:, count:].reshape(len(rows), count, network.dimension)
    new = logits.mean(axis=1) - np.float32(less)
    known = [network.names.index(name) if name in network.names else None for name in names]
    asked = np.stack([new if own is None else logits[:, own] for own in known], axis=1)
    coords = [inside[:, index % count if own is None else own] for index, own in enumerate(known)]
    return np.concatenate([asked, np.concatenate(coords, axis=1)], axis=1).astype(np.float32)
