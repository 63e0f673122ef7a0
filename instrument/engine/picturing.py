"""From descriptors to a picture: mapping, motion, generator; the same live and offline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.clock import Clock
from instrument.engine.inbetween import Inbetween
from instrument.features.vector import NormalizedFeatures
from instrument.generator.protocol import Generator
from instrument.mapping.mapper import MoodMapper, MoodTarget
from instrument.mapping.repertoire import Repertoire
from instrument.mapping.teaching import Teaching
from instrument.motion.accents import PUSH_AXES, Accent, Accents, Cue, brighten
from instrument.motion.drift import principal_axes
from instrument.motion.latent_motion import LatentMotion
from instrument.motion.truncation import to_ws, truncate
from instrument.motion.view import view_of
from instrument.params.smoothing import Smoother
from instrument.params.table import MASTER_FADE, MOTION_SPEED, TRUNCATION, ZOOM, build_table

LONGEST_STEP_S = 0.25
"""After a stall the picture goes on from where it was instead of leaping to where it would be."""

AXES_FROM = 1000
"""Latents whose spread gives the axes along which the picture drifts and is pushed."""
PUSH_SHARE = 1.0
"""A full push, in standard deviations along its axis."""
NO_CUE = Cue()


@dataclass(frozen=True, slots=True)
class Picture:
    """An image ``(height, width, 3)`` uint8 and the moods it was made of."""

    image: npt.NDArray[np.uint8]
    moods: MoodTarget


class PictureChain:
    """Owns the state between frames: glides of the parameters, the mapper's smoothing, the latent. One owner thread."""

    def __init__(
        self,
        repertoire: Repertoire,
        generator: Generator,
        seed: int,
        size_px: int | None = None,
        teaching: Teaching | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`size_px` is what the outputs take; None is the generator's own. `teaching` says which network is asked.

        `clock` is that of a live show, which does not wait for a generator that is slow at first; None is offline.
        """
        self.repertoire = repertoire
        """Its moods."""
        self.moods = repertoire.moods
        self.mood_names = repertoire.moods.names
        self.table = build_table(self.mood_names)
        """The parameters it asks for."""
        self.teaching = teaching or Teaching(repertoire.full_network)
        """Commands to it may come from any thread."""
        self.generator = generator
        self._renderer: Generator | Inbetween = Inbetween(generator, clock) if clock else generator
        self.size_px = size_px or generator.resolution
        """Side of the pictures."""
        self._smoother = Smoother(self.table)
        self._mapper = MoodMapper(self.moods, self.teaching.network)
        z = np.random.default_rng(seed).standard_normal((AXES_FROM, generator.z_dim), dtype=np.float32)
        axes = principal_axes(generator.map(z))
        self._motion = LatentMotion(generator.w_avg, seed, axes)
        self._push_axes = PUSH_SHARE * np.resize(axes, (PUSH_AXES, axes.shape[1]))
        self._accents = Accents()

    def close(self) -> None:
        """Leave no picture half rendered; bounded."""
        if isinstance(self._renderer, Inbetween):
            self._renderer.close()

    def go_on_from(self, before: "PictureChain") -> None:
        """Take over where `before` stands, without a step in the picture, if it draws with the same generator.

        Another generator must not begin before the old one has ended: no two may render at the same moment.
        """
        if before.generator is self.generator:
            self._renderer = before._renderer
            self._motion = before._motion
            self._accents = before._accents
            self._mapper.hear_on_from(before._mapper)
            self._smoother.glide_on_from(before._smoother)
        else:
            before.close()

    def process(
        self,
        features: NormalizedFeatures,
        values: Mapping[str, float],
        dt_s: float,
        cue: Cue = NO_CUE,
        look_again: Callable[[], Cue] | None = None,
    ) -> Picture:
        """The picture `dt_s` seconds after the last one, to be sent at the moment that `cue` says.

        `look_again` is asked once the picture is drawn: a flash needs no drawing, so it shows what was heard meanwhile.
        """
        step_s = min(dt_s, LONGEST_STEP_S)
        # A store may still hold the rows of a model that played before.
        played = self._smoother.process({name: values[name] for name in self.table}, step_s)
        accent = self._accents.process(cue, played, step_s)
        marked = _marked(played, accent)
        moods = self._ask(features, played, step_s)
        w = self._motion.process(moods.w, features.level, marked, step_s)
        w = w + np.float32(accent.push) * self._push_axes[accent.axis].astype(np.float32)
        generator = self.generator
        ws = to_ws(truncate(w, generator.w_avg, marked[TRUNCATION]), generator.num_ws)
        image = fit(self._renderer.render(ws, view_of(marked)), self.size_px)
        if look_again is not None:
            accent = self._accents.process(look_again(), played, 0.0)
        return Picture(fade(brighten(image, accent.flash), played[MASTER_FADE]), moods)

    def _ask(self, features: NormalizedFeatures, played: Mapping[str, float], step_s: float) -> MoodTarget:
        network = self.teaching.network
        if network is not self._mapper.network:
            self._mapper.change_network(network)
        moods = self._mapper.process(features, played, step_s)
        self.teaching.note(moods.inputs if features.gate_open else None, step_s)
        return moods


def _marked(played: Mapping[str, float], accent: Accent) -> dict[str, float]:
    """The parameters as the accent changes them for one frame."""
    return {
        **played,
        MOTION_SPEED: played[MOTION_SPEED] * accent.hurry,
        TRUNCATION: played[TRUNCATION] * accent.reach,
        ZOOM: played[ZOOM] * accent.zoom,
    }


def fit(image: npt.NDArray[np.uint8], size_px: int) -> npt.NDArray[np.uint8]:
    """A square picture in another size: pixels repeated or averaged. One size must be a multiple of the other.

    >>> fit(np.array([[[10], [30]], [[50], [70]]], np.uint8), 1).ravel().tolist()
    [40]
    """
    size, _, channels = image.shape
    if size == size_px:
        return image
    if size < size_px:
        times = size_px // size
        return image.repeat(times, axis=0).repeat(times, axis=1)
    share = size // size_px
    blocks = image.reshape(size_px, share, size_px, share, channels)
    smaller: npt.NDArray[np.uint8] = blocks.mean(axis=(1, 3)).astype(np.uint8)
    return smaller


def fade(image: npt.NDArray[np.uint8], amount: float) -> npt.NDArray[np.uint8]:
    """Scale the brightness of `image` by `amount` in ``[0, 1]``; at 1 the very array comes back.

    >>> int(fade(np.full((1, 1, 3), 200, np.uint8), 0.5)[0, 0, 0])
    100
    """
    if amount >= 1.0:
        return image
    scaled = image.astype(np.uint16) * round(amount * 256.0)
    return (scaled >> 8).astype(np.uint8)
