"""Every parameter of the instrument, declared once.

The rows of the moods are made from the names a checkpoint brings, since moods are data.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from instrument.errors import ParameterError, candidates
from instrument.params.spec import Kind, ParamSpec, Warp

MOTION_SPEED = "motion.speed"
MOTION_RMS_DRIVE = "motion.rms_drive"
MOTION_DRIFT = "motion.drift"
MOTION_FREEZE = "motion.freeze"
AUDIO_AMOUNT = "mapping.audio_amount"
TRUNCATION = "picture.truncation"
PAN_X = "picture.pan_x"
PAN_Y = "picture.pan_y"
ROTATION = "picture.rotation"
ZOOM = "picture.zoom"
ACCENT_FLASH = "accent.flash"
ACCENT_PUSH = "accent.push"
ACCENT_PUNCH = "accent.punch"
ACCENT_BEAT = "accent.beat"
ACCENT_DROP = "accent.drop"
ACCENT_LEAD = "accent.lead"
INPUT_GAIN = "audio.input_gain"
AUTO_GAIN = "audio.auto_gain"
HOLD = "audio.hold"
MASTER_FADE = "output.master_fade"

ROWS: tuple[ParamSpec, ...] = (
    ParamSpec(
        MOTION_SPEED, "Speed", "motion", 1.0, 0.02, 12.0,
        "How fast the picture travels to where the sound sends it, in silence and sound alike.",
        unit="/s", warp=Warp.EXPONENTIAL, smoothing_s=0.05,
    ),
    ParamSpec(
        MOTION_RMS_DRIVE, "Drive", "motion", 3.0, 0.0, 8.0,
        "How much loudness hurries the travel: at full level the speed is multiplied by 1 + drive.",
        unit="x", smoothing_s=0.05,
    ),
    ParamSpec(
        MOTION_DRIFT, "Drift", "motion", 0.35, 0.0, 1.0,
        "Slow wandering around the target, so that a held sound still breathes.",
        smoothing_s=0.2,
    ),
    ParamSpec(
        MOTION_FREEZE, "Freeze", "motion", 0.0, 0.0, 1.0,
        "Hold the picture where it is; the ears stay open.",
        kind=Kind.SWITCH, persisted=False,
    ),
    ParamSpec(
        AUDIO_AMOUNT, "Audio amount", "mapping", 1.0, 0.0, 1.0,
        "Share of the mood that the sound decides; at 0 only the mood biases do.",
        smoothing_s=0.1,
    ),
    ParamSpec(
        TRUNCATION, "Truncation", "picture", 0.8, 0.0, 1.5,
        "Distance from the average picture: low is tame and alike, high is wild and rare (psi of the papers).",
        smoothing_s=0.1,
    ),
    ParamSpec(
        PAN_X, "Pan X", "picture", 0.0, -0.5, 0.5,
        "Move the picture's content sideways, in widths; texture does not stick to the screen.",
        smoothing_s=0.1,
    ),
    ParamSpec(
        PAN_Y, "Pan Y", "picture", 0.0, -0.5, 0.5,
        "Move the picture's content up and down, in heights.",
        smoothing_s=0.1,
    ),
    ParamSpec(
        ROTATION, "Rotation", "picture", 0.0, -180.0, 180.0,
        "Turn the picture's content inside the generator.",
        unit="deg", smoothing_s=0.1,
    ),
    ParamSpec(
        ZOOM, "Zoom", "picture", 1.0, 0.5, 2.0,
        "Enlarge the picture's content inside the generator.",
        unit="x", warp=Warp.EXPONENTIAL, smoothing_s=0.1,
    ),
    ParamSpec(
        ACCENT_FLASH, "Flash", "accent", 0.35, 0.0, 1.0,
        "Brightness with which a beat is marked: middle tones are lifted, black and white stay.",
        smoothing_s=0.05,
    ),
    ParamSpec(
        ACCENT_PUSH, "Push", "accent", 0.2, 0.0, 1.0,
        "How far a beat nudges the picture to another one, this way and that in turn.",
        smoothing_s=0.05,
    ),
    ParamSpec(
        ACCENT_PUNCH, "Punch", "accent", 0.25, 0.0, 1.0,
        "How much a beat enlarges the picture's content for a moment.",
        smoothing_s=0.05,
    ),
    ParamSpec(
        ACCENT_BEAT, "On beat", "accent", 1.0, 0.0, 1.0,
        "Accents fall on the predicted beat; off, or where no beat is sure, on what attacks.",
        kind=Kind.SWITCH,
    ),
    ParamSpec(
        ACCENT_DROP, "Drops", "accent", 1.0, 0.0, 1.0,
        "Listen for a build-up, hold the breath, and let go when the bass comes back.",
        kind=Kind.SWITCH,
    ),
    ParamSpec(
        ACCENT_LEAD, "Lead", "accent", 0.0, 0.0, 200.0,
        "How much earlier beats are sent, for what comes after this machine: the projector's own delay.",
        unit="ms", persisted=False,
    ),
    ParamSpec(
        INPUT_GAIN, "Input gain", "audio", 0.0, -24.0, 24.0,
        "Level of the input before it is listened to; belongs to the room, not to a look.",
        unit="dB", smoothing_s=0.05, persisted=False,
    ),
    ParamSpec(
        AUTO_GAIN, "Auto gain", "audio", 1.0, 0.0, 1.0,
        "Bring an input that is far too quiet or too loud to a usual level, slowly; your own gain comes on top of it.",
        kind=Kind.SWITCH, persisted=False,
    ),
    ParamSpec(
        HOLD, "Hold", "audio", 0.0, 0.0, 1.0,
        "Keep what counts as low and high where it is, so that a fade-in is seen as one.",
        kind=Kind.SWITCH, persisted=False,
    ),
    ParamSpec(
        MASTER_FADE, "Master", "output", 1.0, 0.0, 1.0,
        "Brightness of everything that is sent out.",
        smoothing_s=0.05, persisted=False,
    ),
)  # fmt: skip


def mood_bias_name(mood: str) -> str:
    """Parameter name of a mood's bias.

    >>> mood_bias_name("Deep Sea")
    'mood.deep_sea.bias'
    """
    slug = "_".join(mood.lower().split())
    return f"mood.{slug}.bias"


def mood_bias_row(mood: str) -> ParamSpec:
    """The row of one mood: added to its logit before the softmax."""
    return ParamSpec(
        mood_bias_name(mood), mood, "mood", 0.0, -6.0, 6.0,
        f"The hand's word on {mood}: added to what the sound asks, in logits; 6 all but decides.",
        smoothing_s=0.1,
    )  # fmt: skip


class ParamTable(Mapping[str, ParamSpec]):
    """The rows by name, in table order. Immutable."""

    def __init__(self, rows: Iterable[ParamSpec]) -> None:
        listed = tuple(rows)
        self._rows = {row.name: row for row in listed}
        if len(self._rows) != len(listed):
            raise ParameterError("two parameters share a name")

    def __getitem__(self, name: str) -> ParamSpec:
        try:
            return self._rows[name]
        except KeyError:
            raise ParameterError(f"no parameter {name!r}; there are: {candidates(self._rows)}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def group(self, group: str) -> tuple[ParamSpec, ...]:
        """The rows of one group, in table order; empty if there is none."""
        return tuple(row for row in self._rows.values() if row.group == group)


def build_table(moods: Sequence[str]) -> ParamTable:
    """The table for a checkpoint with these `moods`.

    Raises
    ------
    ParameterError
        If two moods lead to one parameter name.
    """
    return ParamTable((*ROWS, *(mood_bias_row(mood) for mood in moods)))
