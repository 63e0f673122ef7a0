"""Small pictures as PNG files: what is written here is read here; other kinds of PNG are left alone.

PNG (Portable Network Graphics) Specification, third edition, W3C: 8-bit truecolour, filters 0 (none) and 1 (sub).
"""

import struct
import zlib

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_PX = 4096
"""Longest side that is read: a file that claims more is not a picture of ours."""


def encode(image: Image) -> bytes:
    """An image ``(height, width, 3)`` uint8 as a PNG file."""
    height, width, _ = image.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    # Each row begins with the name of its filter: 1, differences to the left, suits smooth pictures.
    left = np.concatenate([image[:, :1], np.diff(image, axis=1)], axis=1)
    rows = np.concatenate([np.ones((height, 1), np.uint8), left.reshape(height, -1)], axis=1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks)


def decode(data: bytes) -> Image | None:
    """The image ``(height, width, 3)`` uint8 of such a file; None if it is another kind, or broken."""
    try:
        chunks = _chunks(data)
        width, height, *kind = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
        if kind != [8, 2, 0, 0, 0] or not (0 < width <= LARGEST_PX and 0 < height <= LARGEST_PX):
            return None
        size = height * (1 + 3 * width)
        raw = zlib.decompressobj().decompress(chunks[b"IDAT"], size)
        rows = np.frombuffer(raw, np.uint8).reshape(height, 1 + 3 * width)
    except (KeyError, ValueError, struct.error, zlib.error):
        return None
    pixels = rows[:, 1:].reshape(height, width, 3)
    if rows[:, 0].max() > 1:
        return None
    summed = np.cumsum(pixels, axis=1, dtype=np.uint8)
    return np.where((rows[:, 0] == 1)[:, None, None], summed, pixels)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """The data of each kind of chunk, pieces of one kind joined. Raises ValueError."""
    if not data.startswith(SIGNATURE):
        raise ValueError("not a PNG")
    found: dict[bytes, bytes] = {}
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name = data[at + 4 : at + 8]
        found[name] = found.get(name, b"") + data[at + 8 : at + 8 + length]
        at += 12 + length
    return found
