"""Families of rhythm: what the drums, the bass and the chords play in a bar. Data.

Drum lines are strings over one bar: X accent, x plain, o soft and sometimes left out, . nothing. Letters name the drum,
see `DRUMS`. Bass lines: 1, 3, 5 and 8 are chord tones. Comping lines: X long, x short.
"""

from dataclasses import dataclass
from enum import Enum

DRUMS = {
    "k": 36,
    "s": 38,
    "h": 42,
    "p": 46,
    "r": 51,
    "c": 39,
    "m": 45,
    "t": 48,
    "i": 37,
    "w": 56,
    "g": 63,
    "a": 70,
    "y": 49,
}
"""Letter: kick, snare, closed hat, open hat, ride, clap, low and high tom, rim, cowbell, conga, shaker, crash; with its
General MIDI key."""


class Role(Enum):
    """Who plays a note."""

    DRUM = "drum"
    BASS = "bass"
    CHORD = "chord"
    PAD = "pad"
    ARPEGGIO = "arpeggio"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Family:
    """One way to play; `layers` are values of `Role` that may sound.

    `swing` is the range of where the second half of a grid step falls (0.5 is straight), `swing_grid` the steps of a
    beat that are swung: 1 for eighths, 2 for sixteenths. Where it is `pushed`, the last eighth of a bar has the chord
    of the next. `held` families are kept out of all fitting.
    """

    name: str
    tempi_bpm: tuple[float, float]
    drums: tuple[dict[str, str], ...]
    layers: tuple[str, ...]
    bass: tuple[str, ...] = ("1.......5.......",)
    comping: tuple[str, ...] = ("X...............",)
    bar: int = 4
    swing: tuple[float, float] = (0.5, 0.5)
    swing_grid: int = 1
    ghosts: float = 0.03
    looseness: float = 1.0
    arpeggio: int = 4
    pushed: bool = False
    held: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """`layers` as roles, drums apart."""
        return tuple(Role(layer) for layer in self.layers if layer != "drum")


BAND = ("drum", "bass", "chord", "lead")
CLUB = ("drum", "bass", "chord", "pad", "arpeggio")
_ALL = (
    Family(
        "rock",
        (84, 176),
        (
            {"k": "X.......X.x.....", "s": "....X.......X...", "h": "x.x.x.x.x.x.x.x."},
            {"k": "X.....x.X.......", "s": "....X.......X..o", "r": "X.x.X.x.X.x.X.x."},
            {"k": "X..x..x.X.......", "s": "....X..o....X...", "h": "X...X...X...X..."},
        ),
        BAND,
        ("1.1.1.1.1.1.1.1.", "1.......1.5.....", "1..1..1.5..5..3."),
        ("x.x.x.x.x.x.x.x.", "X.......X.......", "X..x..x.X......."),
    ),
    Family(
        "house",
        (112, 132),
        (
            {"k": "X...X...X...X...", "p": "..X...X...X...X.", "c": "....X.......X..."},
            {"k": "X...X...X...X...", "h": "o.X.o.X.o.X.o.X.", "c": "....X.......X..o", "a": "xxxxxxxxxxxxxxxx"},
            {"k": "X...X...X...X.x.", "p": "..X...X...X...X.", "i": "...x..x....x..x."},
        ),
        CLUB,
        ("..1...1...1...1.", "..11..1..1.1..5.", "1.....1..1....5."),
        ("..x...x...x...x.", "...x..x....x..x.", "x..x..x...x..x.."),
        looseness=0.3,
    ),
    Family(
        "offbeat bass",
        (118, 148),
        (
            {"k": "X...X...X...X...", "p": "..X...X...X...X."},
            {"k": "X...X...X...X...", "p": "..X...X...X...X.", "s": "....X.......X...", "h": "xxxxxxxxxxxxxxxx"},
        ),
        CLUB,
        ("..11..11..11..11", ".111.111.111.111", "..1...1...1...1."),
        ("..X...X...X...X.",),
        looseness=0.2,
    ),
    Family(
        "funk",
        (88, 124),
        (
            {"k": "X..x..x..x.x..x.", "s": "....X..o.o..X..o", "h": "xxxxxxxxxxxxxxxx"},
            {"k": "X.x.......x..x..", "s": "....X..o....X.o.", "h": "x.xxx.xxx.xxx.x.", "p": "......x........."},
            {"k": "X.....x..xx.....", "s": "....X..o.o..X...", "h": "X.x.X.x.X.x.X.x."},
        ),
        BAND,
        ("1..1..8...1..51.", "1.8...1..1.5.1..", "1....81..1....3."),
        ("..x..x..x....x..", "....x..x....x...", "..xx..x...xx..x."),
        ghosts=0.12,
        swing=(0.5, 0.58),
        swing_grid=2,
    ),
    Family(
        "hip-hop",
        (70, 104),
        (
            {"k": "X......x..x.....", "s": "....X.......X...", "h": "x.x.x.x.x.x.x.x."},
            {"k": "X.x....x.x......", "s": "....X.......X...", "h": "x.xxx.x.x.xxx.x."},
            {"k": "X.....x...x..x..", "c": "....X.......X...", "h": "xxxxxxxxxxxxxxxx"},
        ),
        ("drum", "bass", "chord", "pad", "lead"),
        ("1......1..1.....", "1..8......1..5..", "1..............."),
        ("X.......X.......", "X...............", "X..x......x....."),
        swing=(0.5, 0.64),
        swing_grid=2,
    ),
    Family(
        "half-time",
        (126, 150),
        (
            {"k": "X...............", "s": "........X.......", "h": "x.x.x.x.x.x.xxxx"},
            {"k": "X.....x...x.....", "s": "........X.......", "h": "x.xxx.xxx.x.x.xx"},
        ),
        ("drum", "bass", "pad", "arpeggio"),
        ("1...........1...", "1......1..1.....", "1.1.1.1.........", "1.......1...1.1."),
        ("X...............",),
        looseness=0.3,
    ),
    Family(
        "breakbeat",
        (100, 142),
        (
            {"k": "X.X.......XX....", "s": "....X..x.x..X..x", "r": "x.x.x.x.x.x.x.x."},
            {"k": "X.........X..x..", "s": "....X..o.o..X...", "h": "x.x.x.x.x.x.x.p."},
        ),
        CLUB,
        ("1.....1...5.....", "1..1...1..1...5."),
        ("X.......X.......", "x..x..x........."),
        looseness=0.4,
    ),
    Family(
        "swing",
        (96, 176),
        (
            {"r": "X...X.x.X...X.x.", "h": "....X.......X...", "k": "o.......o.......", "s": "......o........o"},
            {"r": "X...X.x.X...X.x.", "p": "....x.......x...", "k": "o...o...o...o..."},
        ),
        ("drum", "bass", "chord", "lead"),
        ("1...3...5...8...", "1...5...8...5...", "1...3...5...3..."),
        ("......x.......x.", "x.....x.........", "....X.......X..."),
        swing=(0.6, 0.68),
    ),
    Family(
        "shuffle",
        (84, 140),
        (
            {"k": "X.......X.x.....", "s": "....X.......X...", "h": "x.x.x.x.x.x.x.x."},
            {"k": "X.x...x.X.......", "s": "....X.......X...", "r": "x.x.x.x.x.x.x.x."},
        ),
        BAND,
        ("1.1.5.5.8.8.5.5.", "1...3...5...3..."),
        ("..x...x...x...x.", "X.......X......."),
        swing=(0.62, 0.68),
    ),
    Family(
        "bossa",
        (104, 150),
        (
            {"k": "X..xX..xX..xX..x", "i": "x..x..x...x..x..", "h": "xxxxxxxxxxxxxxxx"},
            {"k": "X..xX..xX..xX..x", "i": "..x.x...x..x..x.", "a": "x.x.x.x.x.x.x.x."},
        ),
        ("drum", "bass", "chord", "lead"),
        ("1..51..51..51..5", "1.....5.5.....1."),
        ("x..x..x...x..x..", "x.....x...x....."),
    ),
    Family(
        "salsa",
        (84, 112),
        (
            {"w": "X...X.x.X...X.x.", "g": "..x...xx..x...xx", "i": "X..X..X...X.X..."},
            {"w": "x.xxx.x.x.xxx.x.", "g": "x.x.x.xxx.x.x.xx", "k": "...x......x....."},
        ),
        ("drum", "bass", "chord"),
        ("...1..5....1..5.", "1..5..1...5..1.."),
        ("x.xx.x.x.x.x.x.x", "x..x..x.x..x..x."),
    ),
    Family(
        "waltz",
        (88, 176),
        (
            {"k": "X...........", "s": "....x...x...", "h": "x...x...x..."},
            {"k": "X...........", "r": "X...x.x.x...", "i": "....x...x..."},
        ),
        BAND,
        ("1...........", "1...5...5...", "1.......5..."),
        ("....x...x...", "X..........."),
        bar=3,
        arpeggio=2,
    ),
    Family(
        "metal",
        (120, 182),
        (
            {"k": "X.x.X.x.X.x.X.x.", "s": "....X.......X...", "y": "X...X...X...X..."},
            {"k": "XxxxXxxxXxxxXxxx", "s": "....X.......X...", "p": "X...X...X...X..."},
        ),
        ("drum", "bass", "chord"),
        ("1.111.111.111.11", "1.1.1.1.1.1.1.1.", "111.111.111.1.1."),
        ("x.x.x.x.x.x.x.x.", "x.xxx.xxx.xxx.xx", "X.....x.X......."),
    ),
    Family(
        "arpeggios",
        (76, 150),
        ({},),
        ("arpeggio", "bass", "pad"),
        ("1...............", "1.......5.......", "1.1.1.1.1.1.1.1."),
        looseness=0.5,
    ),
    Family(
        "piano",
        (66, 132),
        ({},),
        ("chord", "bass", "lead"),
        ("1.......5.......", "1.5.8.5.1.5.8.5.", "1...5...8...5..."),
        ("X...X...X...X...", "X.......X.......", "....x.......x...", "x.x.x.x.x.x.x.x."),
    ),
    Family(
        "strings",
        (66, 120),
        ({},),
        ("chord", "bass", "pad", "lead"),
        ("1.......1.......", "1...1...1...1..."),
        ("X...X...X...X...", "X...............", "X.......X...X..."),
    ),
    Family(
        "disco",
        (106, 130),
        (
            {"k": "X...X...X...X...", "s": "....X.......X...", "p": "..X...X...X...X.", "h": "x...x...x...x..."},
            {"k": "X...X...X...X...", "s": "....X.......X..o", "h": "x.xxx.xxx.xxx.xx"},
        ),
        BAND,
        ("1.8.1.8.1.8.1.8.", "1..8.18.1..8.18."),
        ("..x...x...x...x.", "..xx..x...xx..x."),
        held=True,
    ),
    Family(
        "reggae",
        (66, 96),
        (
            {"k": "........X.......", "i": "........X.......", "h": "x.x.x.x.x.x.x.x."},
            {"k": "X...X...X...X...", "s": "........X.......", "h": "..x...x...x...x."},
        ),
        BAND,
        ("1..1..5...1.3...", "....1.1.5...8..."),
        ("..x...x...x...x.", "....x.......x..."),
        held=True,
    ),
    Family(
        "drum and bass",
        (160, 180),
        (
            {"k": "X.........X.....", "s": "....X.......X...", "h": "x.x.x.x.x.x.x.x."},
            {"k": "X.....X...X.....", "s": "....X..o.o..X..o", "r": "x.x.x.x.x.x.x.x."},
        ),
        CLUB,
        ("1...............", "1.....1...1.....", "1.......8...5..."),
        ("X...............",),
        looseness=0.3,
        held=True,
    ),
    Family(
        "samba",
        (90, 126),
        (
            {"k": "X..xX..xX..xX..x", "a": "XxxXXxxXXxxXXxxX", "s": "x.x.xx.x.x.xx.x."},
            {"m": "....X.......X...", "a": "xxxxxxxxxxxxxxxx", "w": "x.x.xx.x.xx.x.x."},
        ),
        ("drum", "bass", "chord", "lead"),
        ("1..55..11..55..1", "1...5..51...5..5"),
        ("x.x.xx.x.x.xx.x.", "x..x..x...x..x.."),
        held=True,
    ),
    Family(
        "ballad",
        (70, 92),
        (
            {"k": "X.........x.....", "s": "....X.......X...", "h": "x.x.x.x.x.x.x.x."},
            {"k": "X.............x.", "i": "....x.......x...", "r": "x.x.x.x.x.x.x.x."},
        ),
        ("drum", "bass", "chord", "pad", "lead"),
        ("1.........5.....", "1......11......."),
        ("X.......X.......", "x.x.x.x.x.x.x.x."),
        held=True,
    ),
    Family(
        "techno",
        (122, 150),
        (
            {"k": "X...X...X...X...", "h": "..x...x...x...x.", "a": "xoxoxoxoxoxoxoxo"},
            {"k": "X...X...X...X...", "w": "...x....x..x....", "m": "..x..x.....x..x."},
        ),
        ("drum", "bass", "arpeggio", "pad"),
        (".1.1.1.1.1.1.1.1", "1..1..1.1..1..1."),
        ("...x......x.....",),
        looseness=0.0,
        held=True,
    ),
    Family(
        "harp",
        (72, 132),
        ({},),
        ("arpeggio", "lead", "pad"),
        arpeggio=3,
        held=True,
    ),
    Family(
        "guitar",
        (80, 140),
        ({},),
        ("chord", "bass"),
        ("1...5...1...5...", "1.......1......."),
        ("X...x.xx..xxx.x.", "X.x.x.x.X.x.x.x."),
        held=True,
    ),
)
FAMILIES = {family.name: family for family in _ALL}
FITTED = tuple(family.name for family in _ALL if not family.held)
HELD = tuple(family.name for family in _ALL if family.held)
