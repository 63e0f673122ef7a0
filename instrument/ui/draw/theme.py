"""Colours and sizes of the surface. Pure data: made for a dark stage, one accent, shapes beside colours.

Lengths are pixels at scale 1, for a window of 1280 x 800.
"""

from instrument.engine.snapshot import Lamp

Color = tuple[int, int, int, int]

CLEAR: Color = (0, 0, 0, 0)
WINDOW: Color = (9, 10, 13, 255)
PANEL: Color = (20, 23, 29, 255)
INSET: Color = (11, 13, 17, 255)
"""The ground of pictures, traces and tracks."""
RAISED: Color = (41, 47, 58, 255)
"""What can be pressed."""
HOVERED: Color = (58, 66, 82, 255)
LINE: Color = (52, 59, 72, 255)
TRACK: Color = (64, 73, 89, 255)
"""The part of a knob or fader that is not reached."""

TEXT: Color = (242, 244, 247, 255)
DIM: Color = (184, 193, 206, 255)
"""Captions; still 7:1 against everything it stands on."""
ACCENT: Color = (94, 234, 212, 255)
ON_ACCENT: Color = (8, 20, 18, 255)
"""Text on the accent and on amber."""
AMBER: Color = (255, 200, 87, 255)
"""Waiting for a hand: MIDI learn, saving a look."""
ALARM: Color = (255, 150, 138, 255)

LAMPS: dict[Lamp, Color] = {Lamp.OFF: TRACK, Lamp.GOOD: ACCENT, Lamp.WARN: AMBER, Lamp.BAD: ALARM}

TEXT_PAIRS: tuple[tuple[Color, Color], ...] = (
    (TEXT, WINDOW), (TEXT, PANEL), (TEXT, INSET), (TEXT, RAISED), (TEXT, HOVERED),
    (DIM, WINDOW), (DIM, PANEL), (DIM, INSET), (DIM, RAISED),
    (AMBER, PANEL), (AMBER, WINDOW), (AMBER, RAISED), (ALARM, WINDOW), (ALARM, PANEL), (ACCENT, PANEL),
    (AMBER, INSET), (ON_ACCENT, ACCENT), (ON_ACCENT, AMBER), (ON_ACCENT, ALARM),
)  # fmt: skip
"""Every text colour with every ground it is written on."""

MOODS: tuple[Color, ...] = (
    (250, 124, 166, 255), (96, 180, 250, 255), (250, 194, 82, 255), (138, 236, 250, 255),
    (180, 124, 68, 255), (236, 250, 180, 255), (110, 124, 250, 255), (250, 152, 138, 255),
    (208, 250, 222, 255), (236, 68, 180, 255), (250, 250, 40, 255), (222, 124, 40, 255),
)  # fmt: skip
"""Far apart from each other, to red-blind and green-blind eyes too (a test holds the distances)."""

SMALL_PX = 20
"""Captions. Dear PyGui's sizes reach from ascent to descent: 20 is about 15 px of type."""
BODY_PX = 22
VALUE_PX = 25
TITLE_PX = 46
TEMPO_PX = 30

RADIUS_PX = 8
GAP_PX = 8
PAD_PX = 12


def mood_color(index: int) -> Color:
    """Colour of the mood at `index`, beginning anew after the last."""
    return MOODS[index % len(MOODS)]


def faded(color: Color, opacity: float) -> Color:
    """`color` with the given opacity in ``[0, 1]``."""
    return (*color[:3], round(255 * opacity))


def between_colors(first: Color, second: Color, share: float) -> Color:
    """The opaque colour at `share` of the way from `first` to `second`.

    >>> between_colors((0, 0, 0, 255), (200, 100, 0, 255), 0.5)
    (100, 50, 0, 255)
    """
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(first[:3], second[:3], strict=True))
    return red, green, blue, 255


def contrast_ratio(first: Color, second: Color) -> float:
    """Contrast of two opaque colours, 1 to 21 (WCAG 2.2, "contrast ratio").

    >>> round(contrast_ratio((0, 0, 0, 255), (255, 255, 255, 255)))
    21
    """
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (_linear(part / 255.0) for part in color[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
