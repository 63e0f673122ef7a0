"""Random networks that are well conditioned: what training would have measured is measured from the network itself.

They play without any training, look abstract, and are the same for the same seed.
"""

import math

import numpy as np
import numpy.typing as npt
import torch

from instrument.generator.lrelu.plain import PlainFilteredLrelu
from instrument.generator.mapping_network import MAPPING_RATE, MappingNetwork
from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan3.filters import low_pass, radial_low_pass
from instrument.generator.stylegan3.network import SynthesisInput, SynthesisLayer
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, input_stage, layer_plan, tensor_shapes

PICTURE_STD = 0.5
"""Spread of the pictures' values about zero, of a range of -1 to 1: vivid without clipping much."""

_MEAN_SAMPLES = 4096
_CALIBRATION_SAMPLES = 8
_BIAS_STD = 0.2
_INPUT_AFFINE_STD = 0.3
_STYLE_STD = 0.4
"""Spread of the styles about one. With more, each latent's own mean outgrows what varies within its picture."""


def seeded_network(config: NetworkConfig, seed: int) -> dict[str, torch.Tensor]:
    """Every tensor of a random network by its StyleGAN name, float32. Raises CheckpointError if `config` makes none."""
    random = np.random.default_rng(seed)
    tensors = {name: torch.from_numpy(_initial(name, shape, random)) for name, shape in tensor_shapes(config).items()}
    tensors["synthesis.input.freqs"] = torch.from_numpy(_frequencies(config, random))
    tensors |= _filters(config)
    with torch.inference_mode():
        _calibrate(config, tensors, _calibrate_mapping(config, tensors, random))
    return {name: tensor.clone() for name, tensor in tensors.items()}


def _initial(name: str, shape: tuple[int, ...], random: np.random.Generator) -> npt.NDArray[np.float32]:
    """Start value of one tensor; what is measured later starts at one."""
    normal = random.standard_normal(shape)
    values = np.asarray(normal)
    if name.startswith("mapping.fc"):
        values = normal / MAPPING_RATE * (_BIAS_STD if name.endswith("bias") else 1.0)
    elif name == "synthesis.input.transform":
        values = np.eye(3)
    elif name == "synthesis.input.phases":
        values = random.uniform(-0.5, 0.5, shape)
    elif name == "synthesis.input.affine.weight":
        values = normal * _INPUT_AFFINE_STD
    elif name.endswith("affine.weight"):
        values = normal * _STYLE_STD
    elif name == "synthesis.input.affine.bias":
        values = np.array([1.0, 0.0, 0.0, 0.0])
    elif name.endswith(("affine.bias", "magnitude_ema")):
        values = np.ones(shape)
    elif name.endswith("bias"):
        values = normal * _BIAS_STD
    return np.asarray(values, dtype=np.float32)


def _frequencies(config: NetworkConfig, random: np.random.Generator) -> npt.NDArray[np.float32]:
    """``(channels, 2)`` uniform over the disc that the first cutoff allows, cycles per picture."""
    _, channels, _, cutoff = input_stage(config)
    radius = cutoff * np.sqrt(random.uniform(size=channels))
    angle = random.uniform(0.0, 2.0 * math.pi, channels)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).astype(np.float32)


def _filters(config: NetworkConfig) -> dict[str, torch.Tensor]:
    filters: dict[str, torch.Tensor] = {}
    for layer in layer_plan(config):
        if layer.is_torgb:
            continue
        up = low_pass(layer.up_taps, layer.in_cutoff, layer.in_half_width, layer.filter_rate)
        design = radial_low_pass if layer.radial else low_pass
        down = design(layer.down_taps, layer.out_cutoff, layer.out_half_width, layer.filter_rate)
        filters[f"synthesis.{layer.name}.up_filter"] = torch.from_numpy(up)
        filters[f"synthesis.{layer.name}.down_filter"] = torch.from_numpy(down)
    return filters


def _calibrate_mapping(
    config: NetworkConfig, tensors: dict[str, torch.Tensor], random: np.random.Generator
) -> torch.Tensor:
    """Set `w_avg` to the mean of many `w`; return a few of them."""
    z = torch.from_numpy(random.standard_normal((_MEAN_SAMPLES, config.z_dim)).astype(np.float32))
    c = torch.zeros(_MEAN_SAMPLES, config.c_dim)
    if config.c_dim:
        c[torch.arange(_MEAN_SAMPLES), torch.arange(_MEAN_SAMPLES) % config.c_dim] = 1.0
    w = MappingNetwork(config, tensors)(z, c)
    tensors["mapping.w_avg"] = w.mean(dim=0)
    return w[:_CALIBRATION_SAMPLES]


def _calibrate(config: NetworkConfig, tensors: dict[str, torch.Tensor], samples: torch.Tensor) -> None:
    """Layer by layer, as the training's moving average would converge: magnitudes, then ToRGB's range and centre."""
    fourier = SynthesisInput(config, tensors)
    signals = [fourier(w, torch.from_numpy(IDENTITY), torch.ones(input_stage(config)[1])) for w in samples]
    for plan in layer_plan(config):
        magnitude = torch.stack([signal.square().mean() for signal in signals]).mean()
        tensors[f"synthesis.{plan.name}.magnitude_ema"] = magnitude
        if plan.is_torgb:
            _calibrate_torgb(config, plan, tensors, samples, signals)
        else:
            _centre(config, plan, tensors, samples, signals)
            signals = _run(config, plan, tensors, samples, signals)


def _centre(
    config: NetworkConfig,
    plan: LayerPlan,
    tensors: dict[str, torch.Tensor],
    samples: torch.Tensor,
    signals: list[torch.Tensor],
) -> None:
    """Shift the biases so that every channel bends about its middle.

    Otherwise the mean of each layer grows on the next until pictures are flat. Source: Salimans and Kingma,
    "Weight Normalization", 2016, section 3 (data-dependent initialisation).
    """
    layer = SynthesisLayer(config, plan, tensors, PlainFilteredLrelu)
    means = []
    for w, signal in zip(samples, signals, strict=True):
        scale, demodulation = layer.style(w)
        means.append(layer.convolve(signal * scale).mean(dim=(0, 1)) * demodulation)
    bias = f"synthesis.{plan.name}.bias"
    tensors[bias] = tensors[bias] - torch.stack(means).mean(dim=0)


def _run(
    config: NetworkConfig,
    plan: LayerPlan,
    tensors: dict[str, torch.Tensor],
    samples: torch.Tensor,
    signals: list[torch.Tensor],
) -> list[torch.Tensor]:
    layer = SynthesisLayer(config, plan, tensors, PlainFilteredLrelu)
    outputs = []
    for w, signal in zip(samples, signals, strict=True):
        scale, demodulation = layer.style(w)
        outputs.append(layer(signal * scale, demodulation, torch.ones(plan.out_channels)))
    return outputs


def _calibrate_torgb(
    config: NetworkConfig,
    plan: LayerPlan,
    tensors: dict[str, torch.Tensor],
    samples: torch.Tensor,
    signals: list[torch.Tensor],
) -> None:
    """Scale each colour to `PICTURE_STD` and centre it on grey."""
    weight, bias = f"synthesis.{plan.name}.weight", f"synthesis.{plan.name}.bias"
    tensors[bias] = torch.zeros_like(tensors[bias])
    pictures = torch.stack(_run(config, plan, tensors, samples, signals)).flatten(0, 2) * config.output_scale
    gain = PICTURE_STD / pictures.std(dim=0)
    tensors[weight] = tensors[weight] * gain[:, None, None, None]
    tensors[bias] = -pictures.mean(dim=0) * gain / config.output_scale
