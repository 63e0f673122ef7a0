"""Random StyleGAN2 networks that are well conditioned: for tests, and to measure speed without anybody's weights."""

import numpy as np
import numpy.typing as npt
import torch

from instrument.generator.mapping_network import MAPPING_RATE, MappingNetwork
from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan2.network import StyleGAN2Synthesis
from instrument.generator.stylegan2.plan import StyleGAN2Config, stylegan2_tensor_shapes
from instrument.generator.stylegan3.seeded import PICTURE_STD

_MEAN_SAMPLES = 1024
_CALIBRATION_SAMPLES = 8
_BIAS_STD = 0.2
_STYLE_STD = 0.4
_NOISE_STD = 0.1
_BINOMIAL = np.array([1.0, 3.0, 3.0, 1.0])


def seeded_stylegan2(config: StyleGAN2Config, seed: int) -> dict[str, torch.Tensor]:
    """Every tensor of a random network by its StyleGAN2 name, float32. Raises CheckpointError if `config` is bad."""
    random = np.random.default_rng(seed)
    shapes = stylegan2_tensor_shapes(config)
    tensors = {name: torch.from_numpy(_initial(name, shape, random)) for name, shape in shapes.items()}
    z = torch.from_numpy(random.standard_normal((_MEAN_SAMPLES, config.z_dim)).astype(np.float32))
    c = torch.zeros(_MEAN_SAMPLES, config.c_dim)
    if config.c_dim:
        c[torch.arange(_MEAN_SAMPLES), torch.arange(_MEAN_SAMPLES) % config.c_dim] = 1.0
    with torch.inference_mode():
        w = MappingNetwork(config, tensors)(z, c)
        tensors["mapping.w_avg"] = w.mean(dim=0)
        _calibrate_colours(config, tensors, w[:_CALIBRATION_SAMPLES])
    return {name: tensor.clone() for name, tensor in tensors.items()}


def _initial(name: str, shape: tuple[int, ...], random: np.random.Generator) -> npt.NDArray[np.float32]:
    """Start value of one tensor."""
    values = np.asarray(random.standard_normal(shape))
    if name.startswith("mapping.fc"):
        values = values / MAPPING_RATE * (_BIAS_STD if name.endswith("bias") else 1.0)
    elif name.endswith("affine.weight"):
        values = values * _STYLE_STD
    elif name.endswith("affine.bias"):
        values = np.ones(shape)
    elif name.endswith("resample_filter"):
        values = np.outer(_BINOMIAL, _BINOMIAL) / _BINOMIAL.sum() ** 2
    elif name.endswith("torgb.bias"):
        values = np.zeros(shape)
    elif name.endswith("bias"):
        values = values * _BIAS_STD
    elif name.endswith("noise_strength"):
        values = values * _NOISE_STD
    return np.asarray(values, dtype=np.float32)


def _calibrate_colours(config: StyleGAN2Config, tensors: dict[str, torch.Tensor], samples: torch.Tensor) -> None:
    """Scale each colour to `PICTURE_STD` and centre it on grey, which all ToRGBs share and the last one."""
    network = StyleGAN2Synthesis(config, tensors)
    pictures = torch.stack([network(w.repeat(config.num_ws, 1), IDENTITY) for w in samples]).flatten(0, 2)
    gain = PICTURE_STD / pictures.std(dim=0)
    for name in tensors:
        if name.endswith("torgb.weight"):
            tensors[name] = tensors[name] * gain[:, None, None, None]
    tensors[f"synthesis.b{config.resolution}.torgb.bias"] = -pictures.mean(dim=0) * gain
