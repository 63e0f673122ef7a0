"""Pieces as the network is fitted to them, kept on disk once they have been made and heard."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from instrument.disk.atomic import write_atomic
from instrument.errors import InstrumentError
from instrument.tools.beats.crops import Example
from instrument.tools.beats.hearing import hear
from instrument.tools.beats.sets import Job, pieces_of

HOP_SIZE = 512


def examples_of(jobs: Sequence[Job], folder: Path | None) -> Iterator[Example]:
    """What is heard of each piece, in order; what `folder` has of an earlier run is not made again.

    Raises
    ------
    InstrumentError
        If something in the folder is not what was put there.
    """
    for job in jobs:
        path = folder / file_name(job) if folder else None
        if path is not None and path.is_file():
            yield _load(path)
            continue
        for piece in pieces_of([job]):
            heard, pitches = (rows.astype(np.float16) for rows in hear(piece.samples, piece.sample_rate, HOP_SIZE))
            example = Example(heard, pitches, HOP_SIZE / piece.sample_rate, piece.beats_s, piece.bar)
            if path is not None:
                write_atomic(path, save(_arrays(example)))
            yield example


def file_name(job: Job) -> str:
    """Of the piece: what makes it, and with what; soundfonts and styles by name."""
    words = (argument.stem if isinstance(argument, Path) else str(argument) for argument in job.args)
    return "-".join([job.func.__name__, *words]).replace(" ", "_") + ".safetensors"


def _arrays(example: Example) -> dict[str, np.ndarray]:
    told = np.array([example.hop_s, example.bar], np.float64)
    heard, pitches = np.asarray(example.heard), np.asarray(example.pitches)
    return {"heard": heard, "pitches": pitches, "beats_s": example.beats_s, "told": told}


def _load(path: Path) -> Example:
    try:
        arrays = load(path.read_bytes())
        hop_s, bar = arrays["told"].tolist()
        return Example(arrays["heard"], arrays["pitches"], hop_s, arrays["beats_s"], int(bar))
    except (SafetensorError, KeyError, ValueError) as error:
        raise InstrumentError(f"{path} holds no piece; delete it") from error
