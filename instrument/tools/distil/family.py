"""What makes one family of procedural pictures: geometry and palettes, as data.

A picture is a function of a few smooth scalar fields. A `Family` says how the fields are mixed into phases, how the
phases are folded into edges and lines, and what colours these get. Nothing here calculates.
"""

from dataclasses import dataclass, field, replace

from instrument.errors import CheckpointError, candidates

MOODS = ("Aggressive", "Calm", "Vibrant")
"""What the three corners of the mood plane are called, in the order of their mixing weights."""

Palette = tuple[tuple[float, float, float], ...]
"""Colours 0 to 1 at even steps."""

Mix = dict[str, float]
"""A linear combination: weights by name, `""` for the constant."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One scalar field: `rows` patterns that the code weighs, amplitudes falling as frequency to the `-slope`.

    The first pattern is always there, with weight `fixed`. `centre` is where the field is creased.
    """

    rows: int
    slope: float = 1.5
    fixed: float = 0.35
    centre: float = 0.0


@dataclass(frozen=True, slots=True)
class Family:
    """Everything that tells one default checkpoint from another. Frequencies are in cycles per picture.

    `creases` name the fields that fold a second time, at `crease_width`. `phases` are folded into periods; `linear`
    signals are not. `palettes` are (first, second) for Aggressive and for Calm; a knob blends them.
    """

    name: str
    title: str
    seed: int
    fields: dict[str, FieldSpec]
    creases: tuple[str, ...]
    phases: dict[str, Mix]
    linear: dict[str, Mix]
    fire: tuple[Palette, Palette]
    water: tuple[Palette, Palette]
    low_frequency: float = 0.40
    high_frequency: float = 1.80
    stretch: float = 1.0
    """Frequencies across are multiplied by it, frequencies down divided."""
    crease_width: float = 1.2
    line_width: float = 0.062
    fall: float = 0.06
    """Share of a period in which an Aggressive ramp falls back."""
    hue_shift: float = 0.0
    hue_span: float = 1.0
    wave: float = 1.6
    swing: float = 0.33
    haze: float = 0.12
    """How far a Calm picture runs through its palette with the wave, and with the veil."""
    patches: float = 0.45
    """Weight of a mood field's patterns beside its place on the mood plane. Heavier ones let one mood take the picture
    from the other bit by bit, all the way, where light ones change it in a few steps."""
    turn: float = 0.6
    travel: float = 0.35
    """How far the code turns (as a tangent) and moves (in pictures) the whole canvas, per unit."""
    sharpness: float = 1.0
    """Weight of the mean difference between neighbouring pixels in the training on windows: where an edge is a little
    off, the other terms would rather have none."""
    draw: int = 0
    """Which draw of the places where the moods are played, and of the directions around them: of the first 24, the one
    with the most even ways from mood to mood."""
    words: dict[str, str] = field(default_factory=dict)
    """What each mood looks like, in words: captions for whoever trains a scorer on these pictures."""


def _fields(**changes: FieldSpec) -> dict[str, FieldSpec]:
    usual = {
        "height": FieldSpec(5, 1.5),
        "bend": FieldSpec(3, 1.3, centre=0.15),
        "bow": FieldSpec(3, 1.3, centre=-0.2),
        "other": FieldSpec(5, 1.5),
        "ridge": FieldSpec(3, 1.4, centre=0.1),
        "hue": FieldSpec(2, 1.8),
    }
    return usual | changes


_FACETED: dict[str, Mix] = {
    "first": {"height": 1.40, "bend.fold": 1.05, "bend": 0.30, "": -0.62},
    "second": {"other": 1.08, "bow.fold": 0.85, "bow": 0.30, "": -0.51},
    "flame": {"height": 1.10, "bend.fold": 0.80, "ridge.fold": 0.75, "bow": 0.15, "": -0.92},
    "shard": {"other": 0.90, "bow.fold": 0.65, "bow": 0.65, "ridge.fold": 0.45, "": -0.35},
}
_LINEAR: dict[str, Mix] = {
    "spark": {"ridge": 0.85, "bend": 0.35},
    "deep": {"height": 0.65, "bow": 0.5, "hue": 0.2},
    "veil": {"other": 0.7, "bend": -0.6},
    "hue": {"hue": 0.9, "height": 0.25},
}

EMBER = Family(
    name="default",
    title="Ember, tide and neon",
    seed=7,
    fields=_fields(),
    creases=("bend", "bow", "ridge"),
    phases=_FACETED,
    linear=_LINEAR,
    fire=(
        ((0.02, 0.0, 0.02), (0.32, 0.01, 0.02), (0.86, 0.09, 0.01), (1.0, 0.46, 0.05), (1.0, 0.92, 0.58)),
        ((0.02, 0.0, 0.05), (0.30, 0.0, 0.14), (0.80, 0.03, 0.16), (1.0, 0.34, 0.16), (1.0, 0.86, 0.66)),
    ),
    water=(
        ((0.02, 0.05, 0.22), (0.04, 0.18, 0.48), (0.08, 0.44, 0.68), (0.30, 0.74, 0.78), (0.86, 0.96, 0.92)),
        ((0.03, 0.03, 0.18), (0.05, 0.15, 0.40), (0.12, 0.38, 0.60), (0.40, 0.68, 0.74), (0.95, 0.93, 0.86)),
    ),
    sharpness=2.0,
    draw=6,
    words={
        "Aggressive": "burning red and black shards, torn flames, hard edges",
        "Calm": "still blue water and soft mist, slow gradients",
        "Vibrant": "glowing neon lines in many colours, violet and green light",
    },
)

_RIBBONED: dict[str, Mix] = {
    "first": {"height": 1.31, "bend.fold": 0.34, "bend": 0.26, "": -0.20},
    "second": {"other": 1.09, "height": 0.26, "bow": 0.30, "": 0.08},
    "flame": {"height": 1.55, "ridge.fold": 0.45, "bow": 0.55, "": -0.27},
    "shard": {"other": 1.30, "bow": 0.75, "ridge.fold": 0.35, "": -0.1},
}

LACQUER = Family(
    name="lacquer",
    title="Lightning, dusk and lacquer",
    seed=38,
    fields=_fields(),
    creases=("bend", "bow", "ridge"),
    phases=_RIBBONED,
    linear=_LINEAR,
    fire=(
        ((0.01, 0.0, 0.03), (0.10, 0.02, 0.30), (0.36, 0.06, 0.72), (0.66, 0.40, 1.0), (0.96, 0.95, 1.0)),
        ((0.0, 0.01, 0.03), (0.02, 0.08, 0.30), (0.05, 0.28, 0.80), (0.28, 0.68, 1.0), (0.93, 0.98, 1.0)),
    ),
    water=(
        ((0.16, 0.04, 0.16), (0.42, 0.10, 0.26), (0.78, 0.30, 0.32), (0.96, 0.62, 0.44), (1.0, 0.90, 0.74)),
        ((0.10, 0.05, 0.20), (0.30, 0.14, 0.36), (0.62, 0.32, 0.46), (0.90, 0.60, 0.54), (0.98, 0.88, 0.80)),
    ),
    low_frequency=0.35,
    high_frequency=1.7,
    stretch=0.72,
    line_width=0.14,
    fall=0.12,
    hue_shift=0.08,
    hue_span=0.55,
    wave=3.2,
    swing=0.42,
    haze=0.20,
    patches=0.50,
    turn=0.9,
    sharpness=1.5,
    draw=10,
    words={
        "Aggressive": "electric violet and white lightning over black, torn ribbons",
        "Calm": "a warm evening sky, rose and peach, slow gradients",
        "Vibrant": "thick glowing bands of gold, coral and green lacquer",
    },
)

_FIRST_RIBBONS: dict[str, Mix] = {
    **_RIBBONED,
    "first": {"height": 1.75, "bend.fold": 0.45, "bend": 0.35, "": -0.27},
    "second": {"other": 1.45, "height": 0.35, "bow": 0.40, "": 0.1},
}
FIRST_LACQUER = replace(
    LACQUER, seed=23, phases=_FIRST_RIBBONS, line_width=0.10, fall=0.09, wave=2.1, swing=0.33, haze=0.12, patches=0.45
)
"""The second family as it was first drawn. The shipped scorer learned from it, and reads today's pictures as well."""

FAMILIES = {family.name: family for family in (EMBER, LACQUER)}


def family_named(name: str) -> Family:
    """The family of this name. Raises CheckpointError listing those there are."""
    if name not in FAMILIES:
        raise CheckpointError(f"no family {name!r}; there are: {candidates(FAMILIES)}")
    return FAMILIES[name]
