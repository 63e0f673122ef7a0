"""What a performer has shown: sounds, as the network is asked with them, and the mood each was held for."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError
from instrument.mapping.inputs import INPUT_NAMES
from instrument.mapping.tensor_file import encode_list, read_tensor_file, write_tensor_file

FORMAT = "latent-instrument/lesson"
VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """`inputs` ``(n, len(INPUT_NAMES))`` and the index of each one's mood, `moods` ``(n,)``; n is 1 or more.

    Raises
    ------
    CheckpointError
        If the shapes do not fit.
    """

    inputs: npt.NDArray[np.float64]
    moods: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.inputs.shape != (len(self.moods), len(INPUT_NAMES)) or len(self.moods) == 0:
            raise CheckpointError(f"a lesson of {self.inputs.shape} inputs and {len(self.moods)} moods teaches nothing")


def save_lesson(path: Path, lesson: Lesson) -> None:
    """Write `lesson` to `path`. Raises CheckpointError."""
    tensors = {"inputs": lesson.inputs.astype(np.float32), "moods": lesson.moods.astype(np.float32)}
    write_tensor_file(path, FORMAT, VERSION, tensors, {"inputs": encode_list(INPUT_NAMES)})


def load_lesson(path: Path) -> Lesson:
    """Read a lesson. Raises CheckpointError if it is damaged or was taken with other inputs."""
    stored = read_tensor_file(path, FORMAT, VERSION)
    if stored.word_list("inputs") != INPUT_NAMES:
        raise CheckpointError(f"{path} was taken by another program: teach again")
    return Lesson(stored.tensor("inputs", 2).astype(np.float64), stored.tensor("moods", 1).astype(np.int64))
