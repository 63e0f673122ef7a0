"""The sheets of models as small pictures: read and shrunk behind the page that shows them.

A sheet as it lies on the disk holds the main thread for some 60 ms, and the picture on the wall with it.
"""

import threading
from pathlib import Path

import dearpygui.dearpygui as dpg
import numpy as np
import numpy.typing as npt

from instrument.disk.png import decode
from instrument.ui.draw.tags import Tag

Image = npt.NDArray[np.uint8]


def shrunk(image: Image, width: int, height: int) -> Image:
    """An image ``(rows, columns, 3)`` brought to ``(height, width, 3)``, each side at most as long as it was: means.

    >>> shrunk(np.full((1030, 1546, 3), 9, np.uint8), 300, 200).shape
    (200, 300, 3)
    """
    for axis, side in ((0, height), (1, width)):
        edges = np.arange(min(side, image.shape[axis]) + 1) * image.shape[axis] // min(side, image.shape[axis])
        counts = np.diff(edges).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        image = (np.add.reduceat(image, edges[:-1], axis=axis, dtype=np.uint32) // counts).astype(np.uint8)
    return image


def read_sheet(path: Path, size: tuple[int, int], largest_bytes: int) -> Image | None:
    """The picture in `path`, at most `size` (width, height) large; None if there is none that can be read."""
    try:
        image = decode(path.read_bytes()) if path.stat().st_size <= largest_bytes else None
    except OSError:
        return None
    return None if image is None else shrunk(image, *size)


class Sheets:
    """Owns the textures of one page. Main thread only, but for the reading."""

    def __init__(self, size: tuple[int, int], largest_bytes: int) -> None:
        self._size, self._largest_bytes = size, largest_bytes
        self._registry: Tag = dpg.add_texture_registry()
        self._read: dict[Path, Image | None] = {}
        self._asked: set[Path] = set()
        self._textures: dict[Path, Tag] = {}

    def texture(self, sheet: Path) -> Tag | None:
        """The picture in `sheet`; None while it is being read, and if it is no picture."""
        if sheet not in self._asked:
            self._asked.add(sheet)
            threading.Thread(target=self._work, args=(sheet,), name="read sheet", daemon=True).start()
        image = self._read.get(sheet)
        if image is not None and sheet not in self._textures:
            pixels = np.ones((*image.shape[:2], 4), np.float32)
            np.multiply(image, np.float32(1.0 / 255.0), out=pixels[..., :3], casting="unsafe")
            height, width = image.shape[:2]
            self._textures[sheet] = dpg.add_static_texture(width, height, pixels, parent=self._registry)
        return self._textures.get(sheet)

    def close(self) -> None:
        """Give the textures back."""
        dpg.delete_item(self._registry)

    def _work(self, sheet: Path) -> None:
        self._read[sheet] = read_sheet(sheet, self._size, self._largest_bytes)
