"""The networks this house can play, and the one place that tells them apart by their configuration."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from instrument.errors import CheckpointError, candidates
from instrument.generator.stylegan2 import plan as stylegan2_plan
from instrument.generator.stylegan2.plan import StyleGAN2Config
from instrument.generator.stylegan3 import plan as stylegan3_plan
from instrument.generator.stylegan3.plan import NetworkConfig

Architecture = NetworkConfig | StyleGAN2Config

_WORD = "architecture"
_READERS: dict[str, Callable[[dict[str, Any]], Architecture]] = {
    "stylegan3": stylegan3_plan.config_from_dict,
    "stylegan2": stylegan2_plan.stylegan2_config_from_dict,
}


def architecture_to_dict(config: Architecture) -> dict[str, Any]:
    """Plain data for JSON. StyleGAN3 goes without a word for it, as in files from before there was another."""
    word = {_WORD: "stylegan2"} if isinstance(config, StyleGAN2Config) else {}
    return word | asdict(config)


def architecture_from_dict(values: Mapping[str, Any]) -> Architecture:
    """The checked configuration that `architecture_to_dict` wrote. Raises CheckpointError on anything odd.

    >>> architecture_from_dict({"resolution": 64}).network_name
    'stylegan3-t'
    >>> architecture_from_dict({"architecture": "stylegan2", "resolution": 64}).network_name
    'stylegan2'
    """
    word = values.get(_WORD, "stylegan3")
    if not isinstance(word, str) or word not in _READERS:
        raise CheckpointError(f"architecture {str(word)[:40]!r} is not one of: {candidates(_READERS)}")
    return _READERS[word]({name: value for name, value in values.items() if name != _WORD})


def tensor_shapes(config: Architecture) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of the network, by its own names. Raises CheckpointError."""
    if isinstance(config, StyleGAN2Config):
        return stylegan2_plan.stylegan2_tensor_shapes(config)
    return stylegan3_plan.tensor_shapes(config)
