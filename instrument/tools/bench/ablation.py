"""``bench ablation``: what the network and the smoothing of the loudness are good for.

The way from sound to latent is played over music that the mapping was not fitted to, whole and with parts taken out:
without the network, the descriptors of the hop are projected at random; without the smoothing, the loudness of the hop
hurries the travel as it is. No picture is drawn.
"""

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from instrument.audio.source import AudioBlock
from instrument.engine.listening import ListeningChain
from instrument.features.extractor import mix_to_mono
from instrument.features.vector import DESCRIPTORS, NormalizedFeatures
from instrument.generator.checkpoint import load_checkpoint
from instrument.mapping.mapper import MoodMapper, softmax
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import MoodNetwork, load_network
from instrument.motion.latent_motion import LatentMotion
from instrument.params.table import MOTION_DRIFT, build_table
from instrument.settings import DEFAULTS
from instrument.tools.fit import MAPPING_FILE, moods_of, options, unlearned, with_bar
from instrument.tools.fit.character import CHARACTERS, HOP_SIZE, character_scores, hear_spectra, measures
from instrument.tools.fit.examples import Roles, roles_of
from instrument.tools.fit.material import SETTLING_S, decode

FloatArray = npt.NDArray[np.float64]

FRAME_RATE_HZ = 30.0
SECONDS = 60.0
"""Of each track."""
PROJECTIONS = 5
"""Random projections; the mean and the best of them are shown."""
LOGIT_DEVIATION = 1.5
"""Standard deviation of the random projection's logits: about that of the network's."""
LINE = "{:46} {:>8} {:>8} {:>6} {:>10} {:>10} {:>6}\n"
HEAD = LINE.format("chain", "jitter", "travel", "ratio", "flicker /s", "agreement", "best")


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What every frame of a track is made from, and the mood the rule gives it (-1: none of these moods)."""

    features: tuple[NormalizedFeatures, ...]
    moods: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """One chain. Jitter and travel are in percent of the usual distance between moods, a frame.

    Jitter is the mean change of the step from one frame to the next, travel the mean step; `flicker` is how often a
    second the strongest mood changes; agreement the share of frames whose strongest mood is the rule's.
    """

    jitter: float
    travel: float
    flicker: float
    agreement: float


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


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    given = options("instrument bench ablation", __doc__).parse_args(list(arguments))
    folder = DEFAULTS.checkpoints_folder / given.checkpoint
    moods = moods_of(folder)
    mapping = given.mapping or folder / MAPPING_FILE
    network = load_network(mapping, moods)
    roles = roles_of(moods.names, given.sounds)
    tracks = [hear_track(*beginning(path), roles) for path in with_bar(unlearned(given.audio, mapping))]
    w_avg = load_checkpoint(folder).tensors["mapping.w_avg"].numpy()
    sys.stdout.write(f"{len(tracks)} tracks that were not learned from, up to {SECONDS:g} s each at 30 fps\n")
    sys.stdout.write(HEAD)
    mappings: dict[str, list[MakeMapping]] = {
        "full": [functools.partial(NetworkMapping, moods, network)],
        f"no network (mean of {PROJECTIONS})": [
            functools.partial(RawProjection, moods, seed) for seed in range(PROJECTIONS)
        ],
    }
    for name, makes in mappings.items():
        for smoothing, motion in (("", LatentMotion), (", no RMS smoothing", UnsmoothedMotion)):
            rows = [judge(tracks, make, motion(w_avg, given.seed), moods) for make in makes]
            sys.stdout.write(line(name + smoothing, rows))
            sys.stdout.flush()
    return 0


def beginning(path: Path) -> tuple[npt.NDArray[np.float32], int]:
    """`SECONDS` of a file, ``(n, channels)``, and its sample rate. Raises AudioError."""
    samples, sample_rate = decode(path)
    return samples[: round(SECONDS * sample_rate)], sample_rate


def hear_track(samples: npt.NDArray[np.float32], sample_rate: int, roles: Roles) -> Track:
    """What is heard newest at every frame, and the mood of the rule there."""
    chain = ListeningChain(sample_rate, HOP_SIZE)
    heard = chain.process(AudioBlock(samples, len(samples) / sample_rate))
    hop_s = HOP_SIZE / sample_rate
    scores = character_scores(measures(hear_spectra(mix_to_mono(samples[: len(heard) * HOP_SIZE]), sample_rate), hop_s))
    labels = roles.labels(np.eye(len(CHARACTERS))[scores.argmax(axis=1)])
    moods = np.where(labels.sum(axis=1) > 0.0, labels.argmax(axis=1), -1)
    frames = np.arange(hop_s, len(heard) * hop_s, 1.0 / FRAME_RATE_HZ)
    newest = np.minimum((frames / hop_s).astype(int), len(heard)) - 1
    return Track(tuple(heard[index].normalized for index in newest), moods[newest])


def judge(tracks: Sequence[Track], make: MakeMapping, motion: LatentMotion, moods: MoodSet) -> Row:
    """Play every track through a fresh mapping and the motion, reset."""
    away = moods.centroids[:, None] - moods.centroids[None]
    usual = float(np.linalg.norm(away, axis=2)[np.triu_indices(len(moods.names), 1)].mean())
    params = defaults(moods)
    rows = []
    for track in tracks:
        mapping = make()
        motion.reset()
        strongest, shown = [], []
        for features in track.features:
            weights, target = mapping.process(features)
            strongest.append(int(weights.argmax()))
            shown.append(motion.process(target, features.level, params, 1.0 / FRAME_RATE_HZ))
        rows.append(_figures(np.array(shown) / usual, np.array(strongest), track.moods))
    return Row(*np.mean(rows, axis=0).tolist())


def line(name: str, rows: Sequence[Row]) -> str:
    """One chain: the mean of its rows, and the best agreement among them."""
    mean = np.mean([astuple(row) for row in rows], axis=0)
    best = max(row.agreement for row in rows)
    jitter, travel, flicker, agreement = mean
    figures = (f"{jitter:.2f} %", f"{travel:.2f} %", f"{jitter / travel:.2f}", f"{flicker:.2f}")
    return LINE.format(name, *figures, f"{agreement:.1%}", f"{best:.1%}")


def defaults(moods: MoodSet) -> Mapping[str, float]:
    """Every parameter as the instrument starts with it, but for the drift, which no sound causes."""
    return {name: row.default for name, row in build_table(moods.names).items()} | {MOTION_DRIFT: 0.0}


def _figures(
    shown: npt.NDArray[np.floating], strongest: npt.NDArray[np.int64], true: npt.NDArray[np.int64]
) -> tuple[float, float, float, float]:
    settled = round(SETTLING_S * FRAME_RATE_HZ)
    steps = np.diff(shown[settled:], axis=0)
    changes = np.diff(strongest[settled:]) != 0
    known = true[settled:] >= 0
    right = strongest[settled:][known] == true[settled:][known]
    return (
        100.0 * float(np.linalg.norm(np.diff(steps, axis=0), axis=1).mean()),
        100.0 * float(np.linalg.norm(steps, axis=1).mean()),
        FRAME_RATE_HZ * float(changes.mean()),
        float(right.mean()) if known.any() else 0.0,
    )
