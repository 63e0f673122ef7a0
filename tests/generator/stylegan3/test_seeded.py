from dataclasses import replace

import numpy as np
import pytest
import torch

from instrument.errors import CheckpointError
from instrument.generator.checkpoint import Checkpoint, check_tensors
from instrument.generator.mapping_network import MappingNetwork
from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.generator.stylegan3.seeded import seeded_network


def test_same_seed_same_network(tiny_t: Checkpoint) -> None:
    again = seeded_network(tiny_t.config, 1)
    assert all(torch.equal(again[name], tensor) for name, tensor in tiny_t.tensors.items())
    other = seeded_network(tiny_t.config, 2)
    assert not torch.equal(other["synthesis.input.freqs"], again["synthesis.input.freqs"])


def test_is_a_complete_network(tiny_t: Checkpoint, tiny_r: Checkpoint) -> None:
    for checkpoint in (tiny_t, tiny_r):
        check_tensors(checkpoint.config, checkpoint.tensors)


def test_conditional_network_is_complete(tiny_t: Checkpoint) -> None:
    config = replace(tiny_t.config, c_dim=3)
    check_tensors(config, seeded_network(config, 1))


def test_signals_keep_their_size_and_pictures_are_vivid(tiny_t: Checkpoint) -> None:
    network = SynthesisNetwork(tiny_t.config, tiny_t.tensors)
    z = np.random.default_rng(9).standard_normal((12, tiny_t.config.z_dim)).astype(np.float32)
    ws = MappingNetwork(tiny_t.config, tiny_t.tensors)(torch.from_numpy(z))[:, None].repeat(1, tiny_t.config.num_ws, 1)
    for name, signal in network.trace(ws[0], IDENTITY):
        assert 0.02 < signal.square().mean().sqrt() < 30.0, name
    pictures = torch.stack([network(rows, IDENTITY) for rows in ws])
    assert 0.2 < pictures.std() < 1.2
    assert pictures.mean(dim=(0, 1, 2)).abs().max() < 0.6
    assert pictures.flatten(1, 2).std(dim=1).mean() > 0.1, "pictures are flat"
    assert pictures.std(dim=-1).mean() > 0.1, "pictures are grey"


def test_refuses_a_config_that_makes_no_network() -> None:
    with pytest.raises(CheckpointError):
        seeded_network(NetworkConfig(resolution=100), 0)
