"""What a stranger's file holds once it is read, and the checks that every kind of file goes through."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError
from instrument.generator.architectures import Architecture
from instrument.generator.snapshots.unpickler import RefusedError

Arrays = dict[str, npt.NDArray[np.float32]]
Shape = tuple[int, ...]

MAX_FILE_BYTES = 2 << 30
"""Larger than any published snapshot with discriminator and optimiser left out."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A generator out of a file: its architecture, and every tensor of it by its StyleGAN name, finite float32."""

    config: Architecture
    arrays: Arrays
    licence: str = ""
    """What the file says of its licence, fit to print; empty if it says nothing."""
    assumed: tuple[str, ...] = ()
    """Hyper-parameters that the file does not tell, as they were taken instead."""


def check_file_size(path: Path) -> None:
    """Raise CheckpointError if the file is too large to be read, OSError if it is not there."""
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise CheckpointError(f"{path.name}: {size >> 20} MB, more than the {MAX_FILE_BYTES >> 20} MB a snapshot has")


def check_bytes(shapes: Mapping[str, Shape]) -> None:
    """Raise RefusedError if tensors of these shapes take more memory than any generator: they may share a storage."""
    size = sum(4 * math.prod(shape) for shape in shapes.values())
    if size > MAX_FILE_BYTES:
        raise RefusedError(f"a network of {size >> 20} MB, more than the {MAX_FILE_BYTES >> 20} MB that can be played")


def check_shape(name: str, shape: Shape, expected: Shape) -> None:
    """Raise RefusedError if they differ."""
    if shape != expected:
        raise RefusedError(f"{name} has shape {shape}, expected {expected}")


def check_finite(name: str, values: npt.NDArray[np.float32]) -> None:
    """Raise RefusedError if any of `values` is infinite or none at all."""
    if not np.isfinite(values).all():
        raise RefusedError(f"{name} holds numbers that are not finite")
