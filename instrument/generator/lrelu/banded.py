"""The filtered leaky ReLU in plain torch for pictures that must not wait: in bands of rows, in memory taken once.

The wide signal between the filters is larger than a processor's caches. A band of it is not, and a product that
writes where its result belongs needs no new memory. A fifth faster than `PlainFilteredLrelu`, which stays the
reference: this one cannot be differentiated.
"""

import math
import threading
from dataclasses import dataclass

import torch

from instrument.generator.lrelu.plain import bordered, dense_block, down_matrix, separable_terms, tap_values, up_matrix
from instrument.generator.stylegan3.plan import SLOPE, LayerPlan

_BAND = 32
"""Output rows of a band: enough that the rows which two bands share do not count."""

_BLOCK = 16
"""Samples that one product makes: more would be mostly zeros, fewer mostly calls."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Part of a banded matrix: ``out[start:stop] = matrix @ x[first:last]``."""

    start: int
    stop: int
    first: int
    last: int
    matrix: torch.Tensor


@dataclass(frozen=True, slots=True)
class _Band:
    """Output rows `start` to `stop` and what makes them: wide rows `first` to `last`, in blocks, and their sum."""

    start: int
    stop: int
    first: int
    last: int
    up: list[_Block]
    down: list[torch.Tensor]


class _Scratch(threading.local):
    """Memory by name, of the largest size that was asked for; all layers of a thread share it."""

    def __init__(self) -> None:
        self._memory: dict[str, torch.Tensor] = {}

    def take(self, name: str, *shape: int) -> torch.Tensor:
        """Float32 of whatever was in it last."""
        count = math.prod(shape)
        if name not in self._memory or self._memory[name].numel() < count:
            with torch.inference_mode(False):
                self._memory[name] = torch.empty(count)
        return self._memory[name][:count].view(shape)


_SCRATCH = _Scratch()


class BandedFilteredLrelu:
    """`FilteredLrelu` on the processor in float32. The result is overwritten by the next call."""

    def __init__(
        self, plan: LayerPlan, up_filter: torch.Tensor, down_filter: torch.Tensor, conv_clamp: float | None
    ) -> None:
        self._plan = plan
        up = torch.from_numpy(up_matrix(tap_values(up_filter), plan.conv_size, plan))
        terms = [
            tuple(torch.from_numpy(down_matrix(taps, len(up), plan)).float() for taps in pair)
            for pair in separable_terms(tap_values(down_filter))
        ]
        # The gain sqrt(2) commutes with the leaky ReLU and rides on one of the two up filters.
        up_rows = (up * math.sqrt(2.0)).float()
        self._up_columns = _transposed(_blocks(up.float(), _BLOCK))
        self._down_columns = [_transposed(_blocks(columns, _BLOCK)) for _, columns in terms]
        self._bands = [_band(up_rows, [rows for rows, _ in terms], band) for band in _blocks(terms[0][0], _BAND)]
        self._wide = len(up)
        self._clamp = math.inf if conv_clamp is None else conv_clamp
        self._y = torch.empty(plan.out_size, plan.out_size, plan.out_channels)

    def __call__(
        self, x: torch.Tensor, in_scale: torch.Tensor, bias: torch.Tensor, out_scale: torch.Tensor
    ) -> torch.Tensor:
        """See `FilteredLrelu`."""
        x = bordered(x, self._plan.conv_size)
        size, _, channels = x.shape
        out_size = self._plan.out_size
        scaled = torch.addcmul(bias, x, in_scale, out=_SCRATCH.take("scaled", size, size, channels))
        turned = _SCRATCH.take("turned", size, channels, size).copy_(scaled.permute(0, 2, 1)).view(size, -1)
        narrow = _SCRATCH.take("narrow", out_size, channels * out_size)
        for band in self._bands:
            wide = self._wide_rows(turned, band, channels, size)
            for term, columns in enumerate(self._down_columns):
                sums = self._narrow_columns(wide, columns, band.last - band.first)
                target = narrow[band.start : band.stop]
                torch.addmm(target, band.down[term], sums, beta=float(term > 0), out=target)
        return torch.mul(narrow.view(out_size, channels, out_size).permute(0, 2, 1), out_scale, out=self._y)

    def _wide_rows(self, x: torch.Tensor, band: _Band, channels: int, size: int) -> torch.Tensor:
        """Both up filters and the bend: `x` ``(size, c * size)`` to ``(rows * c, wide)``."""
        rows = band.last - band.first
        tall = _SCRATCH.take("tall", rows, channels * size)
        for block in band.up:
            torch.mm(block.matrix, x[block.first : block.last], out=tall[block.start : block.stop])
        lines, wide = tall.view(rows * channels, size), _SCRATCH.take("wide", rows * channels, self._wide)
        _columns(lines, self._up_columns, wide)
        torch.nn.functional.leaky_relu_(wide, SLOPE)
        return wide.clamp_(-self._clamp, self._clamp) if self._clamp < math.inf else wide

    def _narrow_columns(self, wide: torch.Tensor, columns: list[_Block], rows: int) -> torch.Tensor:
        """``(rows * c, wide)`` to ``(rows, c * out_size)``."""
        lines = _SCRATCH.take("lines", wide.shape[0], self._plan.out_size)
        _columns(wide, columns, lines)
        return lines.view(rows, -1)


def _columns(x: torch.Tensor, blocks: list[_Block], y: torch.Tensor) -> None:
    for block in blocks:
        torch.mm(x[:, block.first : block.last], block.matrix, out=y[:, block.start : block.stop])


def _blocks(matrix: torch.Tensor, step: int) -> list[_Block]:
    """A banded matrix ``(m, n)`` in dense parts of `step` rows, each with the columns that it needs."""
    ends = ((start, min(start + step, len(matrix))) for start in range(0, len(matrix), step))
    return [_Block(start, stop, *dense_block(matrix, start, stop)) for start, stop in ends]


def _transposed(blocks: list[_Block]) -> list[_Block]:
    return [_Block(b.start, b.stop, b.first, b.last, b.matrix.T.contiguous()) for b in blocks]


def _band(up_rows: torch.Tensor, down_rows: list[torch.Tensor], cut: _Block) -> _Band:
    """The band of output rows that `cut` makes; every term of the filter needs the same wide rows."""
    up = _blocks(up_rows[cut.first : cut.last], _BLOCK)
    down = [rows[cut.start : cut.stop, cut.first : cut.last].contiguous() for rows in down_rows]
    return _Band(cut.start, cut.stop, cut.first, cut.last, up, down)
