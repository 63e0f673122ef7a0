import numpy as np
import pytest

from instrument.engine.picturing import fit


@pytest.mark.parametrize(("size", "wanted"), [(64, 64), (32, 128), (128, 32)])
def test_a_picture_fits_the_outputs_and_keeps_its_light(size: int, wanted: int) -> None:
    image = np.random.default_rng(size).integers(0, 256, (size, size, 3), dtype=np.uint8)
    fitted = fit(image, wanted)
    assert fitted.shape == (wanted, wanted, 3)
    assert fitted.dtype == np.uint8
    assert abs(fitted.mean() - image.mean()) < 1.0
    ours, theirs = max(wanted // size, 1), max(size // wanted, 1)
    corner = fitted[:ours, :ours].mean(axis=(0, 1))
    np.testing.assert_allclose(corner, image[:theirs, :theirs].mean(axis=(0, 1)), atol=1)
