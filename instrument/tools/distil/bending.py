"""The filtered leaky ReLU with a gradient, on the processor: banded matrices row by row, compiled.

``y = D lrelu(U x U^T) D^T``. Every filter runs down the rows of a plane, so that the inner loop is over columns and
vectorizes; turning the plane in between makes it run along the other axis. The gradient is the same with the matrices
transposed, and needs to remember nothing but the signs.
"""

import math

import numba
import numpy as np
import numpy.typing as npt
import torch

from instrument.generator.lrelu.plain import down_matrix, up_matrix
from instrument.generator.stylegan3.filters import low_pass
from instrument.generator.stylegan3.plan import SLOPE, LayerPlan

FloatArray = npt.NDArray[np.float32]
BEND, GAIN = np.float32(SLOPE), math.sqrt(2.0)
_AT_ONCE = 6
"""Taps in one pass over a row; all filters have a multiple of it."""


class Banded:
    """A banded matrix ``(m, n)`` as the first column and the taps ``(m, k)`` of every row."""

    def __init__(self, matrix: npt.NDArray[np.float64]) -> None:
        rows, columns = matrix.shape
        used = matrix != 0.0
        first = np.where(used.any(axis=1), used.argmax(axis=1), 0)
        last = np.where(used.any(axis=1), columns - 1 - used[:, ::-1].argmax(axis=1), 0)
        width = int((last - first).max()) + 1
        width += -width % _AT_ONCE
        # Bands that would stick out at the end begin earlier, with zeros in front.
        self.first = np.minimum(first, columns - width).astype(np.int64)
        index = self.first[:, None] + np.arange(width)
        self.taps = np.take_along_axis(matrix, index, axis=1).astype(np.float32)
        self.rows = rows


class Filters:
    """The filters of one layer, for signals of any batch ``(m, c, h, w)``."""

    def __init__(self, plan: LayerPlan) -> None:
        up_taps = low_pass(plan.up_taps, plan.in_cutoff, plan.in_half_width, plan.filter_rate).astype(np.float64)
        down_taps = low_pass(plan.down_taps, plan.out_cutoff, plan.out_half_width, plan.filter_rate).astype(np.float64)
        # The gain of the leaky ReLU commutes with it.
        up = up_matrix(up_taps, plan.conv_size, plan) * math.sqrt(GAIN)
        down = down_matrix(down_taps, up.shape[0], plan)
        self.up, self.down = Banded(up), Banded(down)
        self.up_back, self.down_back = Banded(up.T), Banded(down.T)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Up, bend, down; the leaky ReLU's gain included."""
        bent: torch.Tensor = _Bend.apply(x, self)  # type: ignore[no-untyped-call]
        return bent


class _Bend(torch.autograd.Function):
    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: torch.Tensor, filters: Filters) -> torch.Tensor:
        planes = x.detach().reshape(-1, *x.shape[2:]).contiguous().numpy()
        up, down = filters.up, filters.down
        y = np.empty((len(planes), down.rows, down.rows), np.float32)
        signs = np.empty((len(planes), up.rows, up.rows), np.bool_)
        _forward(planes, up.first, up.taps, down.first, down.taps, y, signs)
        ctx.kept = (filters, signs, x.shape)  # type: ignore[attr-defined]
        return torch.from_numpy(y).view(*x.shape[:2], down.rows, down.rows)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        filters, signs, shape = ctx.kept  # type: ignore[attr-defined]
        planes = gradients[0].reshape(-1, *gradients[0].shape[2:]).contiguous().numpy()
        up, down = filters.up_back, filters.down_back
        x = np.empty((len(planes), up.rows, up.rows), np.float32)
        _backward(planes, down.first, down.taps, up.first, up.taps, signs, x)
        return torch.from_numpy(x).view(shape), None


@numba.njit(fastmath=True, nogil=True, cache=True)
def _rows(first, taps, x, y):  # type: ignore[no-untyped-def]
    """``y = matrix @ x``."""
    width = x.shape[1]
    for m in range(len(first)):
        out = y[m]
        for k in range(0, taps.shape[1], 6):
            at = first[m] + k
            a, b, c, d, e, f = x[at], x[at + 1], x[at + 2], x[at + 3], x[at + 4], x[at + 5]
            p, q, r = taps[m, k], taps[m, k + 1], taps[m, k + 2]
            s, t, u = taps[m, k + 3], taps[m, k + 4], taps[m, k + 5]
            if k == 0:
                for j in range(width):
                    out[j] = p * a[j] + q * b[j] + r * c[j] + s * d[j] + t * e[j] + u * f[j]
            else:
                for j in range(width):
                    out[j] += p * a[j] + q * b[j] + r * c[j] + s * d[j] + t * e[j] + u * f[j]


@numba.njit(fastmath=True, nogil=True, cache=True)
def _turn(x, y):  # type: ignore[no-untyped-def]
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[j, i] = x[i, j]


@numba.njit(fastmath=True, nogil=True, cache=True)
def _forward(x, up_first, up_taps, down_first, down_taps, y, signs):  # type: ignore[no-untyped-def]
    wide, narrow, size = len(up_first), len(down_first), x.shape[1]
    tall, turned = np.empty((wide, size), np.float32), np.empty((size, wide), np.float32)
    square, flat = np.empty((wide, wide), np.float32), np.empty((narrow, wide), np.float32)
    upright = np.empty((wide, narrow), np.float32)
    for n in range(len(x)):
        _rows(up_first, up_taps, x[n], tall)
        _turn(tall, turned)
        _rows(up_first, up_taps, turned, square)
        for i in range(wide):
            for j in range(wide):
                positive = square[i, j] > 0.0
                signs[n, i, j] = positive
                square[i, j] *= np.float32(1.0) if positive else BEND
        _rows(down_first, down_taps, square, flat)
        _turn(flat, upright)
        _rows(down_first, down_taps, upright, y[n])


@numba.njit(fastmath=True, nogil=True, cache=True)
def _backward(g, down_first, down_taps, up_first, up_taps, signs, x):  # type: ignore[no-untyped-def]
    wide, size, narrow = len(down_first), len(up_first), g.shape[1]
    tall, turned = np.empty((wide, narrow), np.float32), np.empty((narrow, wide), np.float32)
    square, flat = np.empty((wide, wide), np.float32), np.empty((size, wide), np.float32)
    upright = np.empty((wide, size), np.float32)
    for n in range(len(g)):
        # The forward pass left its plane turned where it bent, and this one meets it the same way round.
        _rows(down_first, down_taps, g[n], tall)
        _turn(tall, turned)
        _rows(down_first, down_taps, turned, square)
        for i in range(wide):
            for j in range(wide):
                square[i, j] *= np.float32(1.0) if signs[n, i, j] else BEND
        _rows(up_first, up_taps, square, flat)
        _turn(flat, upright)
        _rows(up_first, up_taps, upright, x[n])
