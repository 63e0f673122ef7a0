"""The banded activation against the reference."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from instrument.generator.lrelu.banded import BandedFilteredLrelu
from instrument.generator.lrelu.plain import PlainFilteredLrelu
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, layer_plan

TINY = NetworkConfig(resolution=128, channel_base=512, channel_max=5)
RADIAL = replace(TINY, conv_kernel=1, use_radial_filters=True)
LAYERS = [*layer_plan(TINY)[:-1], *layer_plan(RADIAL)[:-1]]


@pytest.mark.parametrize("clamp", [1.5, None])
@pytest.mark.parametrize("plan", LAYERS, ids=lambda plan: f"k{plan.kernel}-{plan.name}")
def test_equals_the_reference(plan: LayerPlan, clamp: float | None) -> None:
    random = np.random.default_rng(plan.index)
    up = torch.from_numpy(random.standard_normal(plan.up_taps) / plan.up).float()
    down = torch.from_numpy(random.standard_normal((plan.down_taps,) * (2 if plan.radial else 1)) / 4).float()
    size, channels = plan.in_size + plan.kernel - 1, plan.out_channels
    generator = torch.Generator().manual_seed(plan.index)
    x = torch.randn(size, size, channels, generator=generator)
    scale, bias, out_scale = torch.randn(3, channels, generator=generator)
    expected = PlainFilteredLrelu(plan, up, down, clamp)(x, scale, bias, out_scale)
    run = BandedFilteredLrelu(plan, up, down, clamp)
    for _ in range(2):  # the second time in used scratch memory
        found = run(x, scale, bias, out_scale)
        assert found.shape == expected.shape
        assert found.is_contiguous()
        assert (found - expected).abs().max() < 1e-5 * max(1.0, float(expected.abs().max()))


def test_plays_inside_and_outside_inference_mode() -> None:
    """Scratch memory taken in the one must serve in the other."""
    plan = LAYERS[0]
    up, down, ones = torch.ones(plan.up_taps), torch.ones(plan.down_taps), torch.ones(plan.out_channels)
    x = torch.ones(plan.in_size + 2, plan.in_size + 2, plan.out_channels)
    run = BandedFilteredLrelu(plan, up, down, None)
    with torch.inference_mode():
        inside = run(x, ones, ones, ones).clone()
    assert torch.equal(run(x, ones, ones, ones), inside)
