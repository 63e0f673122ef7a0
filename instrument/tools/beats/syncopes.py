"""Rhythms that lean beside the beat: drums that keep it under bass and chords that like to be elsewhere. Pure, seeded.

Bars are put together from twos and threes, as those of tresillo, clave and their kin are (Toussaint, "The geometry of
musical rhythm", 2013), or lie on the off-beat alone, as in polka, country and ska.
"""

from collections.abc import Sequence

import numpy as np

from instrument.tools.beats.rhythms import Family
from instrument.tools.beats.score import Composer, Score

USUAL_BPM = 112.0
SPREAD = 0.27
"""Of the tempo, in natural logarithms."""
SLOWEST_BPM, FASTEST_BPM = 66.0, 180.0
STEPS = 16
"""Of a bar of four."""
FEELS: tuple[dict[str, str], ...] = (
    {"k": "X...X...X...X...", "s": "..X...X...X...X."},
    {"k": "X.......X.......", "s": "..x...x...x...x.", "h": "x.x.x.x.x.x.x.x."},
    {"k": "X...X...X...X...", "s": "xxXxxxXxxxXxxxXx"},
    {"k": "X...X...X...X...", "s": "...x..x....x..x."},
    {"k": "X.......X.......", "s": "....X.......X...", "h": "x.x.x.x.x.x.x.x."},
    {"k": "X..x..x.X..x..x.", "s": "....X.......X...", "h": "x.x.x.x.x.x.x.x."},
    {"k": "X.....x.X.....x.", "i": "....X.......X...", "r": "x...x...x...x..."},
    {"k": "X.....X...x...x.", "s": "....X.......X...", "w": "x...x...x...x..."},
    {"k": "X.......X.......", "i": "..x...x...x...x.", "a": "x.x.x.x.x.x.x.x."},
    {"w": "X...X...X...X...", "g": "..x...xx..x...xx"},
    {"k": "X.......x.......", "g": "x.xxx.xxx.xxx.xx", "m": "....x.......x..."},
    {"h": "..x...x...x...x.", "k": "X...X...X...X..."},
)
"""What drums do to keep the beat."""
DRUMMED_SHARE = 0.85
SOFT_SHARE = 0.5
"""Of the pieces with drums: theirs are softer than what is beside the beat."""
PUSHED_SHARE = 0.5
LAYERS = ("bass", "chord", "arpeggio", "lead", "pad")
PAHS = ("..x...x...x...x.", "..X...X...X...X.", "....x.......x...", "..xx..xx..xx..xx")
TURNS = (0, 0, 0, -2, 2, 1)
"""Steps that a bar of twos and threes may begin beside the bar."""


def syncope(rng: np.random.Generator) -> Family:
    """A rhythm that leans beside the beat."""
    tempo_bpm = float(np.clip(np.exp(rng.normal(np.log(USUAL_BPM), SPREAD)), SLOWEST_BPM, FASTEST_BPM))
    drums: tuple[dict[str, str], ...] = ({},)
    layers = tuple(layer for layer in LAYERS if rng.random() < 0.6) or LAYERS[:2]
    if rng.random() < DRUMMED_SHARE:
        soft = rng.random() < SOFT_SHARE
        drums, layers = (_feel(rng, soft=soft), _feel(rng, soft=soft)), ("drum", *layers)
    swung = rng.random() < 0.15
    return Family(
        "syncope",
        (tempo_bpm, tempo_bpm),
        drums,
        layers,
        tuple(_bass(rng) for _ in range(2)),
        tuple(_comping(rng) for _ in range(2)),
        swing=(0.54, 0.67) if swung else (0.5, 0.5),
        ghosts=float(rng.choice([0.0, 0.03])),
        looseness=float(rng.random()),
        arpeggio=int(rng.choice([2, 3, 4])),
        pushed=bool(rng.random() < PUSHED_SHARE),
    )


def compose_syncope(seed: int, duration_s: float) -> Score:
    """The piece of a seed, beside the beat in its own way."""
    rng = np.random.default_rng([seed, 8])
    return Composer(rng, syncope(rng), duration_s, None).write()


def _feel(rng: np.random.Generator, *, soft: bool) -> dict[str, str]:
    feel = FEELS[int(rng.integers(len(FEELS)))]
    return {letter: line.replace("X", "x") if soft else line for letter, line in feel.items()}


def _bass(rng: np.random.Generator) -> str:
    if rng.random() < 0.3:
        return str(rng.choice(["1...5...1...5...", "1.......5.......", "1...3...5...3..."]))
    played = grouped(rng)
    return "".join(str(rng.choice(["1", "1", "5", "8", "3"])) if step in played else "." for step in range(STEPS))


def _comping(rng: np.random.Generator) -> str:
    if rng.random() < 0.4:
        return str(rng.choice(PAHS))
    played = grouped(rng)
    return "".join(str(rng.choice(["x", "X"])) if step in played else "." for step in range(STEPS))


def grouped(rng: np.random.Generator) -> Sequence[int]:
    """Steps of a bar on which its twos and threes begin, of eighths or of sixteenths."""
    unit = 2 if rng.random() < 0.7 else 1
    starts, at = [], 0
    while at < STEPS:
        starts.append(at)
        at += unit * int(rng.choice([2, 3, 3]))
    if rng.random() < 0.4:
        # The same in both halves.
        starts = [half + start for half in (0, STEPS // 2) for start in starts if start < STEPS // 2]
    turn = int(rng.choice(TURNS))
    return sorted({(start + turn) % STEPS for start in starts})
