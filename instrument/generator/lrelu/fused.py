"""The fused kernel as a layer's activation: filters in its order, tiles, scratch memory."""

import math

import numpy as np
import numpy.typing as npt
import torch

from instrument.generator.lrelu.compiling import ENTRIES
from instrument.generator.lrelu.kernel import CHANNELS, RING, ROWS, ROWS_IN
from instrument.generator.lrelu.loader import entry_for
from instrument.generator.lrelu.plain import separable_terms
from instrument.generator.lrelu.vectors import DOWN_TAPS, LANES, TAPS
from instrument.generator.stylegan3.plan import LayerPlan

_TILE_PIXELS = 288
"""Of a row, at most, in one tile, if its filter has one term: so the rows for all terms fit the second cache."""
_ASYMMETRY = 1e-6
"""Of the largest tap: what rounding to float32 leaves of a symmetric filter."""
_LINE = 16
"""Values in a line of the cache."""


class Workspace:
    """Scratch memory that all layers of one network share, one row a band."""

    def __init__(self, bands: int) -> None:
        self.bands = bands
        self._work = _aligned(bands, 0)

    def rows(self, size: int) -> npt.NDArray[np.float32]:
        """``(bands, size or more)``."""
        if self._work.shape[1] < size:
            self._work = _aligned(self.bands, size)
        return self._work


def usable(plan: LayerPlan, up_filter: torch.Tensor, down_filter: torch.Tensor) -> bool:
    """Whether the kernel is made for this layer's rates and filters."""
    return (
        plan.up in (2, 4)
        and plan.down == 2
        and len(up_filter) == TAPS * plan.up
        and len(down_filter) == DOWN_TAPS
        and all(_is_symmetric(taps) for taps in (up_filter, down_filter))
    )


def _is_symmetric(taps: torch.Tensor) -> bool:
    largest = float(taps.abs().max())
    return all(torch.allclose(taps, taps.flip(axis), rtol=0.0, atol=_ASYMMETRY * largest) for axis in range(taps.ndim))


class FusedFilteredLrelu:
    """`FilteredLrelu` by the fused kernel, float32 or bfloat16. The result is overwritten by the next call."""

    def __init__(
        self,
        plan: LayerPlan,
        up_filter: torch.Tensor,
        down_filter: torch.Tensor,
        conv_clamp: float | None,
        workspace: Workspace,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """`dtype` is that of the pictures in and out. The bands of `workspace` run side by side."""
        assert usable(plan, up_filter, down_filter)
        up_phases = _phases(up_filter.numpy().astype(np.float64), plan.up)
        terms = separable_terms(down_filter.numpy().astype(np.float64))
        # The gain sqrt(2) commutes with the leaky ReLU and rides on one of the two up filters.
        self._filters = (
            _float32(up_phases * math.sqrt(2.0)),
            _float32(up_phases),
            _float32([_first_half(rows) for rows, _ in terms]),
            _float32([_first_half(columns) for _, columns in terms]),
        )
        self._limit = np.float32(3e38 if conv_clamp is None else conv_clamp)
        shift = (plan.up - 1 - plan.pad_lo) % plan.up
        self._size = plan.conv_size
        self._geometry = (shift, (plan.up - 1 - shift - plan.pad_lo) // plan.up)
        count = -(-plan.out_size * len(terms) // _TILE_PIXELS)
        self.tile = -(-plan.out_size // count // 2) * 2
        self._cuts = (workspace.bands, self.tile)
        self._work = workspace
        self._work_size = _work_size(self.tile, plan, len(terms))
        workspace.rows(self._work_size)
        self._y = torch.zeros(plan.out_size, plan.out_size, plan.out_channels, dtype=dtype)
        self._run = ENTRIES[entry_for(workspace.bands)]

    def __call__(
        self, x: torch.Tensor, in_scale: torch.Tensor, bias: torch.Tensor, out_scale: torch.Tensor
    ) -> torch.Tensor:
        """See `FilteredLrelu`."""
        self._run(
            _values(x),
            _values(self._y),
            (in_scale.numpy(), bias.numpy(), out_scale.numpy()),
            self._filters,
            self._limit,
            (*self._geometry, (self._size - len(x)) // 2),
            self._cuts,
            self._work.rows(self._work_size),
        )
        return self._y


def _values(picture: torch.Tensor) -> npt.NDArray[np.generic]:
    """The memory of a picture as the kernel takes it: numpy knows no bfloat16."""
    values: npt.NDArray[np.generic] = picture.view(
        torch.int16 if picture.dtype == torch.bfloat16 else picture.dtype
    ).numpy()
    return values


def _phases(taps: npt.NDArray[np.float64], up: int) -> npt.NDArray[np.float64]:
    """Polyphase components with gain `up`, in the order in which they meet the input: ``(up / 2, TAPS)``.

    Of each, the first half of its even part, then of its odd part; the other components mirror these.
    """
    place = len(taps) - up * (np.arange(TAPS) + 1)[None, :] + np.arange(up // 2)[:, None]
    phases: npt.NDArray[np.float64] = up * taps[place]
    mirrored = phases[:, ::-1]
    return 0.5 * np.concatenate([(phases + mirrored)[:, : TAPS // 2], (phases - mirrored)[:, : TAPS // 2]], axis=1)


def _first_half(taps: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    half: npt.NDArray[np.float64] = 0.5 * (taps + taps[::-1])[: DOWN_TAPS // 2]
    return half


def _aligned(bands: int, size: int) -> npt.NDArray[np.float32]:
    """Zeros ``(bands, size or more)`` whose rows begin with a line of the cache: no vector lies across two."""
    zeros: npt.NDArray[np.float32] = torch.zeros(bands, -(-size // _LINE) * _LINE).numpy()
    return zeros


def _float32(values: npt.ArrayLike) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(values, dtype=np.float32)


def _work_size(tile: int, plan: LayerPlan, terms: int) -> int:
    """Scratch values that `_tile` cuts up, generously."""
    count = (2 * tile + DOWN_TAPS) // plan.up + 2
    blocks = -(-min(plan.out_channels, CHANNELS) // LANES)
    row_in, row_out = (count + TAPS) * LANES, count * (plan.up // 2) * LANES
    scales, kept = 3 * blocks * LANES, (DOWN_TAPS + count * plan.up) * LANES
    return scales + kept + (ROWS_IN * blocks + ROWS) * row_in + (RING * terms + 2 * ROWS) * blocks * row_out
