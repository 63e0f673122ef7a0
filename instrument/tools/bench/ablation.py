"""``bench ablation``: what the network, the smoothing of the loudness and the travel are good for.

The way from sound to latent is played over music that the mapping was not fitted to, whole and with parts taken out:
without the network, the descriptors of the hop are projected at random; without the smoothing, the loudness of the hop
hurries the travel as it is; without the travel, what the sound asks for is shown at once. No picture is drawn.
"""

import functools
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from instrument.audio.source import AudioBlock
from instrument.engine.listening import ListeningChain
from instrument.errors import InstrumentError
from instrument.features.beats import NoBeats
from instrument.features.extractor import mix_to_mono
from instrument.features.vector import DESCRIPTORS, NormalizedFeatures
from instrument.generator.checkpoint import load_checkpoint
from instrument.mapping.mapper import MoodMapper, softmax
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import MoodNetwork, load_network
from instrument.motion.latent_motion import LatentMotion
from instrument.params.table import MOTION_DRIFT, MOTION_SPEED, build_table
from instrument.settings import DEFAULTS
from instrument.tools.bench.unrest import (
    FRAME_RATE_HZ,
    SETTLED,
    Labels,
    Latents,
    agreement,
    best_lag,
    jitter_as_far,
    nearest_mood,
    unrest,
)
from instrument.tools.fit import MAPPING_FILE, moods_of, options, unlearned, with_bar
from instrument.tools.fit.character import CHARACTERS, HOP_SIZE, character_scores, hear_spectra, measures
from instrument.tools.fit.examples import Roles, roles_of
from instrument.tools.fit.material import decode

FloatArray = npt.NDArray[np.float64]

SECONDS = 60.0
"""Of each track."""
SHORTEST_S = 6.0
"""Shorter sounds are left out: noises of games, not music."""
PROJECTIONS = 5
"""Random projections; the mean and the best of them are shown."""
LOGIT_DEVIATION = 1.5
"""Standard deviation of the random projection's logits: about that of the network's."""
AT_ONCE = 1e6
"""Times the default speed: every target is reached within its frame."""
LINE = "{:40} {:>7} {:>7} {:>5} {:>8} {:>9} {:>6} {:>6} {:>6} {:>6}\n"
HEAD = LINE.format("chain", "jitter", "travel", "ratio", "as far", "flicker/s", "heard", "shown", "best", "lag")


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What every frame of a track is made from, and the mood the rule gives it (-1: none of these moods)."""

    features: tuple[NormalizedFeatures, ...]
    moods: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a mapping makes of a track: a latent ``(n, w_dim)`` and the strongest mood ``(n,)`` for every frame."""

    targets: Latents
    strongest: Labels


@dataclass(frozen=True, slots=True)
class Row:
    """One chain. Jitter and travel are in percent of the usual distance between moods, a frame.

    Jitter is the mean change of the step from one frame to the next, travel the mean step, and `as_far` the jitter at
    the speed at which the chain travels as far as the whole one, which is fairer: what moves less jitters less.
    `flicker` is how often a second the mood changes that is nearest to what is shown. `heard` is the share of frames
    whose strongest mood is the rule's; `shown` that of frames whose nearest mood is the rule's `lag_s` before.
    """

    jitter: float
    travel: float
    as_far: float
    flicker: float
    heard: float
    shown: float
    lag_s: float


class HowMapped(Protocol):
    """What turns the features of a frame into mood weights ``(K,)`` and a latent ``(w_dim,)``."""

    def process(self, features: NormalizedFeatures) -> tuple[FloatArray, npt.NDArray[np.float32]]:
        """One frame."""
        ...


MakeMapping = Callable[[], HowMapped]


class RawProjection:
    """Takes the network's place: the descriptors of the hop, unsmoothed, times a random matrix."""

    def __init__(self, moods: MoodSet, seed: int) -> None:
        rng = np.random.default_rng(seed)
        count = len(DESCRIPTORS)
        self._moods = moods
        self._logits = LOGIT_DEVIATION / (0.3 * np.sqrt(count)) * rng.standard_normal((count, len(moods.names)))
        self._coords = rng.standard_normal((count, len(moods.names) * moods.dimension)) / np.sqrt(count)

    def process(self, features: NormalizedFeatures) -> tuple[FloatArray, npt.NDArray[np.float32]]:
        """Weights ``(K,)`` and the latent ``(w_dim,)``."""
        centred = features.descriptors() - 0.5
        weights = softmax(centred @ self._logits)
        coords = np.tanh(centred @ self._coords / 0.3).reshape(len(weights), -1)
        return weights, self._moods.target(weights, coords)


class NetworkMapping:
    """The mapping as it is played, hands off."""

    def __init__(self, moods: MoodSet, network: MoodNetwork) -> None:
        self._mapper = MoodMapper(moods, network)
        self._params = defaults(moods)

    def process(self, features: NormalizedFeatures) -> tuple[FloatArray, npt.NDArray[np.float32]]:
        """Weights ``(K,)`` and the latent ``(w_dim,)``."""
        target = self._mapper.process(features, self._params, 1.0 / FRAME_RATE_HZ)
        return target.asked, target.w


class UnsmoothedMotion(LatentMotion):
    """The travel, hurried by the loudness of the hop as it is."""

    def _follow_level(self, goal: float, dt_s: float) -> float:
        return goal * dt_s


MOTIONS: Mapping[str, tuple[type[LatentMotion], float]] = {
    "": (LatentMotion, 1.0),
    ", no RMS smoothing": (UnsmoothedMotion, 1.0),
    ", no RMS-driven travel": (LatentMotion, AT_ONCE),
}
"""Kind of motion and speed, by what it does without."""


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    given = options("instrument bench ablation", __doc__).parse_args(list(arguments))
    folder = DEFAULTS.checkpoints_folder / given.checkpoint
    moods = moods_of(folder)
    mapping = given.mapping or folder / MAPPING_FILE
    network = load_network(mapping, moods)
    roles = roles_of(moods.names, given.sounds)
    beginnings = (beginning(path) for path in with_bar(unlearned(given.audio, mapping)))
    tracks = [hear_track(*begun, roles) for begun in beginnings if len(begun[0]) >= SHORTEST_S * begun[1]]
    if not tracks:
        raise InstrumentError(f"none of these lasts {SHORTEST_S:g} s")
    w_avg = load_checkpoint(folder).tensors["mapping.w_avg"].numpy()
    sys.stdout.write(f"{len(tracks)} tracks that were not learned from, up to {SECONDS:g} s each at 30 fps\n")
    sys.stdout.write(HEAD)
    mappings: dict[str, list[MakeMapping]] = {
        "full": [functools.partial(NetworkMapping, moods, network)],
        f"no network (mean of {PROJECTIONS})": [
            functools.partial(RawProjection, moods, seed) for seed in range(PROJECTIONS)
        ],
    }
    whole: float | None = None
    for name, makes in mappings.items():
        asked = [[ask(track, make()) for track in tracks] for make in makes]
        for without, (motion, speed) in MOTIONS.items():
            rows = [judge(tracks, each, motion(w_avg, given.seed), speed, moods, whole) for each in asked]
            whole = rows[0].travel if whole is None else whole
            sys.stdout.write(line(name + without, rows))
            sys.stdout.flush()
    return 0


def beginning(path: Path) -> tuple[npt.NDArray[np.float32], int]:
    """`SECONDS` of a file, ``(n, channels)``, and its sample rate. Raises AudioError."""
    samples, sample_rate = decode(path)
    return samples[: round(SECONDS * sample_rate)], sample_rate


def hear_track(samples: npt.NDArray[np.float32], sample_rate: int, roles: Roles) -> Track:
    """What is heard newest at every frame, and the mood of the rule there."""
    chain = ListeningChain(sample_rate, HOP_SIZE, NoBeats)
    heard = chain.process(AudioBlock(samples, len(samples) / sample_rate))
    hop_s = HOP_SIZE / sample_rate
    scores = character_scores(measures(hear_spectra(mix_to_mono(samples[: len(heard) * HOP_SIZE]), sample_rate), hop_s))
    labels = roles.labels(np.eye(len(CHARACTERS))[scores.argmax(axis=1)])
    moods = np.where(labels.sum(axis=1) > 0.0, labels.argmax(axis=1), -1)
    frames = np.arange(hop_s, len(heard) * hop_s, 1.0 / FRAME_RATE_HZ)
    newest = np.minimum((frames / hop_s).astype(int), len(heard)) - 1
    return Track(tuple(heard[index].normalized for index in newest), moods[newest])


def ask(track: Track, mapping: HowMapped) -> Asked:
    """Play a track to a fresh mapping."""
    weights, targets = zip(*(mapping.process(features) for features in track.features), strict=True)
    return Asked(np.array(targets, dtype=np.float32), np.array(weights).argmax(axis=1))


def judge(
    tracks: Sequence[Track],
    asked: Sequence[Asked],
    motion: LatentMotion,
    speed: float,
    moods: MoodSet,
    whole: float | None,
) -> Row:
    """Travel through what was asked for on every track, at `speed` times the default one.

    `whole` is the travel of the whole chain, None for that itself.
    """
    away = moods.centroids[:, None] - moods.centroids[None]
    usual = float(np.linalg.norm(away, axis=2)[np.triu_indices(len(moods.names), 1)].mean())

    def shown_at(speed: float) -> list[Latents]:
        params = {**defaults(moods), MOTION_SPEED: speed * defaults(moods)[MOTION_SPEED]}
        return [travelled(motion, *pair, params) for pair in zip(tracks, asked, strict=True)]

    shown = shown_at(speed)
    jitter, travel = unrest(shown, usual)
    as_far = jitter if whole is None else math.nan
    if whole is not None and speed != AT_ONCE:
        as_far = jitter_as_far(lambda speed: unrest(shown_at(speed), usual), (jitter, travel), whole)
    true = [track.moods for track in tracks]
    nearest = [nearest_mood(path, moods) for path in shown]
    lag, match = best_lag(nearest, true)
    heard = agreement([one.strongest for one in asked], true, 0)
    flicker = FRAME_RATE_HZ * np.mean([(np.diff(own[SETTLED:]) != 0).mean() for own in nearest])
    return Row(jitter, travel, as_far, float(flicker), heard, match, lag / FRAME_RATE_HZ)


def travelled(motion: LatentMotion, track: Track, asked: Asked, params: Mapping[str, float]) -> Latents:
    """What `motion`, from a fresh start, shows of a track: ``(n, w_dim)``."""
    motion.reset()
    frames = zip(asked.targets, track.features, strict=True)
    return np.array([motion.process(w, features.level, params, 1.0 / FRAME_RATE_HZ) for w, features in frames])


def line(name: str, rows: Sequence[Row]) -> str:
    """One chain: the mean of its rows, and the best of them by the agreement of what is shown."""
    jitter, travel, as_far, flicker, heard, shown, lag_s = np.mean([astuple(row) for row in rows], axis=0)
    best = max(row.shown for row in rows)
    paces = (f"{jitter:.2f} %", f"{travel:.2f} %", f"{jitter / travel:.2f}")
    even = "-" if math.isnan(as_far) else f"{as_far:.2f} %"
    return LINE.format(
        name, *paces, even, f"{flicker:.2f}", f"{heard:.1%}", f"{shown:.1%}", f"{best:.1%}", f"{lag_s:.1f} s"
    )


def defaults(moods: MoodSet) -> Mapping[str, float]:
    """Every parameter as the instrument starts with it, but for the drift, which no sound causes."""
    return {name: row.default for name, row in build_table(moods.names).items()} | {MOTION_DRIFT: 0.0}
