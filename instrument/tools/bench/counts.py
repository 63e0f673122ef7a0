"""How much a network calculates for one picture, in multiply-adds. Pure."""

from dataclasses import dataclass

from instrument.generator.architectures import Architecture
from instrument.generator.mapping_network import Tensors
from instrument.generator.stylegan2.plan import (
    FILTER_TAPS,
    FIRST_SIZE,
    Kind,
    StyleGAN2Config,
    StyleGAN2Layer,
    stylegan2_layers,
)
from instrument.generator.stylegan3.network import in_centre_taps
from instrument.generator.stylegan3.plan import LayerPlan, input_stage, layer_plan

GIGA = 1e9


@dataclass(frozen=True, slots=True)
class Work:
    """Multiply-adds of one picture, in thousands of millions (GMAC)."""

    convolutions: float
    filters: float


def work_of(config: Architecture, tensors: Tensors | None = None) -> Work:
    """The whole network after the mapping. Raises CheckpointError if `config` makes none.

    Given StyleGAN3's `tensors`, a kernel that holds nothing but centre taps counts as these, as it is drawn.

    >>> from instrument.generator.stylegan3.plan import NetworkConfig
    >>> work = work_of(NetworkConfig(resolution=256, channel_base=4096, channel_max=64))
    >>> round(work.convolutions, 1), round(work.filters, 1)
    (3.6, 0.9)
    """
    if isinstance(config, StyleGAN2Config):
        stylegan2 = stylegan2_layers(config)
        return Work(
            sum(stylegan2_convolution_macs(layer) for layer in stylegan2) / GIGA,
            sum(stylegan2_filter_macs(layer) for layer in stylegan2) / GIGA,
        )
    layers = layer_plan(config)
    size, channels, _, _ = input_stage(config)
    convolutions = size * size * channels * channels + sum(_drawn_macs(layer, tensors) for layer in layers)
    return Work(convolutions / GIGA, sum(filter_macs(layer) for layer in layers) / GIGA)


def convolution_macs(layer: LayerPlan) -> int:
    """Of the convolution: every output of the padded picture meets every tap of every input channel."""
    return layer.conv_size**2 * layer.in_channels * layer.out_channels * layer.kernel * layer.kernel


def _drawn_macs(layer: LayerPlan, tensors: Tensors | None) -> int:
    if tensors is not None and in_centre_taps(tensors[f"synthesis.{layer.name}.weight"]):
        return layer.in_size * layer.in_size * layer.in_channels * layer.out_channels
    return convolution_macs(layer)


def filter_macs(layer: LayerPlan) -> int:
    """Of the filters in polyphase form, where no inserted zero is multiplied: rows, then columns, up and down.

    A radial filter counts with all its taps, whatever an engine makes of its near separability.
    """
    if layer.is_torgb:
        return 0
    narrow, out = layer.conv_size, layer.out_size
    wide = layer.down * (out - 1) + layer.down_taps
    up = (wide * narrow + wide * wide) * (layer.up_taps // layer.up)
    down = out * out * layer.down_taps**2 if layer.radial else (wide * out + out * out) * layer.down_taps
    return (up + down) * layer.out_channels


def stylegan2_convolution_macs(layer: StyleGAN2Layer) -> int:
    """Of the convolution; one to twice the size is transposed, and spreads every input over its taps."""
    size = layer.size // 2 if layer.kind is Kind.UP else layer.size
    taps = 1 if layer.kind is Kind.TORGB else 9
    return size * size * layer.in_channels * layer.out_channels * taps


def stylegan2_filter_macs(layer: StyleGAN2Layer) -> int:
    """Of the filter after a transposed convolution, and of the one that enlarges the colours of the block before."""
    if layer.kind is Kind.UP:
        return layer.size * layer.size * FILTER_TAPS**2 * layer.out_channels
    if layer.kind is Kind.TORGB and layer.size > FIRST_SIZE:
        # Half of the taps each way meet inserted zeros.
        return layer.size * layer.size * (FILTER_TAPS // 2) ** 2 * layer.out_channels
    return 0
