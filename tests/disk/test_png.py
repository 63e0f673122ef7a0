import zlib
from pathlib import Path

import av
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from instrument.disk.png import decode, encode


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_what_is_written_is_read(height: int, width: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    decoded = decode(encode(image))
    assert decoded is not None
    np.testing.assert_array_equal(decoded, image)


@given(st.binary(max_size=200))
def test_anything_else_is_no_picture(data: bytes) -> None:
    assert decode(data) is None
    assert decode(b"\x89PNG\r\n\x1a\n" + data) is None


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_broken_file_is_no_crash(at: int, byte: int) -> None:
    data = bytearray(encode(np.full((9, 7, 3), 40, np.uint8)))
    data[at % len(data)] = byte
    decoded = decode(bytes(data))
    assert decoded is None or decoded.dtype == np.uint8


def test_a_file_that_claims_to_be_huge_is_left_alone() -> None:
    data = bytearray(encode(np.zeros((2, 2, 3), np.uint8)))
    data[16:24] = (4000).to_bytes(4) * 2
    assert decode(bytes(data)) is None
    bomb = zlib.compress(bytes(10_000_000))
    assert decode(bytes(data[:33]) + len(bomb).to_bytes(4) + b"IDAT" + bomb + b"0000") is None


def test_others_read_it_too(tmp_path: Path) -> None:
    image = np.random.default_rng(1).integers(0, 256, (5, 8, 3), dtype=np.uint8)
    path = tmp_path / "image.png"
    path.write_bytes(encode(image))
    with av.open(str(path)) as container:
        (frame,) = container.decode(video=0)
    np.testing.assert_array_equal(frame.to_ndarray(format="rgb24"), image)
