"""Matrix products whose sums come in a fixed order.

In float32 the order of a sum shows in the seventh digit, and a library's order depends on the processor, the version
and the number of rows. These come in the order that reproduces reference numbers of the published code best: one
after the other where few are summed (to the last bit), and sixteen side by side, as 512-bit registers hold them,
where many are.
"""

import torch

LANES = 16
NARROW = 64
"""Up to so many products are summed one after the other."""


def linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """``x @ weight.T + bias`` in float32: ``(n, k)``, ``(m, k)``, ``(m,)`` to ``(n, m)``.

    >>> linear(torch.ones(1, 3), torch.eye(3)[:2], torch.tensor([0.5, 0.0]))
    tensor([[1.5000, 1.0000]])
    """
    width = x.shape[1]
    lanes = LANES if width > NARROW and width % LANES == 0 else 1
    # Each step multiplies and adds with one rounding, as the processor's fused operation does.
    left = x.double().reshape(len(x), 1, width // lanes, lanes)
    right = weight.double().reshape(1, len(weight), width // lanes, lanes)
    sums = torch.zeros(len(x), len(weight), lanes)
    for step in range(width // lanes):
        sums = (sums.double() + left[:, :, step] * right[:, :, step]).float()
    return _across(sums) + bias


def _across(sums: torch.Tensor) -> torch.Tensor:
    """Sum of the lanes ``(..., 16)`` or ``(..., 1)``: halves of the register twice, then neighbours twice."""
    for _ in range(2):
        if sums.shape[-1] > 1:
            low, high = sums.chunk(2, dim=-1)
            sums = low + high
    while sums.shape[-1] > 1:
        sums = sums[..., 0::2] + sums[..., 1::2]
    return sums[..., 0]
