"""Moods mined during play, on disk: one file a checkpoint in the user's own folder; the checkpoint is never touched."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from instrument.errors import CheckpointError
from instrument.mapping.moods import MoodSet
from instrument.mapping.repertoire import MinedMood
from instrument.mapping.tensor_file import encode_list, read_tensor_file, write_tensor_file

FORMAT, VERSION = "latent-instrument/mined-moods", 1


class MinedShelf:
    """The mined moods that go with the `shipped` moods of one checkpoint."""

    def __init__(self, folder: Path, shipped: MoodSet) -> None:
        """`folder` is where all checkpoints' are; it is made when something is saved."""
        self._path = folder / f"{shipped.key}.safetensors"

    def load(self) -> tuple[MinedMood, ...]:
        """In the order they were mined; none if there is no file. Raises CheckpointError if it is damaged."""
        return load_mined(self._path)[0] if self._path.exists() else ()

    def keep(self, moods: Sequence[MinedMood]) -> None:
        """Hold these and no others. Raises CheckpointError; blocks on the disk."""
        if moods:
            save_mined(self._path, moods)
            return
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise CheckpointError(f"{self._path} cannot be removed: {error.strerror}") from error


def load_mined(path: Path) -> tuple[tuple[MinedMood, ...], Mapping[str, str]]:
    """The moods of one file, and the words beside them. Raises CheckpointError if it is missing or damaged."""
    stored = read_tensor_file(path, FORMAT, VERSION)
    try:
        names, prompts = stored.word_list("names"), stored.word_list("prompts")
        centroids, basis = stored.tensor("centroids", 2), stored.tensor("basis", 3)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    if not len(names) == len(prompts) == len(centroids) == len(basis):
        raise CheckpointError(f"{path}: {len(names)} names and {len(prompts)} prompts for {len(centroids)} moods")
    return tuple(MinedMood(*parts) for parts in zip(names, prompts, centroids, basis, strict=True)), stored.words


def save_mined(path: Path, moods: Sequence[MinedMood], beside: Mapping[str, str] | None = None) -> None:
    """Write one or more moods, and words `beside` them. Raises CheckpointError, leaving what was there."""
    words = {
        **(beside or {}),
        "names": encode_list([mood.name for mood in moods]),
        "prompts": encode_list([mood.prompt for mood in moods]),
    }
    tensors = {
        "centroids": np.stack([mood.centroid for mood in moods]),
        "basis": np.stack([mood.basis for mood in moods]),
    }
    write_tensor_file(path, FORMAT, VERSION, tensors, words)
