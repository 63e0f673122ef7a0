import pytest
import torch

from instrument.generator.ordered_sums import LANES, NARROW, linear


@pytest.mark.parametrize("width", [1, 5, NARROW, NARROW + 1, 8 * LANES, 512])
def test_it_is_the_product_to_rounding(width: int) -> None:
    draw = torch.Generator().manual_seed(width)
    x, weight, bias = (torch.randn(*shape, generator=draw) for shape in ((3, width), (7, width), (7,)))
    found, exact = linear(x, weight, bias), x.double() @ weight.double().T + bias
    assert found.dtype == torch.float32
    assert (found - exact).abs().max() < 1e-6 * width**0.5 * 4


def test_a_row_does_not_depend_on_the_others() -> None:
    draw = torch.Generator().manual_seed(0)
    x, weight, bias = (torch.randn(*shape, generator=draw) for shape in ((8, 128), (16, 128), (16,)))
    assert torch.equal(linear(x, weight, bias)[3], linear(x[3:4], weight, bias)[0])


def test_few_are_summed_in_order() -> None:
    x = torch.tensor([[1e8, 1.0, -1e8, 1.0]])
    assert linear(x, torch.ones(1, 4), torch.zeros(1)).item() == 1.0
