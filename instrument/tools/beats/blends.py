"""Rhythms between the families: each line of a bar is drawn from another of those that are fitted to. Pure, seeded."""

import numpy as np

from instrument.features.rhythm import BEATS_IN_BAR
from instrument.tools.beats.rhythms import FAMILIES, FITTED, Family
from instrument.tools.beats.score import Composer, Score

USUAL_BPM = 106.0
SPREAD = 0.3
"""Of the tempo, in natural logarithms."""
SLOWEST_BPM, FASTEST_BPM = 62.0, 186.0
DRUMMED_SHARE = 0.65
SWUNG_SHARE = 0.25
PARTS = ("k", "sci", "hpray", "wgmt")
"""Letters of the drums that are drawn together: kick, back beat, metal, skins."""
SOURCES = tuple(FAMILIES[name] for name in FITTED if FAMILIES[name].bar == BEATS_IN_BAR)
DRUM_BARS = tuple(bar for family in SOURCES for bar in family.drums if bar)
BASS_LINES = tuple(line for family in SOURCES for line in family.bass)
COMPINGS = tuple(line for family in SOURCES for line in family.comping)
DRUMLESS = ("bass", "chord", "arpeggio", "lead", "pad")


def blend(rng: np.random.Generator) -> Family:
    """A rhythm whose kick, back beat, metal, skins, bass and chords need not know of each other."""
    tempo_bpm = float(np.clip(np.exp(rng.normal(np.log(USUAL_BPM), SPREAD)), SLOWEST_BPM, FASTEST_BPM))
    drums: tuple[dict[str, str], ...] = ({},)
    layers = tuple(layer for layer in DRUMLESS if rng.random() < 0.5) or DRUMLESS[1:2]
    if rng.random() < DRUMMED_SHARE:
        drums, layers = (draw_drums(rng), draw_drums(rng)), ("drum", *layers)
    swung = rng.random() < SWUNG_SHARE
    return Family(
        "blend",
        (tempo_bpm, tempo_bpm),
        drums,
        layers,
        tuple(str(line) for line in rng.choice(BASS_LINES, size=2)),
        tuple(str(line) for line in rng.choice(COMPINGS, size=2)),
        swing=(0.54, 0.67) if swung else (0.5, 0.5),
        swing_grid=int(rng.integers(1, 3)),
        ghosts=float(rng.choice([0.0, 0.03, 0.12])),
        looseness=float(rng.random()),
        arpeggio=int(rng.choice([1, 2, 3, 4, 4])),
    )


def draw_drums(rng: np.random.Generator) -> dict[str, str]:
    """A bar put together from several."""
    lines: dict[str, str] = {}
    for letters in PARTS:
        bar = DRUM_BARS[int(rng.integers(len(DRUM_BARS)))]
        lines |= {letter: line for letter, line in bar.items() if letter in letters}
    return lines


def compose_blend(seed: int, duration_s: float) -> Score:
    """The piece of a seed, in a rhythm of its own."""
    rng = np.random.default_rng([seed, 5])
    return Composer(rng, blend(rng), duration_s, None).write()
