"""Small seeded networks, and snapshots in the container that StyleGAN3's training writes."""

import pickle
import sys
import types
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from instrument.generator.checkpoint import Card, Checkpoint
from instrument.generator.stylegan2.plan import Kind, StyleGAN2Config, stylegan2_layers
from instrument.generator.stylegan2.seeded import seeded_stylegan2
from instrument.generator.stylegan3.plan import NetworkConfig, layer_plan
from instrument.generator.stylegan3.seeded import seeded_network

TINY_T = NetworkConfig(resolution=32, z_dim=16, w_dim=16, channel_base=256, channel_max=8)
TINY_R = replace(TINY_T, conv_kernel=1, use_radial_filters=True)
TINY_2 = StyleGAN2Config(resolution=32, z_dim=16, w_dim=16, channel_base=128, channel_max=8)


@pytest.fixture(scope="session")
def tiny_t() -> Checkpoint:
    return Checkpoint(TINY_T, seeded_network(TINY_T, 1), Card("tiny-t"), "")


@pytest.fixture(scope="session")
def tiny_r() -> Checkpoint:
    return Checkpoint(TINY_R, seeded_network(TINY_R, 2), Card("tiny-r"), "")


@pytest.fixture(scope="session")
def tiny_2() -> Checkpoint:
    return Checkpoint(TINY_2, seeded_stylegan2(TINY_2, 3), Card("tiny-2"), "")


class PersistentModule:
    """Pickles as StyleGAN's persistent classes do, with the `source` of the module they were defined in."""

    source = "raise SystemExit('source was executed')"

    def __init__(self, rebuild: Callable[..., Any], class_name: str, state: dict[str, Any]) -> None:
        self.rebuild, self.class_name, self.state = rebuild, class_name, state

    def __reduce__(self) -> tuple[Any, ...]:
        meta = {"type": "class", "version": 6, "module_src": self.source, "class_name": self.class_name}
        return self.rebuild, (meta | {"state": self.state},)


@pytest.fixture
def make_module(monkeypatch: pytest.MonkeyPatch) -> Callable[..., PersistentModule]:
    """Makes modules whose pickles name the original globals."""

    def rebuild(meta: Any) -> None:
        raise AssertionError("the original loader ran")

    rebuild.__module__, rebuild.__qualname__ = "torch_utils.persistence", "_reconstruct_persistent_obj"
    module = types.ModuleType("torch_utils.persistence")
    vars(module)["_reconstruct_persistent_obj"] = rebuild
    monkeypatch.setitem(sys.modules, "torch_utils", types.ModuleType("torch_utils"))
    monkeypatch.setitem(sys.modules, "torch_utils.persistence", module)
    return lambda class_name, state: PersistentModule(rebuild, class_name, state)


@pytest.fixture
def make_generator(make_module: Callable[..., PersistentModule]) -> Callable[..., PersistentModule]:
    """Makes the module tree `G_ema` of a checkpoint."""

    def node(class_name: str, prefix: str, tensors: dict[str, torch.Tensor], attributes: Any) -> PersistentModule:
        inside = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        own = {key: value for key, value in inside.items() if "." not in key}
        buffers = ("w_avg", "magnitude_ema", "up_filter", "down_filter", "transform", "freqs", "phases")
        buffers += ("noise_const", "resample_filter")
        parameters = {key: torch.nn.Parameter(value) for key, value in own.items() if key not in buffers}
        children = dict.fromkeys(key.split(".")[0] for key in inside if "." in key)
        state = {
            "training": False,
            "_parameters": OrderedDict(parameters),
            "_buffers": OrderedDict({key: value for key, value in own.items() if key in buffers}),
            "_non_persistent_buffers_set": set(),
            "_modules": OrderedDict(
                {key: node(_class_of(key), f"{prefix}{key}.", tensors, attributes) for key in children}
            ),
            "_init_args": (),
            "_init_kwargs": {},
        }
        return make_module(class_name, state | attributes.get(prefix, {}))

    def generator(checkpoint: Checkpoint) -> PersistentModule:
        config = checkpoint.config
        sizes = {"z_dim": config.z_dim, "w_dim": config.w_dim, "c_dim": config.c_dim}
        kwargs = {
            key: value
            for key, value in asdict(config).items()
            if key not in (*sizes, "resolution", "img_channels", "mapping_layers")
        }
        attributes: dict[str, Any] = {
            "": {**sizes, "img_resolution": config.resolution, "img_channels": 3, "_init_kwargs": kwargs},
            "mapping.": {"num_layers": config.mapping_layers},
        }
        if isinstance(config, StyleGAN2Config):
            return node("Generator", "", dict(checkpoint.tensors), attributes | stylegan2_attributes(config, kwargs))
        for layer in layer_plan(config):
            padding = [layer.pad_lo, layer.pad_hi, layer.pad_lo, layer.pad_hi]
            attributes[f"synthesis.{layer.name}."] = {
                "up_factor": layer.up,
                "padding": padding,
                "in_size": np.full(2, layer.in_size),
                "gain": np.float64(1.0),
            }
        return node("Generator", "", dict(checkpoint.tensors), attributes)

    return generator


def stylegan2_attributes(config: StyleGAN2Config, kwargs: dict[str, Any]) -> dict[str, Any]:
    """What StyleGAN2-ADA's modules record of themselves."""
    attributes: dict[str, Any] = {"synthesis.": {"_init_kwargs": kwargs}}
    for layer in stylegan2_layers(config):
        own: dict[str, Any] = {"conv_clamp": config.conv_clamp}
        if layer.kind is not Kind.TORGB:
            up = 2 if layer.kind is Kind.UP else 1
            own |= {"resolution": layer.size, "up": up, "use_noise": True, "activation": "lrelu"}
        attributes[f"synthesis.{layer.name}."] = own
        attributes[f"synthesis.{layer.block}."] = {"architecture": "skip"}
    return attributes


def _class_of(name: str) -> str:
    classes = {"mapping": "MappingNetwork", "synthesis": "SynthesisNetwork", "input": "SynthesisInput"}
    if name in classes:
        return classes[name]
    if name.startswith("b"):
        return "SynthesisBlock"
    if name.startswith(("conv", "torgb")):
        return "ToRGBLayer" if name == "torgb" else "SynthesisLayer"
    return "SynthesisLayer" if name.startswith("L") else "FullyConnectedLayer"


@pytest.fixture
def write_snapshot(make_generator: Callable[..., PersistentModule]) -> Callable[..., Path]:
    """Writes a snapshot of a checkpoint."""

    def write(path: Path, checkpoint: Checkpoint, protocol: int = 4) -> Path:
        content = {"G": None, "D": None, "G_ema": make_generator(checkpoint), "training_set_kwargs": {}}
        path.write_bytes(pickle.dumps(content, protocol=protocol))
        return path

    return write
