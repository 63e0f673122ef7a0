"""How much a network calculates for one picture, in multiply-adds. Pure."""

from dataclasses import dataclass

from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, input_stage, layer_plan

GIGA = 1e9


@dataclass(frozen=True, slots=True)
class Work:
    """Multiply-adds of one picture, in thousands of millions (GMAC)."""

    convolutions: float
    filters: float


def work_of(config: NetworkConfig) -> Work:
    """The whole network after the mapping. Raises CheckpointError if `config` makes none.

    >>> work = work_of(NetworkConfig(resolution=256, channel_base=4096, channel_max=64))
    >>> round(work.convolutions, 1), round(work.filters, 1)
    (3.6, 0.9)
    """
    layers = layer_plan(config)
    size, channels, _, _ = input_stage(config)
    convolutions = size * size * channels * channels + sum(convolution_macs(layer) for layer in layers)
    return Work(convolutions / GIGA, sum(filter_macs(layer) for layer in layers) / GIGA)


def convolution_macs(layer: LayerPlan) -> int:
    """Of the convolution: every output of the padded picture meets every tap of every input channel."""
    out = layer.in_size + layer.kernel - 1
    return out * out * layer.in_channels * layer.out_channels * layer.kernel * layer.kernel


def filter_macs(layer: LayerPlan) -> int:
    """Of the filters in polyphase form, where no inserted zero is multiplied: rows, then columns, up and down.

    A radial filter counts with all its taps, whatever an engine makes of its near separability.
    """
    if layer.is_torgb:
        return 0
    narrow, out = layer.in_size + layer.kernel - 1, layer.out_size
    wide = layer.down * (out - 1) + layer.down_taps
    up = (wide * narrow + wide * wide) * (layer.up_taps // layer.up)
    down = out * out * layer.down_taps**2 if layer.radial else (wide * out + out * out) * layer.down_taps
    return (up + down) * layer.out_channels
