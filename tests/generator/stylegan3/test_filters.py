import numpy as np
import pytest

from instrument.generator.stylegan3.filters import low_pass, radial_low_pass


@pytest.mark.parametrize(("taps", "cutoff", "half_width", "rate"), [(12, 8.0, 8.0, 64.0), (24, 8.0, 8.0, 128.0)])
def test_low_pass_passes_and_stops(taps: int, cutoff: float, half_width: float, rate: float) -> None:
    kernel = low_pass(taps, cutoff, half_width, rate).astype(float)
    frequency = np.linspace(0.0, rate / 2, 200)
    response = np.abs(np.exp(-2j * np.pi * np.outer(frequency, np.arange(taps)) / rate) @ kernel)
    assert response[0] == pytest.approx(1.0, abs=1e-6)
    assert response[frequency > cutoff + half_width].max() < 0.06
    assert np.interp(cutoff, frequency, response) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("taps", [12, 13])
def test_radial_low_pass_is_the_same_in_every_direction(taps: int) -> None:
    kernel = radial_low_pass(taps, 8.0, 8.0, 64.0).astype(float)
    assert kernel.sum() == pytest.approx(1.0, abs=1e-6)
    np.testing.assert_allclose(kernel, kernel.T, atol=1e-9)
    np.testing.assert_allclose(kernel, kernel[::-1], atol=1e-9)
    position = np.arange(taps) - (taps - 1) / 2
    for radius in (4.0, 8.0, 12.0):
        along = np.exp(-2j * np.pi * radius * position / 64.0)
        slanted = np.exp(-2j * np.pi * radius * np.sqrt(0.5) * position / 64.0)
        straight_response = abs(along @ kernel.sum(axis=0))
        slanted_response = abs(slanted @ kernel @ slanted)
        assert straight_response == pytest.approx(slanted_response, abs=0.03)
