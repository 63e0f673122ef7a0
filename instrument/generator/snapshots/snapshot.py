"""From a pickled StyleGAN2, StyleGAN2-ADA or StyleGAN3 snapshot to a configuration and a table of tensors."""

from pathlib import Path
from typing import Any

from instrument.errors import CheckpointError, candidates
from instrument.generator.architectures import tensor_shapes
from instrument.generator.snapshots.contents import Snapshot
from instrument.generator.snapshots.licence import leading_comment
from instrument.generator.snapshots.module_tree import (
    check_attributes,
    check_classes,
    child,
    children,
    mapping_values,
    plain,
    read_arrays,
    table,
)
from instrument.generator.snapshots.pickles import Module, read_snapshot_pickle
from instrument.generator.snapshots.stylegan2 import read_stylegan2
from instrument.generator.snapshots.unpickler import RefusedError, one_line
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, config_from_dict, layer_plan

_KWARGS = (
    "channel_base",
    "channel_max",
    "num_layers",
    "num_critical",
    "first_cutoff",
    "first_stopband",
    "last_stopband_rel",
    "margin_size",
    "output_scale",
    "conv_kernel",
    "filter_size",
    "lrelu_upsampling",
    "use_radial_filters",
    "conv_clamp",
)
_CLASSES = {
    "Generator",
    "MappingNetwork",
    "SynthesisNetwork",
    "SynthesisInput",
    "SynthesisLayer",
    "FullyConnectedLayer",
}


def read_snapshot(path: Path) -> Snapshot:
    """The moving-average generator in a StyleGAN ``.pkl``; its licence is the comment above the network's source.

    Raises CheckpointError in one line, naming the file and the reason.
    """
    content = read_snapshot_pickle(path)
    try:
        generator = _generator(content)
        config = read_stylegan2(generator) if _is_stylegan2(generator) else _read_stylegan3(generator)
        arrays = read_arrays(generator, tensor_shapes(config))
        return Snapshot(config, arrays, leading_comment(generator.source))
    except (RefusedError, CheckpointError) as error:
        raise CheckpointError(f"{path.name}: {one_line(error)}") from error


def _generator(content: Any) -> Module:
    if not isinstance(content, dict):
        raise RefusedError("not a StyleGAN snapshot: no table with G_ema in it")
    generator = content.get("G_ema")
    if not isinstance(generator, Module):
        names = [key[:30] for key in list(content)[:10] if isinstance(key, str)]
        raise RefusedError(f"no generator G_ema in it, only: {candidates(names)}")
    return generator


def _is_stylegan2(generator: Module) -> bool:
    """StyleGAN2 begins with a block of 4 pixels that holds a constant, StyleGAN3 with Fourier features."""
    synthesis = children(generator).get("synthesis")
    return isinstance(synthesis, Module) and "b4" in children(synthesis)


def _read_stylegan3(generator: Module) -> NetworkConfig:
    """The checked configuration of a StyleGAN3 generator. Raises RefusedError or CheckpointError."""
    check_classes(generator, _CLASSES, "StyleGAN3")
    synthesis = child(generator, "synthesis")
    kwargs = table(generator, "_init_kwargs") | table(synthesis, "_init_kwargs")
    values = {name: plain(kwargs[name]) for name in _KWARGS if name in kwargs}
    config = config_from_dict(values | mapping_values(generator))
    for layer in layer_plan(config):
        check_attributes(layer.name, child(synthesis, layer.name), _geometry(layer))
    return config


def _geometry(layer: LayerPlan) -> dict[str, Any]:
    """What every layer records of itself must be what the plan says."""
    return {
        "up_factor": layer.up,
        "down_factor": layer.down,
        "padding": [layer.pad_lo, layer.pad_hi, layer.pad_lo, layer.pad_hi],
        "conv_kernel": layer.kernel,
        "is_torgb": layer.is_torgb,
    }
