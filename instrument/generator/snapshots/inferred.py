"""The architecture of a network of which only tensors are left: what their names and shapes tell, and what they do not.

What no tensor tells takes the published default and is said to; where the stored filters contradict a default, the
network is refused.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from instrument.generator.architectures import Architecture
from instrument.generator.snapshots.contents import Arrays, Shape
from instrument.generator.snapshots.unpickler import RefusedError
from instrument.generator.stylegan2.plan import FIRST_SIZE, StyleGAN2Config
from instrument.generator.stylegan3.plan import NetworkConfig, layer_plan

Shapes = Mapping[str, Shape]

_STYLEGAN3_LAYER = re.compile(r"synthesis\.L([0-9]{1,2})_([0-9]{1,4})_([0-9]{1,4})\.weight")
_STYLEGAN2_BLOCK = re.compile(r"synthesis\.b([0-9]{1,4})\.conv1\.weight")
_MAPPING_LAYER = re.compile(r"mapping\.fc[0-9]{1,2}\.weight")
_WIDEST = 1 << 20
"""A channel base so large that every layer has the most channels."""
_FILTER_ERROR = 1e-5
"""Filters designed from the same numbers differ by rounding."""


def infer_architecture(shapes: Shapes) -> Architecture:
    """The network whose tensors have these names and shapes. Raises RefusedError or CheckpointError if it is none.

    Whether *all* its tensors are there and have their shapes is left to whoever reads them.
    """
    if "synthesis.input.freqs" in shapes:
        return _stylegan3(shapes)
    if "synthesis.b4.const" in shapes:
        return _stylegan2(shapes)
    some = ", ".join(name[:40] for name in sorted(shapes)[:3]) or "none at all"
    raise RefusedError(f"tensors that are not named as StyleGAN2 or StyleGAN3 name theirs: {some}")


def assumptions(config: Architecture) -> tuple[str, ...]:
    """Hyper-parameters that no tensor tells, as `infer_architecture` took them."""
    names = ["conv_clamp"] if isinstance(config, StyleGAN2Config) else ["conv_clamp", "output_scale"]
    return (*(f"{name} {getattr(config, name):g}" for name in names), "mapping lr_multiplier 0.01")


def is_unneeded(name: str) -> bool:
    """Whether a tensor is one that training code stores and no picture depends on."""
    return name.endswith(".resample_filter")


def check_filters(config: Architecture, arrays: Arrays) -> None:
    """Raise RefusedError unless StyleGAN3's stored filters are those that its hyper-parameters design."""
    if isinstance(config, StyleGAN2Config):
        return
    # Late: scipy takes longer to import than a pickle, which needs none of this, takes to read.
    from instrument.generator.stylegan3.filters import low_pass, radial_low_pass

    for layer in layer_plan(config):
        if layer.is_torgb:
            continue
        up = low_pass(layer.up_taps, layer.in_cutoff, layer.in_half_width, layer.filter_rate)
        design = radial_low_pass if layer.radial else low_pass
        down = design(layer.down_taps, layer.out_cutoff, layer.out_half_width, layer.filter_rate)
        for name, expected in (("up_filter", up), ("down_filter", down)):
            if np.abs(arrays[f"synthesis.{layer.name}.{name}"] - expected).max() > _FILTER_ERROR:
                raise RefusedError(
                    f"the {name} of {layer.name} has other cutoffs than published networks; only its .pkl says which"
                )


def _stylegan3(shapes: Shapes) -> NetworkConfig:
    """Sizes and channels stand in the layers' names; where the channels change tells the base."""
    stages = _stages(shapes)
    (size, channels), torgb = stages[0], stages.pop()
    first = f"synthesis.L0_{size}_{channels}"
    filters = [
        _shape(shapes, f"synthesis.L{index}_{stage[0]}_{stage[1]}.down_filter") for index, stage in enumerate(stages)
    ]
    is_radial = len(filters[0]) == 2
    plain = replace(
        NetworkConfig(),
        **_mapping(shapes),
        resolution=torgb[0],
        img_channels=torgb[1],
        num_layers=len(stages),
        num_critical=sum(len(taps) == 1 for taps in filters) if is_radial else NetworkConfig().num_critical,
        conv_kernel=_shape(shapes, f"{first}.weight", 4)[2],
        filter_size=_shape(shapes, f"{first}.up_filter", 1)[0] // NetworkConfig().lrelu_upsampling,
        use_radial_filters=is_radial,
        channel_base=_WIDEST,
    )
    counts = [count for _, count in stages]
    edges = [(2.0 * layer.out_cutoff, count) for layer, count in zip(layer_plan(plain), counts, strict=False)]
    ranges = [(edge * (count - 0.5), edge * (count + 0.5)) for edge, count in edges]
    return replace(plain, channel_base=_channel_base(ranges, counts), channel_max=max(counts))


def _stages(shapes: Shapes) -> list[tuple[int, int]]:
    """Size and channels of every layer's output, from L0 to ToRGB."""
    matches = [match for match in map(_STYLEGAN3_LAYER.fullmatch, shapes) if match]
    stages = {int(match[1]): (int(match[2]), int(match[3])) for match in matches}
    if sorted(stages) != list(range(len(matches))) or len(stages) < 2:
        raise RefusedError("layers that do not follow each other from L0 on")
    return [stages[index] for index in range(len(stages))]


def _stylegan2(shapes: Shapes) -> StyleGAN2Config:
    """Blocks stand for sizes, and how many channels they have tells the base."""
    sizes = sorted(int(match[1]) for match in map(_STYLEGAN2_BLOCK.fullmatch, shapes) if match)
    if not sizes or sizes != [FIRST_SIZE << index for index in range(len(sizes))]:
        raise RefusedError("blocks that do not double from b4 on")
    counts = [_shape(shapes, f"synthesis.b{size}.conv1.weight", 4)[0] for size in sizes]
    ranges = [(count * size, (count + 1) * size - 1) for count, size in zip(counts, sizes, strict=True)]
    return replace(
        StyleGAN2Config(),
        **_mapping(shapes),
        resolution=sizes[-1],
        img_channels=_shape(shapes, "synthesis.b4.torgb.weight", 4)[0],
        channel_base=_channel_base(ranges, counts),
        channel_max=max(counts),
    )


def _mapping(shapes: Shapes) -> dict[str, int]:
    """Hyper-parameters of the mapping network, which all StyleGANs share."""
    (w_dim,) = _shape(shapes, "mapping.w_avg", 1)
    c_dim = _shape(shapes, "mapping.embed.weight", 2)[1] if "mapping.embed.weight" in shapes else 0
    width = _shape(shapes, "mapping.fc0.weight", 2)[1]
    return {
        "w_dim": w_dim,
        "c_dim": c_dim,
        "z_dim": width - (w_dim if c_dim else 0),
        "mapping_layers": sum(_MAPPING_LAYER.fullmatch(name) is not None for name in shapes),
    }


def _channel_base(ranges: Sequence[tuple[float, float]], counts: Sequence[int]) -> int:
    """The roundest base that gives every layer its channels; one with the most of them only bounds it from below.

    Any base in the same range makes the same network. One that makes it might not exist; the checks then tell.

    >>> _channel_base([(3000.0, 3100.0), (2900.0, 3080.0)], [12, 6])
    3072
    >>> _channel_base([(3000.0, 3100.0), (2900.0, 3080.0)], [12, 12])
    32768
    """
    low = max(math.ceil(low) for low, _ in ranges)
    highs = [math.floor(high) for (_, high), count in zip(ranges, counts, strict=True) if count < max(counts)]
    high = min(highs) if highs else _WIDEST
    published = NetworkConfig().channel_base
    if not highs and low <= published:
        return published
    steps = (1 << exponent for exponent in range(_WIDEST.bit_length() - 1, -1, -1))
    multiples = (-(-low // step) * step for step in steps)
    return next((multiple for multiple in multiples if multiple <= high), low)


def _shape(shapes: Shapes, name: str, dimensions: int | None = None) -> Shape:
    shape = shapes.get(name)
    if shape is None:
        raise RefusedError(f"no tensor {name}")
    if dimensions is not None and len(shape) != dimensions:
        raise RefusedError(f"{name} has shape {shape}, expected {dimensions} dimensions")
    return shape
