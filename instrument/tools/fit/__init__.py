"""``fit``: teach a checkpoint's moods to listen.

Music, some of it bent, and synthesised sound are heard by the live chain; a stated rule says offline what the
character of each moment is; the network learns to say the same from the descriptors alone. What it is worth is told by
networks fitted alike to three quarters of the tracks, each judged by the quarter it did not learn from.
"""

import argparse
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from instrument.errors import AudioError, CheckpointError
from instrument.generator.checkpoint import load_checkpoint
from instrument.mapping.fitting import THOROUGH, fit_moods
from instrument.mapping.moods import MoodSet, load_moods
from instrument.mapping.network import MoodNetwork, learned_recordings, save_network
from instrument.settings import DEFAULTS
from instrument.tools.fit.examples import PARTS, Roles, examples, part_of, roles_of
from instrument.tools.fit.judging import Excerpt, bass_test, confusion, excerpts, table_text
from instrument.tools.fit.material import TRACK_DIGITS, Heard, content_of, find_music, hear, hear_file
from instrument.tools.fit.synthetic import SAMPLE_RATE, clips

LOG = logging.getLogger(__name__)
MAPPING_FILE = "mapping.safetensors"
EFFORT = THOROUGH
VERSIONS = 8
"""Of each track: as it is and seven times bent."""
BAR = 40

Tracks = Mapping[str, Sequence[Heard]]
"""All versions of each track, as it is first."""


def main(arguments: Sequence[str]) -> int:
    """Fit, write the mapping, report. Raises InstrumentError in one line."""
    parser = options("instrument fit", __doc__)
    parser.add_argument("--quick", action="store_true", help="fit only: do not judge")
    given = parser.parse_args(list(arguments))
    folder = DEFAULTS.checkpoints_folder / given.checkpoint
    moods = moods_of(folder)
    roles = roles_of(moods.names, given.sounds)
    tracks = hear_all(find_music(given.audio)) if given.audio else {}
    made = [hear(samples, SAMPLE_RATE, name, character) for name, character, samples in clips(given.seed)]
    if tracks and not given.quick:
        report(tracks, made, moods, roles, given.seed)
    network, right, count = fitted([*made, *_versions(tracks)], moods, roles, given.seed)
    out = given.mapping or folder / MAPPING_FILE
    origin = f"{count} moments of {len(tracks)} tracks and of synthesised sound"
    save_network(out, network, origin, tuple(tracks))
    sys.stdout.write(f"{out}: fitted to {origin}, right on {right:.1%} of them\n")
    return 0


def options(name: str, description: str | None) -> argparse.ArgumentParser:
    """What fitting and judging are told alike."""
    parser = argparse.ArgumentParser(name, description=description)
    parser.add_argument("--audio", type=Path, nargs="+", default=[], help="sound files, or folders of them")
    parser.add_argument("--checkpoint", default=DEFAULTS.checkpoint, help="folder name in checkpoints/")
    parser.add_argument(
        "--sounds",
        nargs="+",
        default=[],
        metavar="MOOD=CHARACTER",
        help="which character a mood is played by: heavy, calm or bright",
    )
    parser.add_argument("--out", "--mapping", dest="mapping", type=Path, help="another file than the checkpoint's own")
    parser.add_argument("--seed", type=int, default=0, help="of the network and the synthesised sound")
    return parser


def moods_of(folder: Path) -> MoodSet:
    """The moods of a checkpoint folder. Raises CheckpointError."""
    checkpoint = load_checkpoint(folder)
    return load_moods(folder / "moods.safetensors", checkpoint.fingerprint, checkpoint.config.w_dim)


def hear_all(paths: Sequence[Path]) -> dict[str, list[Heard]]:
    """Hear every track in all versions. One that cannot be read, or is too short, is named and left out."""
    tracks: dict[str, list[Heard]] = {}
    for path in with_bar(paths):
        try:
            versions = list(hear_file(path, VERSIONS))
        except AudioError as error:
            LOG.warning("left out: %s", error)
            continue
        if versions:
            tracks[versions[0].track] = versions
        else:
            LOG.warning("left out: %s is too short", path)
    return tracks


def fitted(heard: Sequence[Heard], moods: MoodSet, roles: Roles, seed: int) -> tuple[MoodNetwork, float, int]:
    """The network, the share of its own examples that it gets right, and how many they are."""
    inputs, labels, importance = examples(heard, roles)
    network, told = fit_moods(
        inputs, labels, moods.names, moods.dimension, seed, importance=importance, effort=EFFORT, hold_out=False
    )
    return network, told.train_accuracy, len(inputs)


def report(tracks: Tracks, made: Sequence[Heard], moods: MoodSet, roles: Roles, seed: int) -> None:
    """Write how well networks fitted alike hear the tracks they did not learn from."""
    table = np.zeros((len(moods.names), len(moods.names)), np.int64)
    rows: list[Excerpt] = []
    for part in range(PARTS):
        others = {track: versions for track, versions in tracks.items() if part_of(track) != part}
        own = [versions[0] for track, versions in tracks.items() if part_of(track) == part]
        network, _, _ = fitted([*made, *_versions(others)], moods, roles, seed)
        table += confusion(network, own, roles)
        rows += [row for one in own for row in excerpts(network, one, roles)]
    sys.stdout.write(f"{len(tracks)} tracks, each judged by a network that did not learn from it:\n")
    sys.stdout.write(f"{table_text(table, roles.moods)}\n{bass_test(rows).text()}\n\n")


def unlearned(places: Sequence[Path], mapping: Path) -> list[Path]:
    """Sound files that a mapping was not fitted to. Raises InstrumentError if there are none."""
    learned = learned_recordings(mapping)
    paths = find_music(places)
    left = [path for path in paths if content_of(path)[:TRACK_DIGITS] not in learned]
    if not left:
        raise CheckpointError(f"{mapping} was fitted to all {len(paths)} tracks: judge it by other music")
    return left


def with_bar(paths: Sequence[Path]) -> Iterator[Path]:
    """The paths one by one, and on a terminal a bar of how many are done."""
    for index, path in enumerate(paths):
        if sys.stderr.isatty():
            done = "#" * (BAR * index // len(paths))
            sys.stderr.write(f"\r[{done:<{BAR}}] {path.name[:50]:<50}")
            sys.stderr.flush()
        yield path
    if sys.stderr.isatty():
        sys.stderr.write("\n")


def _versions(tracks: Tracks) -> Iterator[Heard]:
    return (one for versions in tracks.values() for one in versions)
