"""The filtered leaky ReLU of StyleGAN3 in plain torch: up-sample, bend, down-sample without aliasing.

Every FIR is a banded matrix whose rows are the polyphase taps of one output sample: no zero is inserted, nothing
is padded, and matrix products do the work. This is the reference for the fused kernel, and what plays where it cannot.
Source: Karras et al., "Alias-Free Generative Adversarial Networks", NeurIPS 2021, section 3.1.
"""

import math
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch

from instrument.generator.stylegan3.plan import SLOPE, LayerPlan

_BLOCK = 32
"""Output samples a banded matrix covers at once: long enough for a matrix product, short enough to stay banded."""

_RANK_TOLERANCE = 1e-7
"""Singular values of a radial filter below this share of the first are float32 noise."""


class FilteredLrelu(Protocol):
    """One layer's activation, ready to run. One thread at a time."""

    def __call__(
        self, x: torch.Tensor, in_scale: torch.Tensor, bias: torch.Tensor, out_scale: torch.Tensor
    ) -> torch.Tensor:
        """``(h, w, c)`` to ``(out, out, c)`` float32, contiguous: filtered_lrelu(x * in_scale + bias) * out_scale.

        Where `x` is smaller than what the layer's convolution makes, zeros lie around it. The scales and `bias` are
        ``(c,)``. The result may be a buffer that the next call overwrites.
        """
        ...


class FilteredLreluFactory(Protocol):
    """Makes the activation of one layer."""

    def __call__(
        self, plan: LayerPlan, up_filter: torch.Tensor, down_filter: torch.Tensor, conv_clamp: float | None
    ) -> FilteredLrelu:
        """Filters are ``(taps,)``, or ``(taps, taps)`` for a radial `down_filter`."""
        ...


class PlainFilteredLrelu:
    """`FilteredLrelu` by banded matrix products, for separable and radial filters, on its filters' device.

    It calculates in `dtype`, and so must its input be. Long blocks suit a device on which every product costs a start.
    """

    def __init__(
        self,
        plan: LayerPlan,
        up_filter: torch.Tensor,
        down_filter: torch.Tensor,
        conv_clamp: float | None,
        dtype: torch.dtype = torch.float32,
        block: int = _BLOCK,
    ) -> None:
        self._size = plan.conv_size
        up = up_matrix(tap_values(up_filter), self._size, plan)
        self._dtype = dtype

        def banded(matrix: npt.NDArray[np.float64]) -> _Banded:
            return _Banded(torch.from_numpy(matrix).to(up_filter.device, dtype), block)

        # The gain sqrt(2) commutes with the leaky ReLU and rides on one of the two up filters.
        self._up_rows = banded(up * math.sqrt(2.0))
        self._up_columns = banded(up)
        self._down = [
            (banded(down_matrix(rows, up.shape[0], plan)), banded(down_matrix(columns, up.shape[0], plan)))
            for rows, columns in separable_terms(tap_values(down_filter))
        ]
        self._clamp = math.inf if conv_clamp is None else conv_clamp

    def __call__(
        self, x: torch.Tensor, in_scale: torch.Tensor, bias: torch.Tensor, out_scale: torch.Tensor
    ) -> torch.Tensor:
        """See `FilteredLrelu`."""
        x = bordered(x, self._size)
        in_scale, bias, out_scale = (values.to(self._dtype) for values in (in_scale, bias, out_scale))
        scaled = torch.addcmul(bias, x, in_scale).permute(0, 2, 1).contiguous()  # (h, c, w): both axes as products
        wide = self._up_columns.along_last(self._up_rows.along_first(scaled))
        bent = torch.nn.functional.leaky_relu_(wide, SLOPE)
        if self._clamp < math.inf:
            bent.clamp_(-self._clamp, self._clamp)
        narrow = sum(rows.along_first(columns.along_last(bent)) for rows, columns in self._down)
        assert isinstance(narrow, torch.Tensor)
        return (narrow.permute(0, 2, 1) * out_scale).contiguous()


def bordered(x: torch.Tensor, size: int) -> torch.Tensor:
    """`x` ``(h, h, c)`` with as many zeros around it as ``(size, size, c)`` asks for."""
    border = (size - len(x)) // 2
    return torch.nn.functional.pad(x, (0, 0, border, border, border, border)) if border else x


class _Banded:
    """A banded matrix ``(m, n)`` cut into dense blocks."""

    def __init__(self, matrix: torch.Tensor, block: int) -> None:
        self._blocks = [
            dense_block(matrix, start, min(start + block, len(matrix))) for start in range(0, len(matrix), block)
        ]

    def along_last(self, x: torch.Tensor) -> torch.Tensor:
        """``(a, b, n)`` to ``(a, b, m)``."""
        return torch.cat([x[..., begin:end] @ block.T for begin, end, block in self._blocks], dim=-1)

    def along_first(self, x: torch.Tensor) -> torch.Tensor:
        """``(n, a, b)`` to ``(m, a, b)``."""
        flat = x.reshape(x.shape[0], -1)
        rows = torch.cat([block @ flat[begin:end] for begin, end, block in self._blocks])
        return rows.view(-1, *x.shape[1:])


def dense_block(matrix: torch.Tensor, start: int, stop: int) -> tuple[int, int, torch.Tensor]:
    """Rows `start` to `stop` of a banded matrix: the first column they need, the one past the last, and the block."""
    used = matrix[start:stop].ne(0.0).any(dim=0).nonzero().flatten().tolist()
    begin, end = (used[0], used[-1] + 1) if used else (0, 1)
    return begin, end, matrix[start:stop, begin:end].contiguous()


def tap_values(taps: torch.Tensor) -> npt.NDArray[np.float64]:
    """A stored filter as float64."""
    return taps.cpu().numpy().astype(np.float64)


def up_matrix(taps: npt.NDArray[np.float64], in_size: int, plan: LayerPlan) -> npt.NDArray[np.float64]:
    """Up-sampling FIR with gain `up` as ``(wide, in_size)``: row m is the polyphase component of phase m mod up.

    Output m meets input i at tap ``up * i + lo - m`` of the reversed filter; what lies outside the picture is zero.
    """
    wide = in_size * plan.up + plan.pad_lo + plan.pad_hi - len(taps) + 1
    tap = plan.up * np.arange(in_size)[None, :] + plan.pad_lo - np.arange(wide)[:, None]
    return _taps_at(plan.up * taps[::-1], tap)


def down_matrix(taps: npt.NDArray[np.float64], wide: int, plan: LayerPlan) -> npt.NDArray[np.float64]:
    """FIR and decimation as ``(out_size, wide)``: output o meets sample m at tap ``m - down * o``, filter reversed."""
    tap = np.arange(wide)[None, :] - plan.down * np.arange(plan.out_size)[:, None]
    return _taps_at(taps[::-1], tap)


def _taps_at(taps: npt.NDArray[np.float64], index: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    inside = (index >= 0) & (index < len(taps))
    return np.where(inside, taps[np.clip(index, 0, len(taps) - 1)], 0.0)


def separable_terms(
    kernel: npt.NDArray[np.float64],
) -> list[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
    """``(rows, columns)`` filters whose outer products add up to `kernel`: one pair if it is separable.

    A radial low-pass is nearly separable, so that few pairs reach float32 exactness.
    """
    if kernel.ndim == 1:
        return [(kernel, kernel)]
    left, strength, right = np.linalg.svd(kernel)
    rank = max(int(np.sum(strength > _RANK_TOLERANCE * strength[0])), 1)
    return [(left[:, k] * strength[k], right[k]) for k in range(rank)]
