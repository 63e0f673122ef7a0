"""``bench golden``: how far every number of golden models is from the reference's, in float32.

A golden model is a network with what a reference makes of it: ``NAME.npz`` beside ``NAME.pkl``, or ``expected.npz`` in
the folder of a checkpoint. Errors are the largest absolute ones of an array; what the file only gives is not compared.
"""

import argparse
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from instrument.errors import CheckpointError
from instrument.generator.checkpoint import GENERATOR_FILE, Card, Checkpoint, load_checkpoint
from instrument.generator.mapping_network import MappingNetwork, truncate
from instrument.generator.protocol import IDENTITY
from instrument.generator.snapshots.importing import read_model
from instrument.generator.stylegan2.network import Noise, StyleGAN2Synthesis
from instrument.generator.stylegan2.plan import StyleGAN2Config
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.torch_engine import TorchGenerator
from instrument.settings import PROJECT_FOLDER
from instrument.tools.render import FASTER_S

FOLDER = PROJECT_FOLDER.parent / "shared" / "golden"
LINE = "{:11} {:21} {:>13} {:>9} {:>9} {:>9}\n"
TRUNCATIONS: dict[str, tuple[float, int | None]] = {
    "ws": (0.7, None),
    "ws_psi07": (0.7, None),
    "ws_psi05_cut8": (0.5, 8),
}
"""Strength and number of rows, by the name of the array."""
PICTURES: dict[str, tuple[str, Noise]] = {
    "image_identity": ("transform_identity", "const"),
    "image_moved": ("user_transform", "const"),
    "image_noise_none": ("transform_identity", "none"),
}
"""Transform, and noise where the network has some, by the name of the array."""
GIVEN = ("z", "c", "user_transform", "transform_identity")
"""What the arrays are made from."""
STATISTICS = {"layer_stats_identity": "transform_identity", "layer_stats_moved": "user_transform"}

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Golden:
    """One network and what its reference makes of it."""

    checkpoint: Checkpoint
    expected: Arrays

    @property
    def ws(self) -> npt.NDArray[np.float32]:
        """Latents of the pictures, ``(n, num_ws, w_dim)``."""
        ws = self.expected["ws_psi07" if "ws_psi07" in self.expected else "ws"]
        return ws.reshape(-1, *ws.shape[-2:])

    def transform(self, name: str) -> npt.NDArray[np.float64]:
        """What is done to the picture, ``(3, 3)``; nothing where the file does not say."""
        return self.expected.get(name, IDENTITY).astype(np.float64)


def main(arguments: Sequence[str]) -> int:
    """Print a line for every array. Raises CheckpointError in one line if there is no golden data, or it is damaged."""
    options = argparse.ArgumentParser("instrument bench golden", description=__doc__.splitlines()[0])
    options.add_argument("--folder", type=Path, default=FOLDER, help="of golden models (default: ../shared/golden)")
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args(list(arguments))
    paths = golden_paths(given.folder)
    sys.stdout.write(LINE.format("model", "array", "shape", "largest", "plain", "fused"))
    for golden in map(read_golden, paths):
        for cells in rows(golden, given.threads):
            sys.stdout.write(LINE.format(golden.checkpoint.card.name, *cells))
            sys.stdout.flush()
    return 0


def golden_paths(folder: Path) -> list[Path]:
    """The arrays of every golden model in `folder`. Raises CheckpointError if there is none."""
    pickled = [path for path in folder.glob("*.npz") if path.with_suffix(".pkl").is_file()]
    saved = [path for path in folder.glob("*/expected.npz") if path.with_name(GENERATOR_FILE).is_file()]
    if not pickled and not saved:
        raise CheckpointError(f"{folder}: no golden models; name their folder with --folder")
    return sorted(pickled) + sorted(saved)


def read_golden(path: Path) -> Golden:
    """The model whose arrays lie at `path`. Raises CheckpointError in one line if either file is damaged."""
    expected = _read_arrays(path)
    if path.with_suffix(".pkl").is_file():
        snapshot = read_model(path.with_suffix(".pkl"))
        tensors = {name: torch.from_numpy(values) for name, values in snapshot.arrays.items()}
        checkpoint = Checkpoint(snapshot.config, tensors, Card(path.stem), "")
    else:
        checkpoint = load_checkpoint(path.parent)
    config = checkpoint.config
    for name, size in (("z", config.z_dim), ("c", config.c_dim), ("w", config.w_dim)):
        if name not in expected or expected[name].shape[1:] != (size,):
            raise CheckpointError(f"{path.name}: no {name} of {size} columns, which its network has")
    if not {"ws", "ws_psi07"} & expected.keys():
        raise CheckpointError(f"{path.name}: no ws to make pictures from")
    return Golden(checkpoint, expected)


def rows(golden: Golden, threads: int) -> Iterator[tuple[str, ...]]:
    """Every array of the file: its name, shape, largest value, and its error in plain torch and in the fused kernel."""
    plain = mapped(golden) | moved(golden) | layer_statistics(golden) | pictures(golden, threads, fused=False)
    fused = {} if isinstance(golden.checkpoint.config, StyleGAN2Config) else pictures(golden, threads, fused=True)
    for name, expected in golden.expected.items():
        shape = "x".join(map(str, expected.shape))
        if name in GIVEN:
            yield name, shape, "", "given", ""
        elif expected.dtype.kind not in "fiu":
            yield name, shape, "", "same" if np.array_equal(plain.get(name, ()), expected) else "OTHER", ""
        else:
            yield (
                name,
                shape,
                f"{np.abs(expected).max():.3g}",
                *(_error(path, name, expected) for path in (plain, fused)),
            )


def mapped(golden: Golden) -> Arrays:
    """`w` of every `z`, and truncated in every way."""
    config, tensors = golden.checkpoint.config, golden.checkpoint.tensors
    with torch.inference_mode():
        w = MappingNetwork(config, tensors)(*(torch.from_numpy(golden.expected[name]) for name in ("z", "c")))
        found = {
            name: torch.stack([truncate(row, tensors["mapping.w_avg"], config.num_ws, psi, cutoff) for row in w])
            for name, (psi, cutoff) in TRUNCATIONS.items()
        }
    return {"w": w.numpy()} | {name: ws.numpy() for name, ws in found.items()}


def moved(golden: Golden) -> Arrays:
    """What the network is given for the transform that the user asks for."""
    return {"transform_moved": np.linalg.inv(golden.transform("user_transform"))}


def pictures(golden: Golden, threads: int, fused: bool) -> Arrays:
    """Every picture, as the engine draws it: ``(n, resolution, resolution, 3)``."""
    found: Arrays = {}
    for name, (transform, noise) in PICTURES.items():
        if name in golden.expected:
            generator = TorchGenerator(golden.checkpoint, threads, fused=fused, noise=noise)
            if fused and not generator.wait_until_fast(FASTER_S):
                return {}
            while generator.is_warming:
                generator.render_raw(golden.ws[0], IDENTITY)
            count = len(_as_pictures(golden.expected[name]))
            found[name] = np.stack([generator.render_raw(ws, golden.transform(transform)) for ws in golden.ws[:count]])
    return found


def layer_statistics(golden: Golden) -> Arrays:
    """Mean, standard deviation, minimum and maximum of every layer's output for the first latent, and its name."""
    config, tensors = golden.checkpoint.config, golden.checkpoint.tensors
    ws = torch.from_numpy(golden.ws[0])
    found: Arrays = {}
    with torch.inference_mode():
        for name, transform in STATISTICS.items():
            if isinstance(config, StyleGAN2Config):
                traced = StyleGAN2Synthesis(config, tensors).trace(ws)
            else:
                traced = SynthesisNetwork(config, tensors).trace(ws, golden.transform(transform))
            layers, outputs = zip(*traced, strict=True)
            found["layer_names"] = np.array(layers)
            found[name] = np.array([[float(value) for value in (x.mean(), x.std(), x.min(), x.max())] for x in outputs])
    return found


def _error(path: Arrays, name: str, expected: npt.NDArray[Any]) -> str:
    """The largest absolute difference; a dash where this way of calculating has no part in the array."""
    if name not in path:
        return "-"
    found = path[name]
    if name in PICTURES:
        expected = _as_pictures(expected)
    return f"{np.abs(found.reshape(expected.shape) - expected.astype(np.float64)).max():.1e}"


def _as_pictures(images: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """``(n, 3, h, w)``, or one of ``(h, w, 3)``, as ``(n, h, w, 3)``."""
    return images.transpose(0, 2, 3, 1) if images.ndim == 4 else images[None]


def _read_arrays(path: Path) -> Arrays:
    try:
        # Opened here: numpy leaves open what it cannot read.
        with path.open("rb") as stream, np.load(stream) as file:
            return dict(file)
    except (OSError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path.name}: not the arrays of a golden model ({error})") from error
