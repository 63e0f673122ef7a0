"""Contact sheets: many pictures in one PNG."""

import numpy as np
import numpy.typing as npt
import torch

from instrument.disk.png import encode

Image = npt.NDArray[np.uint8]
GAP_PX = 2


def tiles(images: torch.Tensor, columns: int) -> Image:
    """Pictures ``(m, h, w, 3)``, -1 to 1, row by row on black."""
    values = images.mul(127.5).add(128.0).clamp(0.0, 255.0).to(torch.uint8).numpy()
    count, height, width, _ = values.shape
    rows = -(-count // columns)
    sheet = np.zeros((rows * (height + GAP_PX) - GAP_PX, columns * (width + GAP_PX) - GAP_PX, 3), np.uint8)
    for index, image in enumerate(values):
        y, x = (index // columns) * (height + GAP_PX), (index % columns) * (width + GAP_PX)
        sheet[y : y + height, x : x + width] = image
    return sheet


png = encode
"""An image ``(h, w, 3)`` as a PNG file."""
