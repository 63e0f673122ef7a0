"""From a handful of hyper-parameters to every size, rate, cutoff and padding of a StyleGAN3 network.

Source: Karras et al., "Alias-Free Generative Adversarial Networks", NeurIPS 2021, section 3.2 and appendix C.
"""

import math
from dataclasses import dataclass
from typing import Any

from instrument.errors import CheckpointError
from instrument.generator.hyperparameters import check_limits, check_power_of_two, read_hyperparameters
from instrument.generator.mapping_plan import mapping_shapes

SLOPE = 0.2
"""Of the leaky ReLU, whose gain is sqrt(2)."""


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Hyper-parameters of one StyleGAN3 network, named as in the paper's code so that snapshots map one to one.

    The defaults are config T. Config R has ``conv_kernel=1``, ``use_radial_filters=True`` and twice the channels.
    Cutoffs and stop bands are in cycles per picture.
    """

    resolution: int = 256
    z_dim: int = 512
    w_dim: int = 512
    c_dim: int = 0
    img_channels: int = 3
    mapping_layers: int = 2
    channel_base: int = 32768
    channel_max: int = 512
    num_layers: int = 14
    num_critical: int = 2
    first_cutoff: float = 2.0
    first_stopband: float = 2.0**2.1
    last_stopband_rel: float = 2.0**0.3
    margin_size: int = 10
    output_scale: float = 0.25
    conv_kernel: int = 3
    filter_size: int = 6
    lrelu_upsampling: int = 2
    use_radial_filters: bool = False
    conv_clamp: float | None = 256.0

    @property
    def num_ws(self) -> int:
        """Rows of `ws`: the input, every layer, and ToRGB."""
        return self.num_layers + 2

    @property
    def network_name(self) -> str:
        """What people call it: config R is the one with radial filters."""
        return "stylegan3-r" if self.use_radial_filters else "stylegan3-t"


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """One synthesis layer. Sizes in pixels, rates in samples per picture, cutoffs in cycles per picture.

    `pad_lo` and `pad_hi` pad (or, negative, crop) the up-sampled signal before the up filter.
    """

    name: str
    index: int
    is_torgb: bool
    in_size: int
    out_size: int
    in_channels: int
    out_channels: int
    in_rate: int
    out_rate: int
    in_cutoff: float
    out_cutoff: float
    in_half_width: float
    out_half_width: float
    kernel: int
    up: int
    down: int
    up_taps: int
    down_taps: int
    radial: bool
    pad_lo: int
    pad_hi: int

    @property
    def filter_rate(self) -> int:
        """Rate at which the filters and the non-linearity run."""
        return self.in_rate * self.up

    @property
    def conv_size(self) -> int:
        """Side of what the convolution makes: every output that touches the picture."""
        return self.in_size + self.kernel - 1


_LIMITS: dict[str, tuple[float, float]] = {
    "resolution": (16, 4096),
    "z_dim": (1, 8192),
    "w_dim": (1, 8192),
    "c_dim": (0, 65536),
    "img_channels": (3, 3),
    "mapping_layers": (1, 32),
    "channel_base": (1, 1 << 20),
    "channel_max": (1, 4096),
    "num_layers": (3, 64),
    "num_critical": (0, 16),
    "first_cutoff": (0.1, 64.0),
    "first_stopband": (0.1, 256.0),
    "last_stopband_rel": (0.5, 8.0),
    "margin_size": (0, 64),
    "output_scale": (1e-6, 1e6),
    "conv_kernel": (1, 3),
    "filter_size": (1, 16),
    "lrelu_upsampling": (2, 4),
    "conv_clamp": (1e-6, 1e6),
}
"""What a file may ask for: wide enough for every published network, narrow enough that none exhausts the memory."""


def check_config(config: NetworkConfig) -> None:
    """Raise CheckpointError unless a network can be built from `config`."""
    check_limits(config, _LIMITS)
    check_power_of_two("resolution", config.resolution)
    check_power_of_two("lrelu_upsampling", config.lrelu_upsampling)
    if config.conv_kernel not in (1, 3):
        raise CheckpointError(f"conv_kernel is {config.conv_kernel}, expected 1 or 3")
    if config.num_critical >= config.num_layers:
        raise CheckpointError(f"num_critical is {config.num_critical}, expected less than num_layers")


def config_from_dict(values: dict[str, Any]) -> NetworkConfig:
    """A checked `NetworkConfig` from plain data, such as JSON. Raises CheckpointError on anything odd.

    >>> config_from_dict({"resolution": 64}).resolution
    64
    """
    config = read_hyperparameters(NetworkConfig, values)
    check_config(config)
    return config


@dataclass(frozen=True, slots=True)
class _Stage:
    """The signal between two layers."""

    size: int
    rate: int
    cutoff: float
    half_width: float
    channels: int


def _stage(config: NetworkConfig, index: int) -> _Stage:
    exponent = min(index / (config.num_layers - config.num_critical), 1.0)
    last_cutoff = config.resolution / 2
    cutoff = config.first_cutoff * (last_cutoff / config.first_cutoff) ** exponent
    last_stopband = last_cutoff * config.last_stopband_rel
    stopband = config.first_stopband * (last_stopband / config.first_stopband) ** exponent
    rate = 2 ** math.ceil(math.log2(min(2 * stopband, config.resolution)))
    last_two = index >= config.num_layers - 1
    channels = round(min(config.channel_base / 2 / cutoff, config.channel_max))
    return _Stage(
        size=config.resolution if last_two else rate + 2 * config.margin_size,
        rate=rate,
        cutoff=cutoff,
        half_width=max(stopband, rate / 2) - cutoff,
        channels=config.img_channels if index == config.num_layers else channels,
    )


def input_stage(config: NetworkConfig) -> tuple[int, int, int, float]:
    """The Fourier input: its size in pixels, channels, rate and cutoff."""
    first = _stage(config, 0)
    return first.size, first.channels, first.rate, first.cutoff


def layer_plan(config: NetworkConfig) -> tuple[LayerPlan, ...]:
    """All layers after the input, ToRGB last. Raises CheckpointError if `config` makes no network.

    >>> [layer.out_size for layer in layer_plan(NetworkConfig(resolution=256))]
    [36, 36, 36, 52, 52, 84, 84, 148, 148, 148, 276, 276, 276, 256, 256]
    """
    check_config(config)
    stages = [_stage(config, index) for index in range(config.num_layers + 1)]
    if min(stage.channels for stage in stages) < 1:
        raise CheckpointError(f"channel_base is {config.channel_base}: too small, a layer would have no channels")
    return tuple(_layer(config, index, stages[max(index - 1, 0)], stage) for index, stage in enumerate(stages))


def _layer(config: NetworkConfig, index: int, before: _Stage, after: _Stage) -> LayerPlan:
    is_torgb = index == config.num_layers
    oversampling = 1 if is_torgb else config.lrelu_upsampling
    filter_rate = max(before.rate, after.rate) * oversampling
    up, down = filter_rate // before.rate, filter_rate // after.rate
    up_taps, down_taps = (1, 1) if is_torgb else (config.filter_size * up, config.filter_size * down)
    kernel = 1 if is_torgb else config.conv_kernel
    needed = (after.size - 1) * down + 1 + up_taps + down_taps - 2
    padding = needed - (before.size + kernel - 1) * up
    pad_lo = (padding + up) // 2
    return LayerPlan(
        name=f"L{index}_{after.size}_{after.channels}",
        index=index,
        is_torgb=is_torgb,
        in_size=before.size,
        out_size=after.size,
        in_channels=before.channels,
        out_channels=after.channels,
        in_rate=before.rate,
        out_rate=after.rate,
        in_cutoff=before.cutoff,
        out_cutoff=after.cutoff,
        in_half_width=before.half_width,
        out_half_width=after.half_width,
        kernel=kernel,
        up=up,
        down=down,
        up_taps=up_taps,
        down_taps=down_taps,
        radial=config.use_radial_filters and index < config.num_layers - config.num_critical,
        pad_lo=pad_lo,
        pad_hi=padding - pad_lo,
    )


_HALF_STEPS = 4
"""Doublings of the rate below the picture's from which on half precision is exact enough."""


def runs_in_half(config: NetworkConfig, layer: LayerPlan) -> bool:
    """Whether a layer may calculate in half precision where that is faster; the first, coarse ones must not.

    Source: Karras et al., "Alias-Free Generative Adversarial Networks", NeurIPS 2021, appendix (mixed precision).

    >>> config = NetworkConfig(resolution=256)
    >>> [layer.index for layer in layer_plan(config) if not runs_in_half(config, layer)]
    [0, 1, 2]
    """
    return (layer.out_rate << _HALF_STEPS) > config.resolution


def runs_at_full_rate(config: NetworkConfig, layer: LayerPlan) -> bool:
    """Whether a layer's output is sampled as finely as the picture: the few that cost the most.

    >>> config = NetworkConfig(resolution=256)
    >>> [layer.index for layer in layer_plan(config) if runs_at_full_rate(config, layer)]
    [10, 11, 12, 13, 14]
    """
    return layer.out_rate == config.resolution


def tensor_shapes(config: NetworkConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of the network, by StyleGAN3's own names. Raises CheckpointError."""
    channels = input_stage(config)[1]
    shapes = mapping_shapes(config.z_dim, config.w_dim, config.c_dim, config.mapping_layers)
    prefix = "synthesis.input"
    shapes |= {
        f"{prefix}.weight": (channels, channels),
        f"{prefix}.transform": (3, 3),
        f"{prefix}.freqs": (channels, 2),
        f"{prefix}.phases": (channels,),
        f"{prefix}.affine.weight": (4, config.w_dim),
        f"{prefix}.affine.bias": (4,),
    }
    for layer in layer_plan(config):
        shapes |= _layer_shapes(config, layer)
    return shapes


def _layer_shapes(config: NetworkConfig, layer: LayerPlan) -> dict[str, tuple[int, ...]]:
    prefix = f"synthesis.{layer.name}"
    shapes: dict[str, tuple[int, ...]] = {
        f"{prefix}.weight": (layer.out_channels, layer.in_channels, layer.kernel, layer.kernel),
        f"{prefix}.bias": (layer.out_channels,),
        f"{prefix}.magnitude_ema": (),
        f"{prefix}.affine.weight": (layer.in_channels, config.w_dim),
        f"{prefix}.affine.bias": (layer.in_channels,),
    }
    if not layer.is_torgb:
        down = (layer.down_taps, layer.down_taps) if layer.radial else (layer.down_taps,)
        shapes |= {f"{prefix}.up_filter": (layer.up_taps,), f"{prefix}.down_filter": down}
    return shapes
