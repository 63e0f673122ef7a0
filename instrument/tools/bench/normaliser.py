"""``bench normaliser``: how the running ranges bear a pause and a jump in level, and how much of the output is used.

Each piece is played as it is, with five seconds of silence in its middle, and 20 dB softer from its middle on. The
errors are mean differences of the outputs from those of the piece as it is: of all six in the five seconds after the
pause, and of the level from 10 to 20 seconds after the jump. Spread is from the 10th to the 90th percentile.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.audio.demo import render_demo
from instrument.features.extractor import FeatureExtractor
from instrument.features.levels import DcBlocker, LevelNormalizer
from instrument.features.vector import DESCRIPTORS, FeatureVector
from instrument.tools.fit.material import decode, find_music
from instrument.units import db_to_amplitude

Samples = npt.NDArray[np.float32]
Table = npt.NDArray[np.float64]

HOP_SIZE = 1024
SECONDS = 80.0
"""Of each piece; shorter ones, down to `SHORTEST_S`, are taken whole."""
SHORTEST_S = 60.0
SETTLED_S = 5.0
PAUSE_S = 5.0
JUMP_DB = -20.0
JUMP_FROM_S, JUMP_TO_S = 10.0, 20.0
DEMO_RATE = 48_000


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One piece: the two errors, and spread and share at the rails of each output ``(6,)``."""

    silence: float
    jump: float
    spread: Table
    rails: Table


def main(arguments: Sequence[str]) -> int:
    """Print a line a piece and the means. Raises AudioError."""
    options = argparse.ArgumentParser("instrument bench normaliser", description=__doc__.splitlines()[0])
    options.add_argument("--audio", type=Path, nargs="+", help="music: files or folders; without it, the demo")
    options.add_argument("--most", type=int, default=36, help="pieces to take")
    given = options.parse_args(list(arguments))
    judged = []
    sys.stdout.write(f"{'piece':40} {'silence':>8} {'jump':>8} {'spread':>8} {'rails':>8}\n")
    for name, samples, sample_rate in pieces(given.audio, given.most):
        judged.append(judge(samples, sample_rate))
        _write(name, judged[-1:])
    if not judged:
        sys.stdout.write(f"no piece of {SHORTEST_S:g} s or more\n")
        return 1
    _write(f"mean of {len(judged)}", judged)
    columns = (*(descriptor.label for descriptor in DESCRIPTORS), "Level")
    spread = np.mean([one.spread for one in judged], axis=0)
    sys.stdout.write("spread: " + ", ".join(f"{name} {value:.2f}" for name, value in zip(columns, spread, strict=True)))
    sys.stdout.write("\nasked: silence and jump at most .05, spread at least .65\n")
    return 0


def pieces(places: Sequence[Path] | None, most: int) -> Iterator[tuple[str, Samples, int]]:
    """Name, ``(n, channels)`` samples and rate of each piece that is long enough."""
    if not places:
        yield "demo", render_demo(DEMO_RATE)[: round(SECONDS * DEMO_RATE)], DEMO_RATE
        return
    # A fixed shuffle: neighbours in a folder are often of one kind.
    found = find_music(places)
    taken = 0
    for index in np.random.default_rng(0).permutation(len(found)):
        if taken == most:
            return
        samples, sample_rate = decode(found[index])
        if len(samples) >= SHORTEST_S * sample_rate:
            taken += 1
            yield found[index].name, samples[: round(SECONDS * sample_rate)], sample_rate


def judge(samples: Samples, sample_rate: int) -> Judged:
    """Play a piece of `SHORTEST_S` or more three times."""
    hop_s = HOP_SIZE / sample_rate
    middle = len(samples) // 2 // HOP_SIZE * HOP_SIZE
    hop = middle // HOP_SIZE
    softer = samples.copy()
    softer[middle:] *= np.float32(db_to_amplitude(JUMP_DB))
    pause = np.zeros((round(PAUSE_S / hop_s) * HOP_SIZE, samples.shape[1]), np.float32)
    paused = np.concatenate([samples[:middle], pause, samples[middle:]])
    plain, soft, after = (outputs(sound, sample_rate) for sound in (samples, softer, paused))
    after = after[hop + len(pause) // HOP_SIZE :]
    span = round(PAUSE_S / hop_s)
    silence = float(np.abs(after[:span] - plain[hop : hop + span]).mean())
    settled = slice(hop + round(JUMP_FROM_S / hop_s), hop + round(JUMP_TO_S / hop_s))
    jump = float(np.abs(soft[settled, -1] - plain[settled, -1]).mean())
    used = plain[round(SETTLED_S / hop_s) :]
    low, high = np.percentile(used, (10, 90), axis=0)
    return Judged(silence, jump, high - low, ((used == 0.0) | (used == 1.0)).mean(axis=0))


def outputs(samples: Samples, sample_rate: int) -> Table:
    """The five and the level, ``(hops, 6)``, as they are played."""
    blocker, extractor = DcBlocker(), FeatureExtractor(sample_rate, HOP_SIZE)
    vectors: list[FeatureVector] = []
    for start in range(0, len(samples) - HOP_SIZE + 1, HOP_SIZE):
        vectors += extractor.process(blocker.process(samples[start : start + HOP_SIZE]), 0.0)
    normalizer = LevelNormalizer()
    normalized = (normalizer.process(vector, HOP_SIZE / sample_rate) for vector in vectors)
    return np.array([[*features.descriptors(), features.level] for features in normalized])


def _write(name: str, judged: Sequence[Judged]) -> None:
    silence, jump, spread, rails = (
        float(np.mean([getattr(one, field) for one in judged])) for field in ("silence", "jump", "spread", "rails")
    )
    sys.stdout.write(f"{name[:40]:40} {silence:8.3f} {jump:8.3f} {spread:8.2f} {rails:8.2f}\n")
    sys.stdout.flush()
