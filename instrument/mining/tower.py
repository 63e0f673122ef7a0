"""The builtin scorer's network: a small tower that looks at pictures, and a matrix that meets it from the words."""

import math
from collections.abc import Mapping

import torch
from torch.nn import functional

from instrument.mining.sentences import WIDTH

SIDE = 64
"""Pictures are averaged down to this many pixels a side."""
CHANNELS = (3, 24, 48, 80, 96)
KERNELS = (5, 3, 3, 3)
STRIDES = (2, 2, 2, 1)
MEETING = 64
"""Numbers in which pictures and words are compared."""
_WIDE = 128

Tensors = Mapping[str, torch.Tensor]


def tensor_shapes() -> dict[str, tuple[int, ...]]:
    """Every tensor of the tower by name."""
    shapes: dict[str, tuple[int, ...]] = {}
    for index, kernel in enumerate(KERNELS):
        shapes[f"conv{index}.weight"] = (CHANNELS[index + 1], CHANNELS[index], kernel, kernel)
        shapes[f"conv{index}.bias"] = (CHANNELS[index + 1],)
    return shapes | {
        "wide.weight": (_WIDE, 2 * CHANNELS[-1]),
        "wide.bias": (_WIDE,),
        "pictures.weight": (MEETING, _WIDE),
        "words.weight": (MEETING, WIDTH),
        "words.bias": (MEETING,),
        "scale": (),
        "offset": (),
    }


def draw_tensors(rng: torch.Generator) -> dict[str, torch.Tensor]:
    """Random weights to start from: He et al., "Delving Deep into Rectifiers", 2015."""
    tensors = {}
    for name, shape in tensor_shapes().items():
        fan_in = math.prod(shape[1:])
        size = math.sqrt(2.0 / fan_in) if name.endswith("weight") else 0.0
        tensors[name] = size * torch.randn(shape, generator=rng)
    # Of sigmoids that begin with most pairs untrue: Zhai et al., "Sigmoid Loss for Language Image Pre-Training", 2023.
    tensors["scale"], tensors["offset"] = torch.tensor(math.log(10.0)), torch.tensor(-2.0)
    return tensors


def see(tensors: Tensors, pictures: torch.Tensor) -> torch.Tensor:
    """Pictures ``(m, 3, h, w)``, 0 to 1, to the meeting place ``(m, MEETING)``, each of length 1."""
    x = 2.0 * functional.adaptive_avg_pool2d(pictures, SIDE) - 1.0
    for index, (kernel, stride) in enumerate(zip(KERNELS, STRIDES, strict=True)):
        x = functional.conv2d(
            x, tensors[f"conv{index}.weight"], tensors[f"conv{index}.bias"], stride=stride, padding=kernel // 2
        )
        x = functional.relu(x)
    spread, mean = torch.var_mean(x, dim=(2, 3), correction=0)
    pooled = torch.cat([mean, (spread + 1e-6).sqrt()], dim=1)
    wide = functional.relu(functional.linear(pooled, tensors["wide.weight"], tensors["wide.bias"]))
    return functional.normalize(functional.linear(wide, tensors["pictures.weight"]), dim=1)


def read(tensors: Tensors, sentences: torch.Tensor) -> torch.Tensor:
    """Sentence embeddings ``(k, WIDTH)`` to the meeting place ``(k, MEETING)``, each of length 1."""
    return functional.normalize(functional.linear(sentences, tensors["words.weight"], tensors["words.bias"]), dim=1)


def agreement(tensors: Tensors, seen: torch.Tensor, meant: torch.Tensor) -> torch.Tensor:
    """``(m, k)``, in the precision of `seen`: log odds that the words are true of the picture."""
    return seen @ meant.T * tensors["scale"].exp() + tensors["offset"]
