"""What was taught, on disk: one folder a checkpoint in the user's own folder, one file a lesson, never the shipped."""

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

from instrument.errors import CheckpointError
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import MoodNetwork, load_network, save_network

KEPT = 8
"""Lessons that can be undone, the newest; older ones live on in them."""


class TaughtShelf:
    """The taught mappings of the moods of one checkpoint."""

    def __init__(self, folder: Path, moods: MoodSet) -> None:
        """`folder` is where all checkpoints' are; it is made when something is saved."""
        self._folder = folder / moods.key
        self._moods = moods

    def load(self) -> tuple[tuple[MoodNetwork, ...], str]:
        """All that can still be played, oldest first, and a line about the newest that cannot; empty if all can."""
        networks, trouble = [], ""
        for path in self._paths():
            try:
                networks.append(load_network(path, self._moods))
            except CheckpointError as error:
                trouble = f"taught mapping not used: {error}"
        return tuple(networks), trouble

    def keep(self, networks: Sequence[MoodNetwork]) -> None:
        """Bring the folder to hold the newest of these, in this order. Raises CheckpointError; blocks on the disk."""
        newest = networks[-KEPT:]
        for number, network in enumerate(newest, 1):
            save_network(self._folder / f"{number:04d}.safetensors", network)
        for path in self._paths()[len(newest) :]:
            with contextlib.suppress(OSError):
                path.unlink()

    def _paths(self) -> list[Path]:
        found = self._folder.glob("*.safetensors")
        return sorted(path for path in found if re.fullmatch(r"[0-9]{4}", path.stem))
