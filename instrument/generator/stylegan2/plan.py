"""From a handful of hyper-parameters to every layer and tensor of a StyleGAN2 network with skip connections.

Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", CVPR 2020, section 3 and appendix B.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from instrument.errors import CheckpointError
from instrument.generator.hyperparameters import Limits, check_limits, check_power_of_two, read_hyperparameters
from instrument.generator.mapping_plan import Shapes, mapping_shapes

FIRST_SIZE = 4
"""Width and height of the learned constant, in pixels."""
FILTER_TAPS = 4
"""Width and height of the up-sampling filters."""


@dataclass(frozen=True, slots=True)
class StyleGAN2Config:
    """Hyper-parameters of one StyleGAN2 or StyleGAN2-ADA network, named as snapshots name them."""

    resolution: int = 256
    z_dim: int = 512
    w_dim: int = 512
    c_dim: int = 0
    img_channels: int = 3
    mapping_layers: int = 8
    channel_base: int = 32768
    channel_max: int = 512
    conv_clamp: float | None = 256.0

    @property
    def num_ws(self) -> int:
        """Rows of `ws`: one a convolution, and one for the last ToRGB."""
        return 2 * self.resolution.bit_length() - 4

    @property
    def network_name(self) -> str:
        """What people call it."""
        return "stylegan2"


class Kind(Enum):
    """What a layer does."""

    CONV = "convolution"
    UP = "convolution to twice the size"
    TORGB = "to colours"


@dataclass(frozen=True, slots=True)
class StyleGAN2Layer:
    """One layer; `size` in pixels is that of its output, `row` is the row of `ws` it listens to."""

    name: str
    kind: Kind
    size: int
    in_channels: int
    out_channels: int
    row: int

    @property
    def block(self) -> str:
        """Name of the block it belongs to."""
        return self.name.split(".")[0]


_LIMITS: Limits = {
    "resolution": (4, 1024),
    "z_dim": (1, 8192),
    "w_dim": (1, 8192),
    "c_dim": (0, 65536),
    "img_channels": (3, 3),
    "mapping_layers": (1, 32),
    "channel_base": (1, 1 << 20),
    "channel_max": (1, 4096),
    "conv_clamp": (1e-6, 1e6),
}


def stylegan2_config_from_dict(values: dict[str, Any]) -> StyleGAN2Config:
    """A checked `StyleGAN2Config` from plain data, such as JSON. Raises CheckpointError on anything odd.

    >>> stylegan2_config_from_dict({"resolution": 64}).num_ws
    10
    """
    config = read_hyperparameters(StyleGAN2Config, values)
    check_stylegan2_config(config)
    return config


def check_stylegan2_config(config: StyleGAN2Config) -> None:
    """Raise CheckpointError unless a network can be built from `config`."""
    check_limits(config, _LIMITS)
    check_power_of_two("resolution", config.resolution)
    if config.channel_base < config.resolution:
        raise CheckpointError(f"channel_base is {config.channel_base}: too small, a layer would have no channels")


def stylegan2_layers(config: StyleGAN2Config) -> tuple[StyleGAN2Layer, ...]:
    """All layers after the constant, in the order they run. Raises CheckpointError if `config` makes no network.

    Every ToRGB shares the `w` of the convolution that follows it.

    >>> [(layer.name, layer.row) for layer in stylegan2_layers(StyleGAN2Config(resolution=8))]
    [('b4.conv1', 0), ('b4.torgb', 1), ('b8.conv0', 1), ('b8.conv1', 2), ('b8.torgb', 3)]
    """
    check_stylegan2_config(config)
    layers: list[StyleGAN2Layer] = []
    size, row, before = FIRST_SIZE, 0, first_channels(config)
    while size <= config.resolution:
        channels = _channels(config, size)
        if size > FIRST_SIZE:
            layers.append(StyleGAN2Layer(f"b{size}.conv0", Kind.UP, size, before, channels, row))
            row += 1
        layers.append(StyleGAN2Layer(f"b{size}.conv1", Kind.CONV, size, channels, channels, row))
        row += 1
        layers.append(StyleGAN2Layer(f"b{size}.torgb", Kind.TORGB, size, channels, config.img_channels, row))
        size, before = 2 * size, channels
    return tuple(layers)


def first_channels(config: StyleGAN2Config) -> int:
    """Channels of the learned constant."""
    return _channels(config, FIRST_SIZE)


def _channels(config: StyleGAN2Config, size: int) -> int:
    return min(config.channel_base // size, config.channel_max)


def stylegan2_tensor_shapes(config: StyleGAN2Config) -> Shapes:
    """Name and shape of every tensor the network needs, by StyleGAN2's own names. Raises CheckpointError."""
    shapes = mapping_shapes(config.z_dim, config.w_dim, config.c_dim, config.mapping_layers)
    shapes["synthesis.b4.const"] = (first_channels(config), FIRST_SIZE, FIRST_SIZE)
    for layer in stylegan2_layers(config):
        shapes |= _layer_shapes(config, layer)
    return shapes


def _layer_shapes(config: StyleGAN2Config, layer: StyleGAN2Layer) -> Shapes:
    prefix = f"synthesis.{layer.name}"
    kernel = 1 if layer.kind is Kind.TORGB else 3
    shapes: Shapes = {
        f"{prefix}.weight": (layer.out_channels, layer.in_channels, kernel, kernel),
        f"{prefix}.bias": (layer.out_channels,),
        f"{prefix}.affine.weight": (layer.in_channels, config.w_dim),
        f"{prefix}.affine.bias": (layer.in_channels,),
    }
    if layer.kind is not Kind.TORGB:
        shapes |= {f"{prefix}.noise_const": (layer.size, layer.size), f"{prefix}.noise_strength": ()}
    if layer.kind is Kind.UP:
        # The block's own filter enlarges the colours of the block before.
        taps = (FILTER_TAPS, FILTER_TAPS)
        shapes |= {f"{prefix}.resample_filter": taps, f"synthesis.{layer.block}.resample_filter": taps}
    return shapes
