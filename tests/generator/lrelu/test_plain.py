import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch
from scipy import signal

from instrument.generator.lrelu.plain import PlainFilteredLrelu, separable_terms
from instrument.generator.stylegan3.filters import radial_low_pass
from instrument.generator.stylegan3.plan import LayerPlan, NetworkConfig, layer_plan

TINY = NetworkConfig(resolution=64, channel_base=256, channel_max=5)
T_LAYERS = layer_plan(TINY)[:-1]
R_LAYERS = layer_plan(replace(TINY, conv_kernel=1, use_radial_filters=True))[:-1]


def naive(
    x: npt.NDArray[np.float64],
    up: npt.NDArray[np.float64],
    down: npt.NDArray[np.float64],
    plan: LayerPlan,
    clamp: float,
) -> npt.NDArray[np.float64]:
    """Zero insertion, padding, full convolution, decimation: the definition, one channel, float64."""
    wide = np.zeros(np.array(x.shape) * plan.up)
    wide[:: plan.up, :: plan.up] = x
    lo, hi = plan.pad_lo, plan.pad_hi
    wide = np.pad(wide, ((max(lo, 0), max(hi, 0)),) * 2)
    wide = wide[max(-lo, 0) : wide.shape[0] - max(-hi, 0), max(-lo, 0) : wide.shape[1] - max(-hi, 0)]
    wide = signal.convolve2d(wide, np.outer(up, up) * plan.up**2, mode="valid")
    bent = np.clip(np.where(wide < 0.0, 0.2 * wide, wide) * math.sqrt(2.0), -clamp, clamp)
    kernel = down if down.ndim == 2 else np.outer(down, down)
    narrow: npt.NDArray[np.float64] = signal.convolve2d(bent, kernel, mode="valid")[:: plan.down, :: plan.down]
    return narrow


@pytest.mark.parametrize("clamp", [256.0, 1.5, None])
@pytest.mark.parametrize("plan", [*T_LAYERS, *R_LAYERS], ids=lambda plan: f"k{plan.kernel}-{plan.name}")
def test_equals_the_definition(plan: LayerPlan, clamp: float | None) -> None:
    random = np.random.default_rng(plan.index)
    # Lopsided random filters: a reversed or transposed one would show.
    up = random.standard_normal(plan.up_taps) / plan.up
    down = random.standard_normal((plan.down_taps,) * (2 if plan.radial else 1)) / 4
    size, channels = plan.in_size + plan.kernel - 1, 2
    x = random.standard_normal((size, size, channels))
    scale, bias, out_scale = random.standard_normal((3, channels))
    run = PlainFilteredLrelu(plan, torch.from_numpy(up).float(), torch.from_numpy(down).float(), clamp)
    y = run(*(torch.from_numpy(values).float() for values in (x, scale, bias, out_scale)))
    assert y.shape == (plan.out_size, plan.out_size, channels)
    assert y.is_contiguous()
    for c in range(channels):
        limit = math.inf if clamp is None else clamp
        expected = naive(x[..., c] * scale[c] + bias[c], up, down, plan, limit) * out_scale[c]
        np.testing.assert_allclose(y[..., c].numpy(), expected, atol=2e-5 * np.abs(expected).max())


def test_radial_filters_need_few_terms() -> None:
    kernel = radial_low_pass(12, 8.0, 8.0, 64.0).astype(float)
    terms = separable_terms(kernel)
    assert len(terms) <= 6
    np.testing.assert_allclose(
        sum(np.outer(rows, columns) for rows, columns in terms), kernel, atol=1e-7 * kernel.max()
    )


def test_separable_filters_are_one_term() -> None:
    assert len(separable_terms(np.ones(12))) == 1
