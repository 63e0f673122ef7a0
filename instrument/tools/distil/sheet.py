"""Contact sheets: many pictures in one PNG."""

import struct
import zlib

import numpy as np
import numpy.typing as npt
import torch

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


def png(image: Image) -> bytes:
    """An image ``(h, w, 3)`` as a PNG file."""
    height, width, _ = image.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    # Each row begins with the name of its filter: 1, differences to the left, suits smooth pictures.
    left = np.concatenate([image[:, :1], np.diff(image, axis=1)], axis=1)
    rows = np.concatenate([np.ones((height, 1), np.uint8), left.reshape(height, -1)], axis=1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
