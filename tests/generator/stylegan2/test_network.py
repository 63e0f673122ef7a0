from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from instrument.errors import CheckpointError
from instrument.generator.checkpoint import Checkpoint, check_tensors
from instrument.generator.mapping_network import MappingNetwork
from instrument.generator.protocol import IDENTITY, Generator
from instrument.generator.stylegan2.network import ModulatedConv, StyleGAN2Synthesis
from instrument.generator.stylegan2.plan import (
    Kind,
    StyleGAN2Config,
    StyleGAN2Layer,
    stylegan2_config_from_dict,
    stylegan2_layers,
)
from instrument.generator.stylegan2.seeded import seeded_stylegan2
from instrument.generator.torch_engine import TorchGenerator

MOVED = np.array([[0.8, 0.6, 0.1], [-0.6, 0.8, 0.2], [0.0, 0.0, 1.0]])


def some_ws(checkpoint: Checkpoint, seed: int = 5) -> torch.Tensor:
    z = torch.from_numpy(np.random.default_rng(seed).standard_normal((1, checkpoint.config.z_dim)).astype(np.float32))
    return MappingNetwork(checkpoint.config, checkpoint.tensors)(z)[0].repeat(checkpoint.config.num_ws, 1)


def plain_convolution(
    tensors: dict[str, torch.Tensor], plan: StyleGAN2Layer, x: torch.Tensor, w: torch.Tensor
) -> torch.Tensor:
    """The layer by the paper's formulas, one after the other, in float64; gaps filled by the filter as zeros first."""
    part = {name: tensors[f"synthesis.{plan.name}.{name}"].double() for name in ("weight", "bias", "noise_const")}
    affine = tensors[f"synthesis.{plan.name}.affine.weight"].double() / w.numel() ** 0.5
    style = affine @ w + tensors[f"synthesis.{plan.name}.affine.bias"].double()
    weight = part["weight"] * style[:, None, None]
    weight = weight / (weight.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8).sqrt()
    if plan.kind is Kind.UP:
        spread = torch.zeros(1, plan.in_channels, plan.size, plan.size, dtype=torch.float64)
        spread[:, :, ::2, ::2] = x
        taps = 4.0 * tensors[f"synthesis.{plan.name}.resample_filter"].double()
        # A kernel turned by 180 degrees is a convolution, which is meant here; the picture grows by two pixels.
        wide = functional.conv2d(functional.pad(spread, (2, 2, 2, 2)), weight.flip((2, 3)))[:, :, :-1, :-1]
        taps = taps.flip((0, 1)).expand(len(weight), 1, 4, 4)
        y = functional.conv2d(wide, taps, padding=1, groups=len(weight))
    else:
        y = functional.conv2d(x, weight, padding=1)
    y = (
        y
        + part["noise_const"] * tensors[f"synthesis.{plan.name}.noise_strength"].double()
        + part["bias"][:, None, None]
    )
    return functional.leaky_relu(y, 0.2) * 2.0**0.5


@pytest.mark.parametrize("in_weights", [False, True])
@pytest.mark.parametrize("name", ["b8.conv0", "b16.conv1", "b32.conv0"])
def test_a_layer_is_what_the_paper_says(tiny_2: Checkpoint, name: str, in_weights: bool) -> None:
    plan = next(layer for layer in stylegan2_layers(tiny_2.config) if layer.name == name)
    w = some_ws(tiny_2)[0]
    size = plan.size // 2 if plan.kind is Kind.UP else plan.size
    x = torch.randn(1, plan.in_channels, size, size, generator=torch.Generator().manual_seed(1))
    layer = ModulatedConv(tiny_2.config, plan, tiny_2.tensors, "const")
    layer._modulates_weights = in_weights
    before = x.clone()
    found = layer(x, w)
    assert torch.equal(x, before)
    expected = plain_convolution(dict(tiny_2.tensors), plan, x.double(), w.double())
    torch.testing.assert_close(found.double(), expected, atol=2e-6, rtol=1e-5)


def test_the_clamp_holds(tiny_2: Checkpoint) -> None:
    config = replace(tiny_2.config, conv_clamp=0.5)
    outputs = dict(StyleGAN2Synthesis(config, tiny_2.tensors).trace(some_ws(tiny_2)))
    assert all(output.abs().max() <= 0.5 for output in outputs.values())
    assert any(output.abs().max() == 0.5 for output in outputs.values())


def test_colours_of_the_blocks_add_up(tiny_2: Checkpoint) -> None:
    network, ws = StyleGAN2Synthesis(tiny_2.config, tiny_2.tensors), some_ws(tiny_2)
    outputs = dict(network.trace(ws))
    taps = 4.0 * tiny_2.tensors["synthesis.b8.resample_filter"].expand(3, 1, 4, 4)
    picture = outputs["b4.torgb"].permute(2, 0, 1)[None]
    for size in (8, 16, 32):
        spread = torch.zeros(1, 3, size, size)
        spread[:, :, ::2, ::2] = picture
        enlarged = functional.conv2d(functional.pad(spread, (2, 1, 2, 1)), taps, groups=3)
        picture = enlarged + outputs[f"b{size}.torgb"].permute(2, 0, 1)
    torch.testing.assert_close(network(ws, IDENTITY), picture[0].permute(1, 2, 0), atol=1e-5, rtol=0.0)


def test_every_row_of_ws_counts(tiny_2: Checkpoint) -> None:
    network, ws = StyleGAN2Synthesis(tiny_2.config, tiny_2.tensors), some_ws(tiny_2)
    still, other = network(ws, IDENTITY), some_ws(tiny_2, 6)[0]
    for row in range(tiny_2.config.num_ws):
        changed = ws.clone()
        changed[row] = other
        assert (network(changed, IDENTITY) - still).abs().max() > 1e-4, row


@pytest.mark.parametrize("resolution", [4, 8, 64])
def test_any_size(resolution: int) -> None:
    config = StyleGAN2Config(resolution=resolution, z_dim=4, w_dim=4, channel_base=64, channel_max=4, mapping_layers=1)
    tensors = seeded_stylegan2(config, 0)
    check_tensors(config, tensors)
    ws = torch.randn(config.num_ws, 4, generator=torch.Generator().manual_seed(2))
    assert config.num_ws == 2 * int(np.log2(resolution)) - 2
    assert StyleGAN2Synthesis(config, tensors)(ws, IDENTITY).shape == (resolution, resolution, 3)


def test_full_size_plan() -> None:
    layers = stylegan2_layers(StyleGAN2Config(resolution=1024))
    assert [layer.out_channels for layer in layers if layer.name.endswith("conv1")] == [512] * 5 + [256, 128, 64, 32]
    assert layers[-1].row == StyleGAN2Config(resolution=1024).num_ws - 1 == 17


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"resolution": 48}, "power of two"),
        ({"resolution": 2048}, "resolution"),
        ({"resolution": 256, "channel_base": 128}, "no channels"),
        ({"mapping_layers": 0}, "mapping_layers"),
        ({"channel_max": 10**9}, "channel_max"),
        ({"conv_clamp": -1.0}, "conv_clamp"),
        ({"img_channels": 1}, "img_channels"),
        ({"num_layers": 14}, "unknown hyper-parameter 'num_layers'"),
    ],
)
def test_refuses_what_makes_no_network(values: dict[str, object], said: str) -> None:
    with pytest.raises(CheckpointError, match=said) as caught:
        stylegan2_config_from_dict(values)
    assert "\n" not in str(caught.value)


def test_seeded_pictures_are_vivid_and_the_same_for_the_same_seed(tiny_2: Checkpoint) -> None:
    again = seeded_stylegan2(tiny_2.config, 3)
    assert all(torch.equal(again[name], tensor) for name, tensor in tiny_2.tensors.items())
    network = StyleGAN2Synthesis(tiny_2.config, tiny_2.tensors)
    pictures = torch.stack([network(some_ws(tiny_2, seed), IDENTITY) for seed in range(8)])
    assert 0.2 < pictures.std() < 1.2
    assert pictures.mean(dim=(0, 1, 2)).abs().max() < 0.6


def test_plays_behind_the_same_protocol(tiny_2: Checkpoint) -> None:
    generator: Generator = TorchGenerator(tiny_2, threads=1)
    assert (generator.z_dim, generator.w_dim, generator.num_ws, generator.resolution) == (16, 16, 8, 32)
    assert generator.description == "stylegan2 32 px, torch cpu float32"
    assert torch.get_num_threads() == 1
    ws = some_ws(tiny_2).numpy()
    picture = generator.render(ws, IDENTITY)
    assert picture.shape == (32, 32, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 5.0
    kept = picture.copy()
    np.testing.assert_array_equal(generator.render(ws, MOVED), kept, "it has nothing that could move")
    assert (generator.render(some_ws(tiny_2, 6).numpy(), IDENTITY) != kept).any()
    np.testing.assert_array_equal(picture, kept, "each picture is an array of its own")


def test_noise_can_be_left_out(tiny_2: Checkpoint) -> None:
    ws = some_ws(tiny_2).numpy()
    noisy = TorchGenerator(tiny_2, threads=1).render_raw(ws, IDENTITY)
    quiet = TorchGenerator(tiny_2, threads=1, noise="none").render_raw(ws, IDENTITY)
    assert np.abs(noisy - quiet).max() > 0.01


def test_labels_choose(tiny_2: Checkpoint) -> None:
    config = replace(tiny_2.config, c_dim=3)
    checkpoint = Checkpoint(config, seeded_stylegan2(config, 1), tiny_2.card, "")
    z = np.ones((1, 16), np.float32)
    first, second = (TorchGenerator(checkpoint, 1, label).map(z) for label in (0, 2))
    assert np.abs(first - second).max() > 0.01
