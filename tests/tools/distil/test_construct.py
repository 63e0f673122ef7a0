"""The built half against the teacher, and the trained half's formulas against the network that plays."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from instrument.generator.checkpoint import check_tensors
from instrument.generator.mapping_network import MappingNetwork
from instrument.generator.protocol import IDENTITY
from instrument.generator.stylegan3.network import SynthesisNetwork
from instrument.generator.stylegan3.plan import layer_plan
from instrument.tools.distil.bending import Filters
from instrument.tools.distil.codes import draw_codes, fields_at, grid
from instrument.tools.distil.construct import build, code_rows, config_for, lift
from instrument.tools.distil.evaluate import _in_float32
from instrument.tools.distil.run import Distillation, Schedule
from instrument.tools.distil.teacher import Teacher
from instrument.tools.distil.windows import WindowNetwork, pictures

NOTHING = Schedule(point_rounds=1, window_rounds=1, point_steps=1, window_steps=1, pool=1)


@pytest.fixture(scope="module")
def work(teacher: Teacher) -> Distillation:
    return Distillation(teacher.family, NOTHING, seed=1)


def test_it_is_a_complete_network(work: Distillation) -> None:
    check_tensors(work.config, work.tensors())


def test_the_mapping_hands_the_code_on(work: Distillation) -> None:
    codes = draw_codes(work.teacher.canvas, 4000, np.random.default_rng(0))
    tensors = work.tensors()
    w = MappingNetwork(work.config, tensors)(3.0 * codes)
    rows = code_rows(work.config.w_dim)
    torch.testing.assert_close(w @ rows.T, codes, atol=1e-4, rtol=0.0)
    torch.testing.assert_close(w.mean(dim=0), tensors["mapping.w_avg"], atol=0.06, rtol=0.0)
    torch.testing.assert_close(lift(codes, tensors["mapping.w_avg"]) @ rows.T, codes, atol=1e-4, rtol=0.0)


def test_the_fields_are_carried(work: Distillation) -> None:
    """To the second layer, where they are mixed: a thousandth of their size is lost there, and no more."""
    code = draw_codes(work.teacher.canvas, 1, np.random.default_rng(2))
    tensors, _ = build(work.config, work.teacher)
    plan = layer_plan(work.config)[1]
    ws = lift(code, tensors["mapping.w_avg"]).repeat(work.config.num_ws, 1)
    trace = SynthesisNetwork(work.config, tensors).trace(ws, IDENTITY)
    carried = list(trace)[1 + plan.index][1]
    margin = (plan.out_size - plan.out_rate) // 2
    inner = carried[margin:-margin, margin:-margin]
    fields = fields_at(work.teacher.canvas, code, grid(plan.out_rate)[None])
    step = list(work.teacher.folding.steps[1])
    for name in ("mood.0", "mood.1", "mood.2"):
        pair = 2 * step.index(name)
        read = (inner[..., pair] - inner[..., pair + 1]).flatten()
        field = fields[name][0]
        read = read * (read @ field) / (read @ read)
        assert float((read - field).std() / field.std()) < 1.5e-3


def test_built_weights_lose_nothing_in_bfloat16(work: Distillation) -> None:
    code = draw_codes(work.teacher.canvas, 1, np.random.default_rng(2))
    tensors = work.tensors()
    for plan in layer_plan(work.config)[1:4]:
        weight = tensors[f"synthesis.{plan.name}.weight"]
        exact = weight / weight.square().sum(dim=(1, 2, 3), keepdim=True).sqrt()
        own = exact[:, :-2]
        torch.testing.assert_close(own.to(torch.bfloat16).float(), own, atol=1e-7, rtol=1e-6)
    assert torch.isfinite(pictures(work.config, tensors, code)).all()


def test_windows_are_parts_of_the_whole_picture(work: Distillation) -> None:
    codes = draw_codes(work.teacher.canvas, 2, np.random.default_rng(5))
    tensors = work.tensors()
    whole = pictures(work.config, tensors, codes).permute(0, 3, 1, 2)
    junction = work.junctions(codes)
    part = WindowNetwork(work.layers, 256, 64)(junction[:, :, 24:76, 30:82], codes)
    error = (part.detach() - whole[:, :, 48:112, 60:124]).abs()
    assert float(error[..., 2:-2, 2:-2].max()) < 1e-4 * float(whole.abs().max() + 1.0)


def test_the_gradient_of_the_filters_is_that_of_their_matrices(work: Distillation) -> None:
    for plan in (layer_plan(work.config)[index] for index in (1, 2)):
        small = replace(plan, in_size=plan.in_size - plan.in_rate + 8 * plan.in_rate // 64,
                        out_size=plan.out_size - plan.out_rate + 8 * plan.out_rate // 64)  # fmt: skip
        filters = Filters(small)
        size = small.in_size + 2
        random = torch.Generator().manual_seed(1)
        x = torch.randn(1, 1, size, size, generator=random).requires_grad_(True)
        down = torch.randn(1, 1, small.out_size, small.out_size, generator=random)
        (slope,) = torch.autograd.grad((filters(x) * down).sum(), x)
        # The signal is bent, not broken: along any direction the function is a straight line but for a few kinks.
        step = 1e-3 * torch.randn(x.shape, generator=random)
        change = ((filters(x + step) - filters(x - step)) * down).sum() / 2.0
        torch.testing.assert_close(change, (slope * step).sum(), rtol=0.02, atol=1e-4)


def test_the_filters_are_those_that_play(work: Distillation) -> None:
    plan = layer_plan(work.config)[1]
    tensors = work.tensors()
    prefix = f"synthesis.{plan.name}"
    plays = _in_float32(plan, tensors[f"{prefix}.up_filter"], tensors[f"{prefix}.down_filter"], None)
    x = torch.randn(plan.in_size + 2, plan.in_size + 2, 1, generator=torch.Generator().manual_seed(0))
    one = torch.ones(1)
    expected = plays(x, one, torch.zeros(1), one)
    own = Filters(plan)(x.permute(2, 0, 1)[None])[0].permute(1, 2, 0)
    torch.testing.assert_close(own, expected, atol=2e-6, rtol=0.0)


def test_other_widths_are_refused_where_the_built_half_does_not_fit(teacher: Teacher) -> None:
    with pytest.raises(AssertionError):
        build(config_for(teacher.canvas, channel_max=24), teacher)
