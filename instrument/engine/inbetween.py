"""Even pictures from a generator that is slow at first: while a kernel is compiled, frames are blended in between."""

import threading

import numpy as np
import numpy.typing as npt

from instrument.clock import Clock
from instrument.generator.protocol import Generator, Warming
from instrument.units import clamp

Image = npt.NDArray[np.uint8]

SLOW_S = 0.045
"""A picture that takes longer, while faster ones are promised, is waited for beside the show and not in it."""
LONGEST_S = 5.0
"""A picture that takes longer is not waited for at the end."""
FAST_S = 0.03
"""Below this it is no longer waited for beside the show."""
REST = 0.4
"""Between two slow pictures, in times of one: the compiler that makes them fast needs the cores more."""
SETTLING_S = 0.25
"""In which the first fast pictures take over from the last blended one."""


class Inbetween:
    """Renders at once where the generator is fast. Where it is slow and warming up, a thread renders the newest latent
    and every call gives a blend of its last two pictures: late by one of them, but even. One owner thread."""

    def __init__(self, generator: Generator, clock: Clock) -> None:
        self._generator = generator
        self._clock = clock
        self._took_s = 0.0
        self._job: _Job | None = None
        self._soon: Image | None = None
        self._late: Image | None = None
        self._shown: Image | None = None
        self._arrived_s = 0.0
        self._settling_since_s: float | None = None

    def render(self, ws: npt.NDArray[np.float32], transform: npt.NDArray[np.float64]) -> Image:
        """`Generator.render`, or what stands in for it for the moment."""
        if self._job is None and not self._is_slow():
            return self._settle(self._render(ws, transform))
        self._collect()
        rested = self._clock.now_s() >= self._arrived_s + REST * self._took_s
        if self._job is None and rested and self._is_slow():
            self._job = _Job(self._generator, ws, transform, self._clock)
        assert self._soon is not None
        assert self._late is not None
        share = (self._clock.now_s() - self._arrived_s) / max((1.0 + REST) * self._took_s, SLOW_S)
        self._shown = blend(self._soon, self._late, share)
        return self._shown

    def close(self) -> None:
        """Wait for the picture that is still being rendered; bounded. A thread inside a library must not be torn out of
        it when the process ends."""
        if self._job is not None:
            self._job.join(LONGEST_S)

    def _is_slow(self) -> bool:
        generator = self._generator
        # Left later than entered: single pictures of a compiler's busy moments would be seen as jerks.
        limit_s = SLOW_S if self._shown is None else FAST_S
        return self._took_s > limit_s and isinstance(generator, Warming) and generator.is_warming

    def _render(self, ws: npt.NDArray[np.float32], transform: npt.NDArray[np.float64]) -> Image:
        began_s = self._clock.now_s()
        image = self._generator.render(ws, transform)
        self._arrived_s = self._clock.now_s()
        self._took_s = self._arrived_s - began_s
        self._soon = self._late = image
        return image

    def _collect(self) -> None:
        job = self._job
        if job is None or not job.is_done:
            return
        self._job = None
        self._soon, self._late, self._took_s = self._shown, job.image(), job.took_s
        self._arrived_s = self._clock.now_s()

    def _settle(self, image: Image) -> Image:
        """From the last blended picture over to what is rendered now."""
        if self._shown is None:
            return image
        now_s = self._clock.now_s()
        self._settling_since_s = self._settling_since_s or now_s
        share = (now_s - self._settling_since_s) / SETTLING_S
        if share >= 1.0:
            self._shown = self._settling_since_s = None
            return image
        return blend(self._shown, image, share)


class _Job:
    """One picture, rendered in a thread of its own."""

    def __init__(
        self,
        generator: Generator,
        ws: npt.NDArray[np.float32],
        transform: npt.NDArray[np.float64],
        clock: Clock,
    ) -> None:
        self.took_s = 0.0
        self._image: Image | None = None
        self._error: Exception | None = None

        def work() -> None:
            began_s = clock.now_s()
            try:
                self._image = generator.render(ws, transform)
            except Exception as error:  # noqa: BLE001 (raised again where the picture is asked for)
                self._error = error
            self.took_s = clock.now_s() - began_s

        self._thread = threading.Thread(target=work, name="slow picture", daemon=True)
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    @property
    def is_done(self) -> bool:
        return not self._thread.is_alive()

    def image(self) -> Image:
        """The picture, when it is done; raises what its rendering raised."""
        if self._error is not None:
            raise self._error
        assert self._image is not None
        return self._image


def blend(soon: Image, late: Image, share: float) -> Image:
    """From `soon` (share 0) to `late` (share 1), held in between; both of one shape.

    >>> blend(np.full((1, 1, 3), 100, np.uint8), np.full((1, 1, 3), 200, np.uint8), 0.25)[0, 0].tolist()
    [125, 125, 125]
    """
    part = round(clamp(share, 0.0, 1.0) * 256.0)
    if part == 0:
        return soon
    if part == 256:
        return late
    mixed = soon.astype(np.uint16) * (256 - part) + late.astype(np.uint16) * part
    return (mixed >> 8).astype(np.uint8)
