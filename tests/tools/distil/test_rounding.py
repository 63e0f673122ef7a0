"""Weights that bfloat16 holds, and a picture that hardly notices."""

import numpy as np
import torch

from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.stylegan3.plan import NetworkConfig
from instrument.generator.stylegan3.seeded import seeded_network
from instrument.tools.distil.rounding import correlations, round_row, settle

TINY = NetworkConfig(resolution=32, z_dim=8, w_dim=16, channel_base=128, channel_max=6, num_layers=4)


def test_inputs_that_go_together_make_up_for_each_other() -> None:
    """Nine taps that see nearly the same: the sum is kept far better than by rounding each one."""
    random = np.random.default_rng(0)
    common = random.standard_normal((500, 1))
    seen = torch.from_numpy(common + 0.01 * random.standard_normal((500, 9)))
    weights = torch.from_numpy(random.standard_normal(9))
    rounded = round_row(weights, seen.T @ seen)
    nearest = weights.to(torch.bfloat16).double()
    assert torch.equal(rounded, rounded.to(torch.bfloat16).double())
    assert (seen @ (rounded - weights)).norm() < 0.2 * (seen @ (nearest - weights)).norm()


def test_weights_are_exact_and_nothing_else_is_touched() -> None:
    tensors = seeded_network(TINY, 3)
    codes = torch.from_numpy(np.random.default_rng(1).standard_normal((3, 8))).float()
    settled = settle(TINY, tensors, codes, seed=0)
    assert settled.keys() == tensors.keys()
    changed = {name for name, tensor in tensors.items() if not torch.equal(tensor, settled[name])}
    convolutions = {f"synthesis.{layer.plan.name}.weight" for layer in SynthesisNetwork(TINY, tensors).layers[:-1]}
    assert changed == convolutions
    for name in convolutions:
        assert torch.equal(settled[name], settled[name].to(torch.bfloat16).float())
    again = settle(TINY, settled, codes, seed=0)
    assert all(torch.equal(again[name], settled[name]) for name in settled)


def test_the_picture_hardly_notices() -> None:
    tensors = seeded_network(TINY, 3)
    codes = torch.from_numpy(np.random.default_rng(1).standard_normal((4, 8))).float()
    ws = tensors["mapping.w_avg"].repeat(TINY.num_ws, 1)
    right, ours = (
        SynthesisNetwork(TINY, some)(ws, IDENTITY) for some in (tensors, settle(TINY, tensors, codes, seed=0))
    )
    assert 0.0 < (ours - right).abs().mean() < 0.01 * (right.max() - right.min())


def test_correlations_are_those_of_the_convolution_inputs() -> None:
    network = SynthesisNetwork(TINY, seeded_network(TINY, 3))
    ws = [torch.zeros(TINY.num_ws, TINY.w_dim)]
    seen = correlations(network, 1, ws, np.random.default_rng(0))
    layer = network.layers[1].plan
    size = layer.in_channels * layer.kernel**2
    assert seen.shape == (layer.out_channels, size, size)
    assert torch.allclose(seen, seen.transpose(1, 2))
    assert (torch.linalg.eigvalsh(seen) > -1e-9 * seen.diagonal(dim1=1, dim2=2).amax()).all()
