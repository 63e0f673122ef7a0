"""What a StyleGAN2 or StyleGAN2-ADA snapshot says of its network, checked layer by layer."""

from typing import Any

from instrument.generator.snapshots.module_tree import (
    check_attributes,
    check_classes,
    child,
    children,
    mapping_values,
    plain,
    table,
)
from instrument.generator.snapshots.pickles import Module
from instrument.generator.snapshots.unpickler import RefusedError
from instrument.generator.stylegan2.plan import (
    Kind,
    StyleGAN2Config,
    StyleGAN2Layer,
    stylegan2_config_from_dict,
    stylegan2_layers,
)

_CLASSES = {
    "Generator",
    "MappingNetwork",
    "SynthesisNetwork",
    "SynthesisBlock",
    "SynthesisLayer",
    "ToRGBLayer",
    "FullyConnectedLayer",
}


def read_stylegan2(generator: Module) -> StyleGAN2Config:
    """The checked configuration of a StyleGAN2 generator. Raises RefusedError or CheckpointError."""
    _check_architecture(generator)
    check_classes(generator, _CLASSES, "StyleGAN2")
    config = _config(generator)
    synthesis = child(generator, "synthesis")
    for layer in stylegan2_layers(config):
        module = child(child(synthesis, layer.block), layer.name.split(".")[1])
        check_attributes(layer.name, module, _geometry(config, layer))
    return config


def _check_architecture(generator: Module) -> None:
    """The paper's other ways to the colours, without skip connections, have other blocks."""
    for name, block in children(child(generator, "synthesis")).items():
        architecture = block.state.get("architecture", "skip") if isinstance(block, Module) else "skip"
        if architecture != "skip":
            raise RefusedError(f"a StyleGAN2 of architecture {str(architecture)[:40]!r} ({name[:9]}), not 'skip'")


def _config(generator: Module) -> StyleGAN2Config:
    """Hyper-parameters as the modules recorded them: flat, or in a table of their own as StyleGAN2-ADA does."""
    synthesis = child(generator, "synthesis")
    outer = table(generator, "_init_kwargs")
    nested = outer.get("synthesis_kwargs")
    kwargs = outer | (nested if isinstance(nested, dict) else {}) | table(synthesis, "_init_kwargs")
    values: dict[str, Any] = {name: plain(kwargs[name]) for name in ("channel_base", "channel_max") if name in kwargs}
    # Its default differs between the versions of the training code; the layer knows what it was given.
    first = child(child(synthesis, "b4"), "conv1")
    values["conv_clamp"] = plain(first.state.get("conv_clamp"))
    return stylegan2_config_from_dict(values | mapping_values(generator))


def _geometry(config: StyleGAN2Config, layer: StyleGAN2Layer) -> dict[str, Any]:
    expected: dict[str, Any] = {"conv_clamp": config.conv_clamp}
    if layer.kind is not Kind.TORGB:
        up = 2 if layer.kind is Kind.UP else 1
        expected |= {"resolution": layer.size, "up": up, "use_noise": True, "activation": "lrelu"}
    return expected
