"""Moods and a mapping for a generator nobody has mined moods for, so that it can be played at once.

They claim nothing of what the pictures look like: three latents well apart, named A, B and C, and a fixed ear that
sends tones to A, noise to B and attacks to C.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from instrument.mapping.inputs import INPUT_NAMES, LATELY, LATELY_NAMES
from instrument.mapping.inside import BEND, FloatArray, random_directions
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import Layer, MoodNetwork

NAMES = ("A", "B", "C")
LISTENS = {
    "spectral_contrast": (1.0, -1.0, 0.0),
    "spectral_flatness": (-0.5, 1.0, -0.5),
    "onset_strength": (-1.0, -1.0, 2.0),
    "zero_crossing_rate": (-0.5, 1.0, -0.5),
    "chroma_variance": (1.0, -0.5, -0.5),
}
"""What a descriptor says for each mood as it leaves its middle; no sound speaks for all at once."""
FIRMNESS = 2.0
"""Logits a whole range of a descriptor makes: a clear sound decides, a hand's bias of 6 still overrules it."""
MIDDLES = {name: 0.2 if name == "onset_strength" else 0.5 for name in LATELY_NAMES}
"""Where a normalized descriptor usually is: attacks are short, and between them there are none."""
SPREAD = 0.3
"""Standard deviation of a normalized descriptor over music."""
CANDIDATES = 256
"""Latents the three are chosen among, and whose spread gives the directions inside a mood."""
DIMENSION = 4
REACH = 0.4
"""Length of a direction inside a mood, as a share of a usual latent's distance from the average."""

MapZ = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]


def fallback_moods(map_z: MapZ, z_dim: int, w_avg: npt.NDArray[np.float32], fingerprint: str, seed: int) -> MoodSet:
    """Three moods of a generator: its `map_z` takes ``(n, z_dim)`` to ``(n, w_dim)``, `w_avg` is ``(w_dim,)``.

    The centroids are as far from the average as its latents usually are, in directions as different as `CANDIDATES`
    latents offer; inside, a mood varies along principal axes of the latents (Härkönen et al., "GANSpace", 2020).
    The same generator and seed give the same moods.
    """
    z = np.random.default_rng(seed).standard_normal((CANDIDATES, z_dim), dtype=np.float32)
    offsets = map_z(z).astype(np.float64) - w_avg
    lengths = np.linalg.norm(offsets, axis=1)
    usual = float(np.median(lengths))
    directions = offsets / np.maximum(lengths, np.finfo(np.float32).tiny)[:, None]
    return MoodSet(
        names=NAMES,
        prompts=("",) * len(NAMES),
        centroids=(w_avg + usual * directions[_far_apart(directions)]).astype(np.float32),
        basis=(REACH * usual * _axes(offsets)).astype(np.float32),
        fingerprint=fingerprint,
    )


def fallback_network(moods: MoodSet) -> MoodNetwork:
    """A fixed ear for `fallback_moods`: one layer, neutral where every descriptor is where it usually is."""
    logits = FIRMNESS * np.array([LISTENS[name] for name in LATELY_NAMES])
    rng = np.random.default_rng(0)
    inside = [random_directions(len(LATELY_NAMES), moods.dimension, rng) for _ in moods.names]
    weight = np.zeros((len(INPUT_NAMES), len(moods.names) * (1 + moods.dimension)))
    weight[LATELY] = np.concatenate([logits, *(BEND / SPREAD * directions for directions in inside)], axis=1)
    bias = -np.array([MIDDLES[name] for name in LATELY_NAMES]) @ weight[LATELY]
    return MoodNetwork(moods.names, moods.dimension, (Layer(weight.astype(np.float32), bias.astype(np.float32)),))


def _far_apart(directions: FloatArray) -> list[int]:
    """Rows of `directions` for the moods: the two least alike, then each time the one least like any chosen."""
    alike = directions @ directions.T
    chosen = [int(index) for index in np.unravel_index(np.argmin(alike), alike.shape)]
    while len(chosen) < len(NAMES):
        chosen.append(int(np.argmin(alike[chosen].max(axis=0))))
    return chosen


def _axes(offsets: FloatArray) -> FloatArray:
    """Unit directions ``(K, w_dim, d)``, strongest first and dealt out to the moods in turn."""
    _, _, rows = np.linalg.svd(offsets - offsets.mean(axis=0), full_matrices=False)
    order = np.arange(DIMENSION * len(NAMES)).reshape(DIMENSION, len(NAMES)).T % len(rows)
    dealt: FloatArray = rows[order].transpose(0, 2, 1)
    return dealt
