"""The filtered leaky ReLU as one fused kernel: a band of rows goes through all five steps while it is in the cache.

Rows are channels-last, so that a step is a loop over ``x * c`` neighbours in which a pixel's shift is a shift by the
number of channels: it vectorises for any number of channels. The filters are symmetric, as a linear phase wants them,
and samples that meet the same tap are added first: half of the multiplications, and additions have units of their own.
Only one thread may run a kernel at a time: numba's simplest thread pool ends the process otherwise.

Pictures come and go as float32, or as bfloat16 carried by int16; all arithmetic is float32. Nothing here imports torch
and no slice is assigned to another, because both would double the time that compiling takes.
"""

from typing import Any

import numba
import numpy as np
from numba.extending import overload

from instrument.generator.stylegan3.plan import SLOPE

TAPS = 6
"""Input samples that one up-sampled value sees."""

DOWN_TAPS = 12
RING = 18
"""Wide rows kept for the vertical down filter: 14 for two output rows, and up to 3 that a group of 4 is ahead."""

_FAST = {"contract", "nnan", "nsz"}
"""Fused multiply-adds and plain maxima. Re-association is left out: it breaks up the chains of multiply-adds."""

_ENTRY: dict[str, Any] = {"fastmath": _FAST, "nogil": True, "cache": True, "error_model": "numpy"}
_INNER: dict[str, Any] = {**_ENTRY, "cache": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""Nobody calls the inner ones from outside, and their wrappers take time to compile."""


@numba.njit(**_INNER)
def _up_pair(a0, a1, a2, a3, a4, a5, e, y, z):  # type: ignore[no-untyped-def]
    """A phase of the up filter, and the phase that mirrors it, from the same six samples.

    `e` holds the first three taps of the phase's even part, and of its odd part.
    """
    e0, e1, e2, f0, f1, f2 = e[0], e[1], e[2], e[3], e[4], e[5]
    for j in range(y.shape[0]):
        x0, x1, x2, x3, x4, x5 = a0[j], a1[j], a2[j], a3[j], a4[j], a5[j]
        even = e0 * (x0 + x5) + e1 * (x1 + x4) + e2 * (x2 + x3)
        odd = f0 * (x0 - x5) + f1 * (x1 - x4) + f2 * (x2 - x3)
        y[j] = even + odd
        z[j] = even - odd


@numba.njit(**_INNER)
def _up_pair_bent(row, channels, e, limit, y, z):  # type: ignore[no-untyped-def]
    """`_up_pair` along a row, then the leaky ReLU and the clamp."""
    n = y.shape[0]
    a0, a1, a2 = row[:n], row[channels : channels + n], row[2 * channels : 2 * channels + n]
    a3, a4, a5 = row[3 * channels : 3 * channels + n], row[4 * channels : 4 * channels + n], row[5 * channels :]
    e0, e1, e2, f0, f1, f2 = e[0], e[1], e[2], e[3], e[4], e[5]
    slope = np.float32(SLOPE)
    for j in range(n):
        x0, x1, x2, x3, x4, x5 = a0[j], a1[j], a2[j], a3[j], a4[j], a5[j]
        even = e0 * (x0 + x5) + e1 * (x1 + x4) + e2 * (x2 + x3)
        odd = f0 * (x0 - x5) + f1 * (x1 - x4) + f2 * (x2 - x3)
        u, v = even + odd, even - odd
        y[j] = min(max(max(u, u * slope), -limit), limit)
        z[j] = min(max(max(v, v * slope), -limit), limit)


@numba.njit(**_INNER)
def _down(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, g, y):  # type: ignore[no-untyped-def]
    """The down filter, whose first six taps are `g`, over twelve rows of samples."""
    g0, g1, g2, g3, g4, g5 = g[0], g[1], g[2], g[3], g[4], g[5]
    for j in range(y.shape[0]):
        u = g0 * (a0[j] + a11[j]) + g1 * (a1[j] + a10[j]) + g2 * (a2[j] + a9[j])
        v = g3 * (a3[j] + a8[j]) + g4 * (a4[j] + a7[j]) + g5 * (a5[j] + a6[j])
        y[j] = u + v


@numba.njit(**_INNER)
def _down_pair(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, g, y, z):  # type: ignore[no-untyped-def]
    """Two output rows at once: they share ten of fourteen rows."""
    g0, g1, g2, g3, g4, g5 = g[0], g[1], g[2], g[3], g[4], g[5]
    for j in range(y.shape[0]):
        x2, x3, x4, x5, x6 = a2[j], a3[j], a4[j], a5[j], a6[j]
        x7, x8, x9, x10, x11 = a7[j], a8[j], a9[j], a10[j], a11[j]
        u = g0 * (a0[j] + x11) + g1 * (a1[j] + x10) + g2 * (x2 + x9)
        y[j] = u + (g3 * (x3 + x8) + g4 * (x4 + x7) + g5 * (x5 + x6))
        v = g0 * (x2 + a13[j]) + g1 * (x3 + a12[j]) + g2 * (x4 + x11)
        z[j] = v + (g3 * (x5 + x10) + g4 * (x6 + x9) + g5 * (x7 + x8))


@numba.njit(**_INNER)
def _down_pair_more(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, g, y, z):  # type: ignore[no-untyped-def]
    """`_down_pair`, added to what is in `y` and `z`."""
    g0, g1, g2, g3, g4, g5 = g[0], g[1], g[2], g[3], g[4], g[5]
    for j in range(y.shape[0]):
        x2, x3, x4, x5, x6 = a2[j], a3[j], a4[j], a5[j], a6[j]
        x7, x8, x9, x10, x11 = a7[j], a8[j], a9[j], a10[j], a11[j]
        u = g0 * (a0[j] + x11) + g1 * (a1[j] + x10) + g2 * (x2 + x9)
        y[j] += u + (g3 * (x3 + x8) + g4 * (x4 + x7) + g5 * (x5 + x6))
        v = g0 * (x2 + a13[j]) + g1 * (x3 + a12[j]) + g2 * (x4 + x11)
        z[j] += v + (g3 * (x5 + x10) + g4 * (x6 + x9) + g5 * (x7 + x8))


def _wide(value):  # type: ignore[no-untyped-def]
    """A picture's value as float32."""
    raise NotImplementedError


@overload(_wide)
def _wide_by_type(value):  # type: ignore[no-untyped-def]
    if value == numba.int16:
        return lambda value: np.uint32(np.uint32(value) << np.uint32(16)).view(np.float32)
    return lambda value: value


def _narrow(value, row):  # type: ignore[no-untyped-def]
    """A float32 as a value of the picture that `row` belongs to; to the nearest, ties to even."""
    raise NotImplementedError


@overload(_narrow)
def _narrow_by_type(value, row):  # type: ignore[no-untyped-def]  # noqa: ARG001
    if row.dtype == numba.int16:

        def bfloat16(value, row):  # type: ignore[no-untyped-def]  # noqa: ARG001
            bits = np.float32(value).view(np.uint32)
            return np.int16((bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16))

        return bfloat16
    return lambda value, row: value  # noqa: ARG005


@numba.njit(**_INNER)
def _tiled(values, y):  # type: ignore[no-untyped-def]
    """`values` ``(c,)`` repeated along a flat row."""
    channels = values.shape[0]
    for j in range(y.shape[0] // channels):
        for c in range(channels):
            y[j * channels + c] = values[c]


@numba.njit(**_INNER)
def _scaled(x, scale, bias, y):  # type: ignore[no-untyped-def]
    """``x * scale + bias``, flat rows."""
    for j in range(y.shape[0]):
        y[j] = _wide(x[j]) * scale[j] + bias[j]  # type: ignore[no-untyped-call]


@numba.njit(**_INNER)
def _copied(values, y):  # type: ignore[no-untyped-def]
    """`values` as they are, flat rows."""
    for j in range(y.shape[0]):
        y[j] = values[j]


@numba.njit(**_INNER)
def _read_row(x, at, border, first, last, scale, bias, y):  # type: ignore[no-untyped-def]
    """Pixels `first` to `last` of row `at` of ``(h, w, c)``, times `scale` plus `bias`.

    They are counted from the corner of `border` zeros around the picture, which are scaled too; what lies further out
    is zero and stays so.
    """
    height, width, channels = x.shape
    if not 0 <= at < height + 2 * border:
        y[:] = np.float32(0.0)
        return
    begin = max(first, border)
    end = max(min(last, width + border), begin)
    if not border <= at < height + border:
        end = begin
    a, b, n = (begin - first) * channels, (end - first) * channels, (last - first) * channels
    _copied(bias[:a], y[:a])
    if b > a:
        source = x[at - border].reshape(width * channels)[(begin - border) * channels :]
        _scaled(source, scale[a:b], bias[a:b], y[a:b])
    _copied(bias[b:n], y[b:n])


@numba.njit(**_INNER)
def _write_row(rows, scale, y):  # type: ignore[no-untyped-def]
    """Phases ``(phases, n * c)`` of one output row, scaled, in their places among the pixels ``(w, c)`` of `y`."""
    phases, channels = rows.shape[0], y.shape[1]
    for phase in range(phases):
        for v in range((y.shape[0] - phase + phases - 1) // phases):
            source = rows[phase, v * channels : (v + 1) * channels]
            target = y[v * phases + phase]
            for c in range(channels):
                target[c] = _narrow(source[c] * scale[c], target)  # type: ignore[no-untyped-call]


@numba.njit(**_INNER)
def _down_columns(wide, channels, start, g, y):  # type: ignore[no-untyped-def]
    """Down filter along a row held by phases ``(up, n * c)``; `start` is the first tap's place among them."""
    up, n = wide.shape[0], y.shape[0]
    a0 = wide[start % up, start // up * channels :][:n]
    a1 = wide[(start + 1) % up, (start + 1) // up * channels :][:n]
    a2 = wide[(start + 2) % up, (start + 2) // up * channels :][:n]
    a3 = wide[(start + 3) % up, (start + 3) // up * channels :][:n]
    a4 = wide[(start + 4) % up, (start + 4) // up * channels :][:n]
    a5 = wide[(start + 5) % up, (start + 5) // up * channels :][:n]
    a6 = wide[(start + 6) % up, (start + 6) // up * channels :][:n]
    a7 = wide[(start + 7) % up, (start + 7) // up * channels :][:n]
    a8 = wide[(start + 8) % up, (start + 8) // up * channels :][:n]
    a9 = wide[(start + 9) % up, (start + 9) // up * channels :][:n]
    a10 = wide[(start + 10) % up, (start + 10) // up * channels :][:n]
    a11 = wide[(start + 11) % up, (start + 11) // up * channels :][:n]
    _down(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, g, y)


@numba.njit(**_INNER)
def _down_rows(ring, first, g, sums):  # type: ignore[no-untyped-def]
    """Two output rows from fourteen wide rows of the ring, `first` on, summed over the filter's terms."""
    for term in range(g.shape[0]):
        a0, a1 = ring[first % RING, term], ring[(first + 1) % RING, term]
        a2, a3 = ring[(first + 2) % RING, term], ring[(first + 3) % RING, term]
        a4, a5 = ring[(first + 4) % RING, term], ring[(first + 5) % RING, term]
        a6, a7 = ring[(first + 6) % RING, term], ring[(first + 7) % RING, term]
        a8, a9 = ring[(first + 8) % RING, term], ring[(first + 9) % RING, term]
        a10, a11 = ring[(first + 10) % RING, term], ring[(first + 11) % RING, term]
        a12, a13 = ring[(first + 12) % RING, term], ring[(first + 13) % RING, term]
        if term == 0:
            _down_pair(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, g[term], sums[0], sums[1])
        else:
            _down_pair_more(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, g[term], sums[0], sums[1])


@numba.njit(**_INNER)
def _tile(x, y, scales, filters, limit, geometry, area, work):  # type: ignore[no-untyped-def]
    """Fill ``y[r0:r1, c0:c1]``; `geometry` is ``(shift, offset, border)``, `area` ``(r0, r1, c0, c1)``, `work` scratch.

    With ``m = up * q + p - shift``, wide sample m is phase p of the six inputs from ``q + offset`` on. Phases come in
    pairs, the first with the last.
    """
    in_scale, bias, out_scale = scales
    up_rows, up_columns, down_rows, down_columns = filters
    shift, offset, border = geometry
    r0, r1, c0, c1 = area
    channels = x.shape[2]
    phases = up_rows.shape[0]  # of the output columns: wide column 2 * o falls on so many phases of the up filter
    up = 2 * phases
    terms = down_rows.shape[0]
    q0 = (2 * c0 + shift) // up
    columns = (c1 - c0 + phases - 1) // phases  # of each phase
    groups = (2 * (c0 + columns * phases - 1) + DOWN_TAPS - 1 + shift) // up - q0 + 1
    wide_n, in_n, out_n = groups * channels, (groups + TAPS - 1) * channels, columns * channels
    x0 = q0 + offset
    first, last = max(x0, 0), min(x0 + groups + TAPS - 1, x.shape[1] + 2 * border)

    at = 0
    rows_in = work[at : at + 8 * in_n].reshape(8, in_n)
    at += 8 * in_n
    tiled = work[at : at + 2 * in_n].reshape(2, in_n)
    at += 2 * in_n
    tall = work[at : at + 2 * in_n].reshape(2, in_n)
    at += 2 * in_n
    wide = work[at : at + up * wide_n].reshape(up, wide_n)
    at += up * wide_n
    ring = work[at : at + RING * terms * phases * out_n].reshape(RING, terms, phases * out_n)
    at += RING * terms * phases * out_n
    sums = work[at : at + 2 * phases * out_n].reshape(2, phases * out_n)

    rows_in[:] = np.float32(0.0)
    _tiled(in_scale, tiled[0])
    _tiled(bias, tiled[1])
    begin, end = (first - x0) * channels, (last - x0) * channels

    next_in = (2 * r0 + shift) // up + offset
    next_out = r0
    last_wide = 2 * (r1 - 1) + DOWN_TAPS - 1
    for q in range((2 * r0 + shift) // up, (last_wide + shift) // up + 1):
        while next_in < q + offset + TAPS:
            row = rows_in[next_in % 8, begin:end]
            _read_row(x, next_in, border, first, last, tiled[0, begin:end], tiled[1, begin:end], row)
            next_in += 1
        top = q + offset
        a0, a1, a2 = rows_in[top % 8], rows_in[(top + 1) % 8], rows_in[(top + 2) % 8]
        a3, a4, a5 = rows_in[(top + 3) % 8], rows_in[(top + 4) % 8], rows_in[(top + 5) % 8]
        for pair in range(phases):
            _up_pair(a0, a1, a2, a3, a4, a5, up_rows[pair], tall[0], tall[1])
            for half in range(2):
                m = up * q + (up - 1 - pair if half else pair) - shift
                if m < 2 * r0 or m > last_wide:
                    continue
                for p in range(phases):
                    _up_pair_bent(tall[half], channels, up_columns[p], limit, wide[p], wide[up - 1 - p])
                for term in range(terms):
                    for phase in range(phases):
                        target = ring[m % RING, term, phase * out_n : (phase + 1) * out_n]
                        _down_columns(wide, channels, 2 * phase + shift, down_columns[term], target)
        done = up * q + up - 1 - shift
        while next_out < r1 and (2 * next_out + DOWN_TAPS + 1 <= done or (next_out == r1 - 1 and last_wide <= done)):
            _down_rows(ring, 2 * next_out, down_rows, sums)
            _write_row(sums[0].reshape(phases, out_n), out_scale, y[next_out, c0:c1])
            if next_out + 1 < r1:
                _write_row(sums[1].reshape(phases, out_n), out_scale, y[next_out + 1, c0:c1])
            next_out += 2


@numba.njit(**_INNER)
def _band(x, y, scales, filters, limit, geometry, cuts, work, band):  # type: ignore[no-untyped-def]
    """Rows of one band out of ``cuts[0]``, tile by tile."""
    bands, tile = cuts
    height, width, _ = y.shape
    r0, r1 = band * height // bands, (band + 1) * height // bands
    for c0 in range(0, width, tile):
        area = (r0, r1, c0, min(c0 + tile, width))
        _tile(x, y, scales, filters, limit, geometry, area, work[band])


@numba.njit(**_ENTRY)
def fused_one(x, y, scales, filters, limit, geometry, cuts, work):  # type: ignore[no-untyped-def]
    """Whole layer ``(h, w, c)`` to ``(out, out, c)`` in the calling thread. `geometry` says how many zeros lie around.

    `scales` are those of the input, the bias, and those of the output, ``(c,)`` each; `filters` up ``(up / 2, 6)`` and
    down ``(terms, 6)``, each by rows and columns; `cuts` is ``(bands, tile width)``, and `work` has a scratch row for
    each band.
    """
    for band in range(cuts[0]):
        _band(x, y, scales, filters, limit, geometry, cuts, work, band)


@numba.njit(**_ENTRY, parallel=True)
def fused_many(x, y, scales, filters, limit, geometry, cuts, work):  # type: ignore[no-untyped-def]
    """`fused_one` with the bands side by side. Takes twice as long to compile."""
    for band in numba.prange(cuts[0]):
        _band(x, y, scales, filters, limit, geometry, cuts, work, band)
