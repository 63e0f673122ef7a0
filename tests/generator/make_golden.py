"""Makes the small golden checkpoints beside this file: ``PYTHONPATH=. python tests/generator/make_golden.py``.

Run it only when the network's numbers are meant to change, and against the published network's data first.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from instrument.generator.checkpoint import Card, Checkpoint, load_checkpoint, save_checkpoint
from instrument.generator.network import MappingNetwork, SynthesisNetwork, truncate
from instrument.generator.plan import NetworkConfig
from instrument.generator.protocol import IDENTITY
from instrument.generator.seeded import seeded_network

GOLDEN = Path(__file__).parent / "golden"
CONFIG_T = NetworkConfig(resolution=32, z_dim=8, w_dim=8, channel_base=192, channel_max=6)
CONFIG_R = replace(CONFIG_T, conv_kernel=1, use_radial_filters=True, c_dim=2, conv_clamp=2.0)
MOVED = np.array([[0.9, 0.3, 0.2], [-0.3, 0.9, -0.1], [0.0, 0.0, 1.0]])


def expected_numbers(checkpoint: Checkpoint) -> dict[str, np.ndarray]:
    """`z` ``(1, z_dim)``, `w`, `ws`, and the pictures of both transforms ``(32, 32, 3)``."""
    config = checkpoint.config
    z = torch.from_numpy(np.random.default_rng(11).standard_normal((1, config.z_dim)).astype(np.float32))
    c = torch.eye(config.c_dim)[:1] if config.c_dim else torch.zeros(1, 0)
    w = MappingNetwork(config, checkpoint.tensors)(z, c)
    ws = truncate(w[0], checkpoint.tensors["mapping.w_avg"], config.num_ws, 0.7)
    network = SynthesisNetwork(config, checkpoint.tensors)
    tensors = {"z": z, "w": w, "ws": ws, "image_identity": network(ws, IDENTITY), "image_moved": network(ws, MOVED)}
    return {name: tensor.numpy() for name, tensor in tensors.items()}


def main() -> None:
    for name, config in (("t32", CONFIG_T), ("r32", CONFIG_R)):
        folder = GOLDEN / name
        card = Card(name, origin="instrument.generator.seeded, seed 1", licence="MIT", created_by="make_golden.py")
        save_checkpoint(folder, config, seeded_network(config, 1), card)
        np.savez_compressed(folder / "expected.npz", **expected_numbers(load_checkpoint(folder)))


if __name__ == "__main__":
    main()
