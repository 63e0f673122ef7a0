"""``seed``: a checkpoint from nothing but a seed, so that the instrument plays before any network was trained.

The generator has random weights, its moods are picked by picture statistics, and its mapping is fitted to the three
sections of the built-in demo. The card says all of this.
"""

import argparse
import bisect
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.audio.demo import PARTS, part_starts_s, render_demo
from instrument.audio.source import AudioBlock
from instrument.engine.listening import ListeningChain
from instrument.features.beats import NoBeats
from instrument.generator.checkpoint import Card, load_checkpoint, save_checkpoint
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.generator.torch_engine import TorchGenerator
from instrument.mapping.fitting import FitReport, fit_moods
from instrument.mapping.inputs import InputMemory
from instrument.mapping.moods import MoodSet, save_moods
from instrument.mapping.network import save_network
from instrument.settings import DEFAULTS
from instrument.tools.picking import TASTES, pick
from instrument.tools.render import FASTER_S

SAMPLE_RATE = 48_000
HOP_SIZE = 1024
SEED = 1
DIMENSION = 4
DEMO_ORIGIN = "the built-in demo's three sections"
"""What a mapping is fitted to that `fit` has not yet made better."""
SETTLING_S = 3.0
"""Start of each section that is not learned from: the running normalisation is still finding its range."""
CONFIG = NetworkConfig(resolution=256, z_dim=128, w_dim=128, channel_base=2048, channel_max=32)


def main(arguments: Sequence[str]) -> int:
    """Make the checkpoint anew; the same seed gives the same files."""
    options = argparse.ArgumentParser("instrument seed", description=__doc__)
    options.add_argument("--name", default="default", help="folder name in checkpoints/")
    options.add_argument("--seed", type=int, default=SEED)
    given = options.parse_args(list(arguments))
    folder = DEFAULTS.checkpoints_folder / given.name
    report = make_checkpoint(folder, CONFIG, given.seed)
    sys.stdout.write(f"{folder.name}: mapping right on {report.train_accuracy:.0%} of the demo's hops\n")
    return 0


def make_checkpoint(folder: Path, config: NetworkConfig, seed: int) -> FitReport:
    """Write generator, moods, mapping and card into `folder`."""
    save_checkpoint(folder, config, seeded_network(config, seed), card(seed))
    checkpoint = load_checkpoint(folder)
    generator = TorchGenerator(checkpoint)
    generator.wait_until_fast(FASTER_S)
    rng = np.random.default_rng(seed)
    picked = [pick(generator, taste, DIMENSION, rng) for taste in TASTES.values()]
    moods = MoodSet(
        names=tuple(TASTES),
        prompts=tuple("" for _ in TASTES),
        centroids=np.stack([w for w, _ in picked]),
        basis=np.stack([basis for _, basis in picked]),
        fingerprint=checkpoint.fingerprint,
    )
    save_moods(folder / "moods.safetensors", moods)
    features, labels = demo_examples(moods.names)
    network, report = fit_moods(features, labels, moods.names, DIMENSION, seed)
    save_network(folder / "mapping.safetensors", network, DEMO_ORIGIN)
    return report


def demo_examples(names: Sequence[str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Network inputs ``(n, inputs)`` of the demo, heard through once, and the mood each section is meant for."""
    chain, memory = ListeningChain(SAMPLE_RATE, HOP_SIZE, NoBeats), InputMemory()
    demo = render_demo(SAMPLE_RATE)
    starts_s = part_starts_s()
    features, labels = [], []
    for start in range(0, len(demo) - HOP_SIZE + 1, HOP_SIZE):
        end_s = (start + HOP_SIZE) / SAMPLE_RATE
        part = bisect.bisect_right(starts_s, end_s) - 1
        for heard in chain.process(AudioBlock(demo[start : start + HOP_SIZE], end_s)):
            memory.listen(heard.normalized, HOP_SIZE / SAMPLE_RATE)
            inputs = memory.inputs
            if end_s - starts_s[part] >= SETTLING_S and inputs is not None:
                features.append(inputs)
                labels.append(names.index(PARTS[part].capitalize()))
    return np.array(features), np.array(labels)


def card(seed: int) -> Card:
    """What a performer should know about this checkpoint."""
    return Card(
        name="default",
        title="Seeded",
        description=(
            "Random weights from a seed, not trained on anything. The moods were picked by picture statistics (reds, "
            "blues, edges, hues), the mapping was fitted to the built-in demo's three sections."
        ),
        origin=f"run.py seed --seed {seed}",
        licence="MIT",
    )
