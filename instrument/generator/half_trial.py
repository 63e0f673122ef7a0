"""Whether a faster way of drawing is near enough to the exact one, found out picture by picture while playing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.clock import SystemClock
from instrument.generator.self_check import FEWEST_DB, psnr_db

Draw = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.uint8]]
"""From `ws` ``(num_ws, w_dim)`` to a picture ``(resolution, resolution, 3)``."""

WORTH_IT = 0.95
"""Of the exact way's time: a gain smaller than that may be the clock's noise."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the trial found: likeness of the worst picture in dB, time of the fast way as a share of the exact one's."""

    worst_db: float
    share: float

    @property
    def worth_it(self) -> bool:
        """Whether the fast way is faster."""
        return self.share <= WORTH_IT

    @property
    def accepted(self) -> bool:
        """Whether the fast way is to be taken.

        >>> Verdict(worst_db=47.0, share=0.7).accepted, Verdict(worst_db=36.0, share=0.7).accepted
        (True, False)
        """
        return self.worst_db >= FEWEST_DB and self.worth_it


class HalfTrial:
    """Draws each latent both ways, one latent a step, so that a show goes on between the steps."""

    def __init__(self, exact: Draw, fast: Draw, latents: Sequence[npt.NDArray[np.float32]]) -> None:
        """`latents` are `ws`; there must be two or more, since the first of each way is not timed."""
        assert len(latents) > 1, len(latents)
        self._draw = (exact, fast)
        self._latents: Iterator[npt.NDArray[np.float32]] = iter(latents)
        self._times_s: tuple[list[float], list[float]] = ([], [])
        self._likenesses_db: list[float] = []
        self._clock = SystemClock()

    def step(self) -> Verdict | None:
        """Draw the next latent both ways. The verdict, once there is none left."""
        ws = next(self._latents, None)
        if ws is not None:
            exact, fast = (self._timed(draw, ws, times) for draw, times in zip(self._draw, self._times_s, strict=True))
            self._likenesses_db.append(psnr_db(fast, exact))
            return None
        exact_s, fast_s = (min(times[1:]) for times in self._times_s)
        return Verdict(min(self._likenesses_db), fast_s / exact_s)

    def _timed(self, draw: Draw, ws: npt.NDArray[np.float32], times_s: list[float]) -> npt.NDArray[np.uint8]:
        began_s = self._clock.now_s()
        picture = draw(ws)
        times_s.append(self._clock.now_s() - began_s)
        return picture
