"""The last steps from a latent to what the synthesis network takes. Pure."""

import numpy as np
import numpy.typing as npt


def truncate(
    w: npt.NDArray[np.floating], w_avg: npt.NDArray[np.floating], truncation_psi: float
) -> npt.NDArray[np.float32]:
    """Draw `w` ``(w_dim,)`` towards `w_avg`: 0 is the average picture, 1 leaves it, above 1 goes beyond.

    The truncation trick of T. Karras et al., "A style-based generator architecture for GANs", CVPR 2019.

    >>> truncate(np.array([3.0]), np.array([1.0]), 0.5).tolist()
    [2.0]
    """
    return (w_avg + truncation_psi * (w - w_avg)).astype(np.float32)


def to_ws(w: npt.NDArray[np.floating], num_ws: int) -> npt.NDArray[np.float32]:
    """The same `w` ``(w_dim,)`` for every layer: ``(num_ws, w_dim)``, in an array of its own."""
    return np.tile(w.astype(np.float32, copy=False), (num_ws, 1))
