"""The scorer that ships: knows what the default checkpoints' teachers paint, and reads prompts through MiniLM.

Its weights are made by ``run.py train-scorer``.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load

from instrument.disk.atomic import write_atomic
from instrument.disk.tensors import tensors_to_bytes
from instrument.errors import MiningError
from instrument.mining.scorer import Images, Scores, Seen
from instrument.mining.sentences import SentenceEncoder
from instrument.mining.tower import MEETING, agreement, read, see, tensor_shapes

WEIGHTS = Path(__file__).with_name("builtin.safetensors")
FORMAT = "latent-instrument/scorer"
VERSION = "1"
_AT_ONCE = 32


class BuiltinScorer:
    """`Scorer` for pictures such as the shipped checkpoints make. On one core about a millisecond a picture."""

    def __init__(self, weights: Path | None = None, model: str = "") -> None:
        """`weights` None takes those that ship; there is one `model` only. Raises MiningError."""
        if model:
            raise MiningError(f"the builtin scorer has one model only, not {model!r}")
        self._tensors, fingerprint = load_weights(weights or WEIGHTS)
        self._encoder = SentenceEncoder()
        self._meant: dict[str, torch.Tensor] = {}
        self.identity = f"builtin {fingerprint[:16]}"

    @property
    def width(self) -> int:
        """Numbers in which a picture is seen."""
        return MEETING

    def score(self, images: Images, prompts: Sequence[str]) -> Scores:
        """Log odds that each prompt is true of each image: ``(n, k)``."""
        return self.compare(self.see(images), prompts)

    def see(self, images: Images) -> Seen:
        """``(n, MEETING)``, each of length 1."""
        with torch.inference_mode():
            found: Seen = torch.cat([self._seen(part) for part in _parts(images)]).numpy()
        return found

    def compare(self, seen: Seen, prompts: Sequence[str]) -> Scores:
        """Log odds that each prompt is true of each picture seen: ``(n, k)``."""
        with torch.inference_mode():
            meant = torch.stack([self._meaning(prompt) for prompt in prompts])
            # In double precision: the order of a product's sums depends on its size, and must not show in a score.
            found: Scores = agreement(self._tensors, torch.from_numpy(seen).double(), meant.double()).float().numpy()
        return found

    def _meaning(self, prompt: str) -> torch.Tensor:
        if prompt not in self._meant:
            self._meant[prompt] = read(self._tensors, torch.from_numpy(self._encoder.encode([prompt])))[0]
        return self._meant[prompt]

    def _seen(self, images: Images) -> torch.Tensor:
        # One by one: sums over a batch come in an order that depends on its size.
        pictures = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255.0
        return torch.cat([see(self._tensors, picture[None]) for picture in pictures])


def load_weights(path: Path) -> tuple[Mapping[str, torch.Tensor], str]:
    """The tower's tensors as float32, and the file's sha256. Raises MiningError in one line."""
    try:
        data = path.read_bytes()
        tensors = {name: tensor.float() for name, tensor in load(data).items()}
    except (OSError, SafetensorError) as error:
        raise MiningError(f"{path}: no weights of the builtin scorer ({' '.join(str(error).split())})") from error
    if {name: tuple(tensor.shape) for name, tensor in tensors.items()} != tensor_shapes():
        raise MiningError(f"{path}: weights of another scorer, or another version: run train-scorer")
    return tensors, hashlib.sha256(data).hexdigest()


def save_weights(path: Path, tensors: Mapping[str, torch.Tensor], words: Mapping[str, str]) -> None:
    """Write a tower in float16. Raises MiningError."""
    halves = {name: tensor.to(torch.float16).numpy() for name, tensor in tensors.items()}
    try:
        write_atomic(path, tensors_to_bytes(halves, {"format": FORMAT, "version": VERSION, **words}))
    except OSError as error:
        raise MiningError(f"{path}: cannot be written ({error.strerror})") from error


def _parts(images: Images) -> list[Images]:
    assert images.ndim == 4, images.shape
    assert images.dtype == np.uint8, images.dtype
    return [images[start : start + _AT_ONCE] for start in range(0, len(images), _AT_ONCE)]
