from itertools import combinations

import numpy as np
import pytest

from instrument.engine.snapshot import Lamp
from instrument.ui.draw import theme
from instrument.ui.draw.theme import Color, contrast_ratio
from instrument.ui.panels.why import shade

# Machado, Oliveira and Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency",
# severity 1.0, on linear RGB.
EYES = {
    "usual": np.eye(3),
    "red-blind": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "green-blind": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def lab(color: Color, eye: str) -> np.ndarray:
    """CIE L*a*b* of a colour as that eye sees it."""
    part = np.array(color[:3]) / 255.0
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    ratio = XYZ @ np.clip(EYES[eye] @ linear, 0.0, 1.0) / WHITE
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16.0 / 116.0)
    return np.array([116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2])])


@pytest.mark.parametrize("pair", theme.TEXT_PAIRS)
def test_every_text_stands_out_from_its_ground(pair: tuple[Color, Color]) -> None:
    assert contrast_ratio(*pair) >= 7.0


@pytest.mark.parametrize("mood", range(12))
@pytest.mark.parametrize("place", range(3))
def test_every_cause_can_be_read_on_its_part_of_the_strip(mood: int, place: int) -> None:
    assert contrast_ratio(theme.ON_ACCENT, shade(mood, place)) >= 7.0


def test_contrast_of_black_and_white_and_of_equals() -> None:
    assert contrast_ratio((0, 0, 0, 255), (255, 255, 255, 255)) == pytest.approx(21.0)
    assert contrast_ratio(theme.TEXT, theme.TEXT) == 1.0


@pytest.mark.parametrize("eye", EYES)
def test_mood_colours_differ_to_every_eye(eye: str) -> None:
    seen = [lab(color, eye) for color in theme.MOODS]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 15.0


def test_twelve_moods_have_colours_of_their_own_and_stand_out() -> None:
    assert len(set(theme.MOODS)) == 12
    assert theme.mood_color(12) == theme.mood_color(0)
    assert all(contrast_ratio(color, theme.INSET) >= 4.5 for color in theme.MOODS)


def test_no_text_is_smaller_than_fifteen_pixels() -> None:
    # A size of Dear PyGui's reaches from ascent to descent: 20 is 15 px of type.
    assert min(theme.SMALL_PX, theme.BODY_PX, theme.VALUE_PX, theme.TITLE_PX, theme.TEMPO_PX) >= 20


def test_every_state_has_its_lamp() -> None:
    assert set(theme.LAMPS) == set(Lamp)
    assert len(set(theme.LAMPS.values())) == len(Lamp)
