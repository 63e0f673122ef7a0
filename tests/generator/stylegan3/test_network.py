import numpy as np
import pytest
import torch

from instrument.generator.checkpoint import Checkpoint
from instrument.generator.mapping_network import MappingNetwork, truncate
from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan3.network import SynthesisNetwork


@pytest.fixture(params=["tiny_t", "tiny_r"])
def checkpoint(request: pytest.FixtureRequest) -> Checkpoint:
    found: Checkpoint = request.getfixturevalue(request.param)
    return found


def some_ws(checkpoint: Checkpoint) -> torch.Tensor:
    z = torch.from_numpy(np.random.default_rng(5).standard_normal((1, checkpoint.config.z_dim)).astype(np.float32))
    w = MappingNetwork(checkpoint.config, checkpoint.tensors)(z)[0]
    return truncate(w, checkpoint.tensors["mapping.w_avg"], checkpoint.config.num_ws, 0.7)


def test_trace_ends_in_the_picture(checkpoint: Checkpoint) -> None:
    network = SynthesisNetwork(checkpoint.config, checkpoint.tensors)
    ws = some_ws(checkpoint)
    names, outputs = zip(*network.trace(ws, IDENTITY), strict=True)
    picture = network(ws, IDENTITY)
    assert picture.shape == (32, 32, 3)
    torch.testing.assert_close(outputs[-1] * checkpoint.config.output_scale, picture, atol=1e-5, rtol=0.0)
    assert names[0] == "input"
    assert len(names) == checkpoint.config.num_ws


def test_moving_the_pattern_moves_the_picture(checkpoint: Checkpoint) -> None:
    """Equivariance, the point of StyleGAN3: a shift by whole pixels shifts the picture, its inside nearly exactly."""
    network = SynthesisNetwork(checkpoint.config, checkpoint.tensors)
    ws = some_ws(checkpoint)
    shift_px = 4
    moved = np.array([[1.0, 0.0, shift_px / 32], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    still, shifted = network(ws, IDENTITY), network(ws, moved)
    inside = still[4:-4, 4 : -4 - shift_px]
    difference = (shifted[4:-4, 4 + shift_px : -4] - inside).abs().mean()
    assert difference < 0.15 * inside.std(), "moved the wrong way, or not at all"


def test_truncation_pulls_the_first_rows_only() -> None:
    w, centre = torch.tensor([3.0]), torch.tensor([1.0])
    assert truncate(w, centre, 4, 0.5, 2).flatten().tolist() == [2.0, 2.0, 3.0, 3.0]
    assert truncate(w, centre, 2, 0.0).flatten().tolist() == [1.0, 1.0]


def test_every_row_of_ws_matters(checkpoint: Checkpoint) -> None:
    network = SynthesisNetwork(checkpoint.config, checkpoint.tensors)
    ws = some_ws(checkpoint)
    picture = network(ws, IDENTITY)
    for row in range(len(ws)):
        other = ws.clone()
        other[row] += 1.0
        assert (network(other, IDENTITY) - picture).abs().max() > 1e-3, row


def test_centre_taps_alone_make_the_same_picture_as_a_whole_kernel(tiny_t: Checkpoint) -> None:
    """Built layers are drawn as products. One tap that is nearly nothing calls for the convolution."""
    name = next(key for key in tiny_t.tensors if key.startswith("synthesis.L2_") and key.endswith(".weight"))
    weight = torch.zeros_like(tiny_t.tensors[name])
    weight[:, :, 1, 1] = tiny_t.tensors[name][:, :, 1, 1]
    whole = weight.clone()
    whole[0, 0, 0, 0] = 1e-12
    pictures = [SynthesisNetwork(tiny_t.config, tiny_t.tensors | {name: some}) for some in (weight, whole)]
    ws = some_ws(tiny_t)
    short, long = (network(ws, IDENTITY) for network in pictures)
    torch.testing.assert_close(short, long, atol=1e-5, rtol=0.0)
    assert short.std() > 0.1
