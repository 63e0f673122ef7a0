"""Makes the small golden checkpoints beside this file: ``PYTHONPATH=. python tests/generator/make_golden.py``.

Run it only when the network's numbers are meant to change, and against the published network's data first.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from instrument.generator.checkpoint import Card, Checkpoint, load_checkpoint, save_checkpoint
from instrument.generator.mapping_network import MappingNetwork, truncate
from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan2.network import StyleGAN2Synthesis
from instrument.generator.stylegan2.plan import StyleGAN2Config
from instrument.generator.stylegan2.seeded import seeded_stylegan2
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.generator.stylegan3.seeded import seeded_network

GOLDEN = Path(__file__).parent / "golden"
CONFIG_T = NetworkConfig(resolution=32, z_dim=8, w_dim=8, channel_base=192, channel_max=6)
CONFIG_R = replace(CONFIG_T, conv_kernel=1, use_radial_filters=True, c_dim=2, conv_clamp=2.0)
CONFIG_2 = StyleGAN2Config(resolution=32, z_dim=8, w_dim=8, channel_base=128, channel_max=6, c_dim=2, conv_clamp=2.0)
MOVED = np.array([[0.9, 0.3, 0.2], [-0.3, 0.9, -0.1], [0.0, 0.0, 1.0]])


def mapped(checkpoint: Checkpoint) -> dict[str, torch.Tensor]:
    """`z` ``(1, z_dim)`` and its label, `w`, and `ws` truncated."""
    config = checkpoint.config
    z = torch.from_numpy(np.random.default_rng(11).standard_normal((1, config.z_dim)).astype(np.float32))
    c = torch.eye(config.c_dim)[:1] if config.c_dim else torch.zeros(1, 0)
    w = MappingNetwork(config, checkpoint.tensors)(z, c)
    return {"z": z, "c": c, "w": w, "ws": truncate(w[0], checkpoint.tensors["mapping.w_avg"], config.num_ws, 0.7)}


def expected_numbers(checkpoint: Checkpoint) -> dict[str, np.ndarray]:
    """Those of `mapped`, and pictures ``(32, 32, 3)``: of both transforms, or of StyleGAN2 with and without noise."""
    config, tensors = checkpoint.config, mapped(checkpoint)
    if isinstance(config, StyleGAN2Config):
        for image, noise in (("image_identity", "const"), ("image_noise_none", "none")):
            tensors[image] = StyleGAN2Synthesis(config, checkpoint.tensors, noise)(tensors["ws"], IDENTITY)
    else:
        network = SynthesisNetwork(config, checkpoint.tensors)
        for image, transform in (("image_identity", IDENTITY), ("image_moved", MOVED)):
            tensors[image] = network(tensors["ws"], transform)
        tensors["user_transform"] = torch.from_numpy(MOVED)
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def main() -> None:
    for name, config in (("t32", CONFIG_T), ("r32", CONFIG_R), ("sg2_32", CONFIG_2)):
        folder = GOLDEN / name
        make = seeded_stylegan2 if isinstance(config, StyleGAN2Config) else seeded_network
        card = Card(name, origin=f"{make.__module__}, seed 1", licence="MIT", created_by="make_golden.py")
        save_checkpoint(folder, config, make(config, 1), card)
        np.savez_compressed(folder / "expected.npz", **expected_numbers(load_checkpoint(folder)))


if __name__ == "__main__":
    main()
