"""From descriptors to a picture: mapping, motion, generator; the same live and offline."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.features.vector import NormalizedFeatures
from instrument.generator.protocol import Generator
from instrument.mapping.mapper import MoodMapper, MoodTarget
from instrument.motion.drift import principal_axes
from instrument.motion.latent_motion import LatentMotion
from instrument.motion.truncation import to_ws, truncate
from instrument.motion.view import view_of
from instrument.params.smoothing import Smoother
from instrument.params.table import MASTER_FADE, TRUNCATION, ParamTable

LONGEST_STEP_S = 0.25
"""After a stall the picture goes on from where it was instead of leaping to where it would be."""

AXES_FROM = 1000
"""Latents whose spread gives the axes along which the picture drifts."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image ``(height, width, 3)`` uint8 and the moods it was made of."""

    image: npt.NDArray[np.uint8]
    moods: MoodTarget


class PictureChain:
    """Owns the state between frames: glides of the parameters, the mapper's smoothing, the latent. One owner thread."""

    def __init__(self, table: ParamTable, mapper: MoodMapper, generator: Generator, seed: int) -> None:
        self._smoother = Smoother(table)
        self._mapper = mapper
        z = np.random.default_rng(seed).standard_normal((AXES_FROM, generator.z_dim), dtype=np.float32)
        self._motion = LatentMotion(generator.w_avg, seed, principal_axes(generator.map(z)))
        self._generator = generator

    def process(self, features: NormalizedFeatures, values: Mapping[str, float], dt_s: float) -> Picture:
        """The picture `dt_s` seconds after the last one."""
        step_s = min(dt_s, LONGEST_STEP_S)
        played = self._smoother.process(values, step_s)
        moods = self._mapper.process(features, played, step_s)
        w = self._motion.process(moods.w, features.level, played, step_s)
        ws = to_ws(truncate(w, self._generator.w_avg, played[TRUNCATION]), self._generator.num_ws)
        image = self._generator.render(ws, view_of(played))
        return Picture(fade(image, played[MASTER_FADE]), moods)


def fade(image: npt.NDArray[np.uint8], amount: float) -> npt.NDArray[np.uint8]:
    """Scale the brightness of `image` by `amount` in ``[0, 1]``; at 1 the very array comes back.

    >>> int(fade(np.full((1, 1, 3), 200, np.uint8), 0.5)[0, 0, 0])
    100
    """
    if amount >= 1.0:
        return image
    scaled = image.astype(np.uint16) * round(amount * 256.0)
    return (scaled >> 8).astype(np.uint8)
