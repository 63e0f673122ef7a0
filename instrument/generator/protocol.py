"""What every generator is to the rest of the house, whatever network and engine are behind it."""

from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

IDENTITY = np.eye(3)
"""The transform that leaves the picture where it is."""


class Generator(Protocol):
    """A synthesis network ready to render one picture at a time. One owner thread."""

    @property
    def z_dim(self) -> int:
        """Size of `z`."""
        ...

    @property
    def w_dim(self) -> int:
        """Size of `w`."""
        ...

    @property
    def num_ws(self) -> int:
        """Rows of `ws`: one `w` a layer."""
        ...

    @property
    def resolution(self) -> int:
        """Width and height of the picture in pixels."""
        ...

    @property
    def w_avg(self) -> npt.NDArray[np.float32]:
        """Mean of `w` over the training distribution, ``(w_dim,)``: the centre of truncation."""
        ...

    @property
    def description(self) -> str:
        """Network and engine in a few words, e.g. ``stylegan3-t 256 px, torch cpu float32``."""
        ...

    def map(self, z: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """``(n, z_dim)`` normal deviates to ``(n, w_dim)``, not truncated."""
        ...

    def render(self, ws: npt.NDArray[np.float32], transform: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
        """One picture ``(resolution, resolution, 3)`` uint8, in an array of its own.

        `ws` is ``(num_ws, w_dim)``. `transform` ``(3, 3)`` is what the user wants done to the picture, rows
        ``[[c, s, tx], [-s, c, ty], [0, 0, 1]]`` (StyleGAN3's convention, in units of the picture's size, scale
        included in the 2x2 part); networks without an input transform ignore it.
        """
        ...


@runtime_checkable
class Warming(Protocol):
    """What a generator also is whose first pictures are slower than the later ones."""

    @property
    def is_warming(self) -> bool:
        """Whether pictures will come faster before long. Any thread."""
        ...

    def wait_until_fast(self, timeout_s: float) -> bool:
        """Block until they do; False if they never will, or `timeout_s` passed."""
        ...
