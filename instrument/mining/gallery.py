"""What a scorer saw in a generator's pictures, kept: another prompt then needs a ranking, not thousands of renders.

The latents are not kept, since a seed gives them again.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from instrument.errors import CheckpointError
from instrument.mapping.tensor_file import read_tensor_file, write_tensor_file
from instrument.mining.scorer import Scorer, Seen
from instrument.settings import cache_folder

GALLERY_FILE = "gallery.safetensors"
FORMAT, VERSION = "latent-instrument/gallery", 1
MOST = 4000
"""Of a mining run's draws, so many are kept: half a megabyte where a picture is seen in 64 numbers."""
_OFF_LENGTH = 0.01
"""What is seen has the length 1, but for the rounding to float16."""


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """The first draws of a mining run with this `seed`, as `seen` ``(n, width)`` by a scorer."""

    fingerprint: str
    scorer: str
    seed: int
    seen: Seen


def save_gallery(path: Path, gallery: Gallery) -> None:
    """Write it, in float16. Raises CheckpointError."""
    words = {"fingerprint": gallery.fingerprint, "scorer": gallery.scorer, "seed": str(gallery.seed)}
    write_tensor_file(path, FORMAT, VERSION, {"seen": gallery.seen}, words, halves=True)


def load_gallery(path: Path, fingerprint: str, scorer: Scorer) -> Gallery:
    """The gallery of the generator with this `fingerprint` as `scorer` sees it.

    Raises CheckpointError if it is missing, damaged, or of another generator or scorer.
    """
    stored = read_tensor_file(path, FORMAT, VERSION, halves=True)
    if stored.word("fingerprint") != fingerprint:
        raise CheckpointError(f"{path} is the gallery of another generator")
    if stored.word("scorer") != scorer.identity:
        raise CheckpointError(f"{path} was seen by the scorer {stored.word('scorer')}, not by {scorer.identity}")
    seed, seen = stored.word("seed"), stored.tensor("seen", 2)
    if not re.fullmatch(r"[0-9]{1,18}", seed) or seen.shape[1] != scorer.width or len(seen) > MOST:
        raise CheckpointError(f"{path} is no gallery as this scorer makes one")
    if (np.abs(np.linalg.norm(seen, axis=1) - 1.0) > _OFF_LENGTH).any():
        raise CheckpointError(f"{path} holds what no scorer has seen")
    return Gallery(fingerprint, scorer.identity, int(seed), seen)


def keep_longer(path: Path, gallery: Gallery, scorer: Scorer) -> bool:
    """Write `gallery`, unless a good one that is as long is there; whether it was written. Raises CheckpointError."""
    try:
        if len(load_gallery(path, gallery.fingerprint, scorer).seen) >= len(gallery.seen):
            return False
    except CheckpointError:
        pass
    save_gallery(path, gallery)
    return True


def own_gallery_path(fingerprint: str, scorer: Scorer) -> Path:
    """Where that of a checkpoint which brings none is kept."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", scorer.identity)
    return cache_folder() / "galleries" / f"{fingerprint[:16]}-{slug[-60:]}.safetensors"


def find_gallery(folder: Path, fingerprint: str, scorer: Scorer) -> tuple[Gallery | None, str]:
    """The checkpoint's own gallery, else the one that was made here, else None; and what is wrong with one, if a file
    is there that cannot be trusted."""
    trouble = ""
    for path in (folder / GALLERY_FILE, own_gallery_path(fingerprint, scorer)):
        if not path.exists():
            continue
        try:
            return load_gallery(path, fingerprint, scorer), trouble
        except CheckpointError as error:
            trouble = f"a gallery is left out: {error}"
    return None, trouble
