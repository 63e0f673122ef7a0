"""How a look looked when it was saved: a small PNG beside its JSON."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.disk.atomic import write_atomic
from instrument.disk.png import decode, encode
from instrument.errors import PresetError

Image = npt.NDArray[np.uint8]

SIDE_PX = 96
LARGEST_BYTES = 1_000_000
"""A file beside a look that is larger is no picture of it."""


def beside(look: Path) -> Path:
    """The picture's file of a look's file."""
    return look.with_suffix(".png")


def thumbnail(image: Image) -> Image:
    """An image ``(height, width, 3)`` brought to ``(96, 96, 3)``: means where it is larger, pixels repeated where not.

    >>> thumbnail(np.full((192, 300, 3), 7, np.uint8)).shape
    (96, 96, 3)
    """
    for axis in (0, 1):
        edges = np.arange(SIDE_PX + 1) * image.shape[axis] // SIDE_PX
        if image.shape[axis] >= SIDE_PX:
            counts = np.diff(edges).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
            image = (np.add.reduceat(image, edges[:-1], axis=axis, dtype=np.uint32) // counts).astype(np.uint8)
        else:
            image = np.take(image, edges[:-1], axis=axis)
    return np.ascontiguousarray(image)


def load(look: Path) -> Image | None:
    """The picture of a look; None if there is none that can be read."""
    path = beside(look)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            return None
        return decode(path.read_bytes())
    except OSError:
        return None


def save(image: Image, look: Path) -> None:
    """Write the picture of a look. Raises PresetError."""
    path = beside(look)
    try:
        write_atomic(path, encode(image))
    except OSError as error:
        raise PresetError(f"{path.name} cannot be written: {error.strerror}") from error
