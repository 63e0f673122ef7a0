"""The scorer for any picture: CLIP, by the library open_clip, from weights that are on this machine already.

Nothing is ever downloaded here. Weights are read as data: safetensors, or torch files without code in them.
Source: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021.
"""

import importlib
import importlib.util
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from instrument.errors import MiningError
from instrument.mapping.moods import fingerprint_of
from instrument.mining.scorer import Images, Scores, Seen
from instrument.settings import cache_folder

MODEL = "ViT-B-32-quickgelu"
"""OpenAI's ViT-B/32 by open_clip's name for it."""
HUB_NAME, WEIGHTS_NAME = "timm/vit_base_patch32_clip_224.openai", "open_clip_model.safetensors"
CONFIG_NAME = "open_clip_config.json"
"""Beside it the weights of any other model; open_clip writes such folders."""
_UNUSED_OPERATORS = ("nms", "qnms")


class OpenClipScorer:
    """`Scorer` by a CLIP model on the CPU."""

    def __init__(self, weights: Path | None = None, model: str = "") -> None:
        """`weights`: a weights file for `model` (default `MODEL`), or a folder that open_clip wrote.

        None looks where `default_weights` says. Raises MiningError in one line.
        """
        if importlib.util.find_spec("open_clip") is None:
            raise MiningError("the scorer openclip needs the Python package open_clip_torch: pip install '.[mining]'")
        # Looked for first: importing the library takes seconds.
        place = found_weights(weights)
        library = import_open_clip()
        is_folder = place.parent.joinpath(CONFIG_NAME).is_file() and not model
        name = f"local-dir:{place.parent}" if is_folder else model or MODEL
        if not is_folder and name not in library.list_models():
            raise MiningError(f"open_clip knows no model {name!r}; such are ViT-B-32, ViT-B-32-quickgelu, ViT-L-14")
        try:
            made = library.create_model_and_transforms(name, pretrained=None if is_folder else str(place))
            self._model, _, self._prepare = made
            self._tokens = library.get_tokenizer(name)
        except (
            RuntimeError,
            ValueError,
            OSError,
            KeyError,
            TypeError,
            AssertionError,
            pickle.UnpicklingError,
            SafetensorError,
        ) as error:
            raise MiningError(f"{place}: no weights of {name} ({' '.join(str(error).split())[:160]})") from error
        self._model.eval()
        self._meant: dict[str, torch.Tensor] = {}
        self.identity = f"openclip {name.split(':')[0]} {fingerprint_of(place)[:16]}"

    def score(self, images: Images, prompts: Sequence[str]) -> Scores:
        """``(n, k)``: CLIP's logits, cosines times the model's own scale (about 100), plus its bias if it has one."""
        return self.compare(self.see(images), prompts)

    @property
    def width(self) -> int:
        """Numbers in which a picture is seen."""
        return int(self._model.text_projection.shape[-1])

    def see(self, images: Images) -> Seen:
        """``(n, width)``, each of length 1."""
        from PIL import Image

        with torch.inference_mode():
            # One by one: sums over a batch come in an order that depends on its size.
            batches = (self._prepare(Image.fromarray(image))[None] for image in images)
            found: Seen = torch.cat([self._model.encode_image(batch, normalize=True) for batch in batches]).numpy()
        return found

    def compare(self, seen: Seen, prompts: Sequence[str]) -> Scores:
        """``(n, k)`` for pictures that were seen so."""
        with torch.inference_mode():
            meant = torch.cat([self._meaning(prompt) for prompt in prompts])
            # In double precision: sums come in an order that depends on how many are asked.
            scores = torch.from_numpy(seen).double() @ meant.double().T * self._model.logit_scale.exp()
            if self._model.logit_bias is not None:
                scores = scores + self._model.logit_bias
            found: Scores = scores.float().numpy()
        return found

    def _meaning(self, prompt: str) -> torch.Tensor:
        if prompt not in self._meant:
            self._meant[prompt] = self._model.encode_text(self._tokens([prompt]), normalize=True)
        return self._meant[prompt]


def default_weights() -> Path:
    """Where the weights of `MODEL` may be put by hand."""
    return cache_folder() / "openclip" / WEIGHTS_NAME


def found_weights(asked: Path | None) -> Path:
    """The weights file: the one `asked` for (or in that folder), or else one put by hand, or open_clip's own cache.

    Raises MiningError naming the file and where to put it.
    """
    if asked is not None:
        path = asked / WEIGHTS_NAME if asked.is_dir() else asked
        if not path.is_file():
            raise MiningError(f"{path}: no such weights file; --weights takes one, or a folder that open_clip wrote")
        return path
    by_hand = default_weights()
    cached = _cached()
    if by_hand.is_file() or cached is None:
        if not by_hand.is_file():
            raise MiningError(
                f"CLIP's weights are not on this machine: get {WEIGHTS_NAME} of {HUB_NAME} from Hugging Face and "
                f"put it at {by_hand}, or name another file with --weights"
            )
        return by_hand
    return cached


def _cached() -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(HUB_NAME, WEIGHTS_NAME)
    return Path(found) if isinstance(found, str) else None


def import_open_clip() -> Any:
    """The library. It imports torchvision, which will not be imported beside a torch for processors only when it was
    built for CUDA: its own operators are missing then. CLIP uses none of them; it is enough that they have a name."""
    try:
        importlib.import_module("torchvision")
    except RuntimeError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        for operator in _UNUSED_OPERATORS:
            torch.library.define(f"torchvision::{operator}", "(Tensor a, Tensor b, float c) -> Tensor")
    return importlib.import_module("open_clip")
