import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.errors import DisplayError
from instrument.ui.draw.texture import BUFFERS, FloatBuffers
from instrument.ui.panels.picture import preview


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((8, 8, 3), np.float32),
        np.zeros((8, 8), np.uint8),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((0, 8, 3), np.uint8),
    ],
)
def test_what_is_not_a_picture_is_refused(image: np.ndarray) -> None:
    with pytest.raises(DisplayError, match="uint8"):
        preview(image)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(16, 128))
def test_a_preview_is_never_longer_than_its_limit(height: int, width: int, limit_px: int) -> None:
    small = preview(np.zeros((height, width, 3), np.uint8), limit_px)
    assert max(small.shape[:2]) <= limit_px
    if max(height, width) <= limit_px:
        assert small.shape == (height, width, 3)


def test_buffers_turn_and_hold_the_picture_in_the_unit_range() -> None:
    buffers = FloatBuffers(4, 6)
    image = np.arange(72, dtype=np.uint8).reshape(4, 6, 3) * 3
    filled = [buffers.fill(image) for _ in range(BUFFERS + 1)]
    assert len({id(buffer) for buffer in filled}) == BUFFERS
    assert filled[0] is filled[BUFFERS]
    assert filled[0].dtype == np.float32
    assert filled[0].flags.c_contiguous
    np.testing.assert_allclose(filled[0][..., :3], image / 255.0, atol=1e-6)
    assert np.all(filled[0][..., 3] == 1.0)


def test_a_thinned_picture_is_taken_over_too() -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    small = preview(image, 20)
    np.testing.assert_allclose(FloatBuffers(*small.shape[:2]).fill(small)[..., :3], image[::4, ::4] / 255.0, atol=1e-6)
