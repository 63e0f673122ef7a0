"""The fused kernel against plain torch."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from instrument.generator.lrelu import vectors
from instrument.generator.lrelu.banded import BandedFilteredLrelu
from instrument.generator.lrelu.compiling import ENTRIES, kernel_of, set_threads
from instrument.generator.lrelu.fused import FusedFilteredLrelu, Workspace, usable
from instrument.generator.lrelu.kernel import VECTORS
from instrument.generator.lrelu.loader import entry_for
from instrument.generator.lrelu.plain import FilteredLreluFactory, PlainFilteredLrelu
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, layer_plan

TINY = NetworkConfig(resolution=128, channel_base=512, channel_max=7)
T_LAYERS = layer_plan(TINY)[:-1]
R_LAYERS = layer_plan(replace(TINY, conv_kernel=1, use_radial_filters=True))[:-1]
BLOCKS = [replace(plan, out_channels=c) for plan in (T_LAYERS[3], T_LAYERS[8], R_LAYERS[3]) for c in (16, 23, 45, 64)]
"""Channels that fill registers, or do not; one pass over the picture, or two."""


@pytest.fixture(autouse=True)
def same_threads_after() -> Iterator[None]:
    before = set_threads(64)
    yield
    set_threads(before)


def some_filters(plan: LayerPlan, seed: int) -> list[torch.Tensor]:
    """Random, and symmetric as the paper's: a transposed one would show."""
    random = np.random.default_rng(seed)
    up = random.standard_normal(plan.up_taps) / plan.up
    down = random.standard_normal((plan.down_taps,) * (2 if plan.radial else 1)) / 4
    return [torch.from_numpy(symmetric(taps)).float() for taps in (up, down)]


def symmetric(taps: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    for axis in range(taps.ndim):
        taps = (taps + np.flip(taps, axis)) / math.sqrt(2.0)
    return taps


@pytest.mark.parametrize("bands", [1, 2, 3])
@pytest.mark.parametrize("clamp", [1.5, None])
@pytest.mark.parametrize(
    "plan", [*T_LAYERS, *R_LAYERS, *BLOCKS], ids=lambda plan: f"k{plan.kernel}-{plan.name}-{plan.out_channels}"
)
def test_equals_plain_torch(plan: LayerPlan, clamp: float | None, bands: int) -> None:
    """Every kind of layer: up 2 and 4, the cropping last one, one and many filter terms, an active clamp."""
    up, down = some_filters(plan, plan.index)
    assert usable(plan, up, down)
    size, channels = plan.in_size + plan.kernel - 1, plan.out_channels
    generator = torch.Generator().manual_seed(plan.index)
    x = torch.randn(size, size, channels, generator=generator)
    scale, bias, out_scale = torch.randn(3, channels, generator=generator)
    expected = PlainFilteredLrelu(plan, up, down, clamp)(x, scale, bias, out_scale)
    run = FusedFilteredLrelu(plan, up, down, clamp, Workspace(bands))
    for _ in range(2):  # the second time in used scratch memory
        found = run(x, scale, bias, out_scale)
        assert found.shape == expected.shape
        assert (found - expected).abs().max() < 1e-5 * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("plan", T_LAYERS, ids=lambda plan: plan.name)
@pytest.mark.parametrize("make", [PlainFilteredLrelu, BandedFilteredLrelu, None], ids=["plain", "banded", "fused"])
def test_zeros_that_were_left_out_lie_around(make: FilteredLreluFactory | None, plan: LayerPlan, bands: int) -> None:
    """A product is as large as its input; the convolution that it stands for is larger by a border."""
    up, down = some_filters(plan, plan.index)
    x = torch.randn(plan.in_size, plan.in_size, plan.out_channels, generator=torch.Generator().manual_seed(3))
    scale, bias, out_scale = torch.randn(3, plan.out_channels, generator=torch.Generator().manual_seed(4))
    whole = torch.nn.functional.pad(x, (0, 0, 1, 1, 1, 1))
    expected = PlainFilteredLrelu(plan, up, down, 1.5)(whole, scale, bias, out_scale)
    run = make(plan, up, down, 1.5) if make else FusedFilteredLrelu(plan, up, down, 1.5, Workspace(bands))
    found = run(x, scale, bias, out_scale)
    assert (found - expected).abs().max() < 1e-5 * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize(
    "plan",
    [T_LAYERS[0], T_LAYERS[3], *BLOCKS[1::4]],
    ids=lambda plan: f"k{plan.kernel}-{plan.name}-{plan.out_channels}",
)
def test_bfloat16_is_the_same_rounded_once(plan: LayerPlan) -> None:
    """What comes in is bfloat16 already; what goes out is what float32 gives, to the nearest bfloat16, ties to even."""
    up, down = some_filters(plan, plan.index)
    size, channels = plan.in_size + plan.kernel - 1, plan.out_channels
    x = torch.randn(size, size, channels, generator=torch.Generator().manual_seed(5)).bfloat16()
    scale, bias, out_scale = torch.randn(3, channels, generator=torch.Generator().manual_seed(6))
    exact = FusedFilteredLrelu(plan, up, down, 1.5, Workspace(1))(x.float(), scale, bias, out_scale).clone()
    found = FusedFilteredLrelu(plan, up, down, 1.5, Workspace(1), torch.bfloat16)(x, scale, bias, out_scale)
    assert found.dtype == torch.bfloat16
    assert torch.equal(found, exact.bfloat16())


def test_wide_layers_are_cut_into_tiles() -> None:
    plan = replace(layer_plan(NetworkConfig(resolution=512))[3], in_size=340, out_size=340, out_channels=3)
    up, down = some_filters(plan, 3)
    x = torch.randn(plan.in_size + 2, plan.in_size + 2, plan.out_channels, generator=torch.Generator().manual_seed(1))
    ones, zeros = torch.ones(plan.out_channels), torch.zeros(plan.out_channels)
    run = FusedFilteredLrelu(plan, up, down, 256.0, Workspace(2))
    assert run.tile < plan.out_size
    expected = PlainFilteredLrelu(plan, up, down, 256.0)(x, ones, zeros, ones)
    assert (run(x, ones, zeros, ones) - expected).abs().max() < 1e-5 * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("bands", [1, 2])
def test_one_compilation_serves_every_layer(bands: int, half: bool) -> None:
    """A second signature would stop the show for ten seconds."""
    entry, signature = kernel_of(entry_for(bands), half)
    entry.compile(signature)
    before = len(ENTRIES[entry_for(bands)].signatures)
    plan, dtype = T_LAYERS[0], torch.bfloat16 if half else torch.float32
    run = FusedFilteredLrelu(plan, *some_filters(plan, 0), 256.0, Workspace(bands), dtype)
    ones = torch.ones(plan.out_channels)
    run(torch.zeros(plan.in_size + 2, plan.in_size + 2, plan.out_channels, dtype=dtype), ones, ones, ones)
    assert len(ENTRIES[entry_for(bands)].signatures) == before


def test_the_compiler_notices_other_vectors() -> None:
    """numba's cache looks at the file of the entries only."""
    digest = hashlib.sha256(Path(vectors.__file__).read_bytes()).hexdigest()
    assert digest.startswith(VECTORS), f"kernel.VECTORS should be {digest[:12]}"
    assert len(VECTORS) == 12


def test_unusual_filters_are_left_to_plain_torch() -> None:
    short = layer_plan(replace(TINY, filter_size=4))
    assert not any(usable(plan, *some_filters(plan, 0)) for plan in short)
    assert not usable(layer_plan(TINY)[-1], torch.ones(1), torch.ones(1))


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("plan", [T_LAYERS[0], R_LAYERS[0]], ids=["separable", "radial"])
def test_lopsided_filters_are_left_to_plain_torch(plan: LayerPlan, which: int) -> None:
    """The kernel would make symmetric ones of them."""
    filters = some_filters(plan, 0)
    assert usable(plan, *filters)
    filters[which].view(-1)[1] += 0.01
    assert not usable(plan, *filters)
