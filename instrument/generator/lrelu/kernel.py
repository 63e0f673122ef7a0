"""The filtered leaky ReLU as one fused kernel: a band of rows goes through all five steps while it is in the cache.

Rows hold a few blocks of `LANES` channels, and of each its pixels one after another: across rows a step is a plain
loop over such a row, along a row it is one of `vectors`. The filters are symmetric, as a linear phase wants them, and
samples that meet the same tap are added first: half of the multiplications, and additions have units of their own.
Four rows are made at a time, because neighbours share most of what they are made from. Only one thread may run a
kernel at a time: numba's simplest thread pool ends the process otherwise.

Pictures come and go as float32, or as bfloat16 carried by int16; all arithmetic is float32. Nothing here imports torch
and no slice is assigned to another, because both would double the time that compiling takes.
"""

from typing import Any

import numba
import numpy as np
from numba.extending import overload

from instrument.generator.lrelu.vectors import DOWN_TAPS, LANES, TAPS, along_2, along_4, read_pixels, write_pixels

VECTORS = "cb9ea7f1291f"
"""Digest of the source of `vectors`. numba compiles anew when this file has changed: so a change there shows here."""

ROWS = 4
"""Made at a time, tall ones and those of the picture."""
ROWS_IN = 8
"""Kept of the input: up to seven give four tall ones."""
RING = 22
"""Rows kept for the down filter across: 18 for four of the picture, and up to 4 that the newest ones are ahead."""
CHANNELS = 32
"""Of one pass: its pixels fill whole lines of the cache in either type, and its rows the second cache."""

_FAST = {"contract", "nnan", "nsz"}
"""Fused multiply-adds and plain maxima. Re-association is left out: it breaks up the chains of multiply-adds."""

_ENTRY: dict[str, Any] = {"fastmath": _FAST, "nogil": True, "cache": True, "error_model": "numpy"}
_INNER: dict[str, Any] = {**_ENTRY, "cache": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""Nobody calls the inner ones from outside, and their wrappers take time to compile."""


@numba.njit(**_INNER)
def _up_2(a0, a1, a2, a3, a4, a5, a6, e, tall):  # type: ignore[no-untyped-def]
    """Two phases at two places: the first from six rows, and the phase that mirrors it; the same one row later.

    `e` holds the first three taps of the phase's even part, and of its odd part.
    """
    e0, e1, e2, f0, f1, f2 = e[0, 0], e[0, 1], e[0, 2], e[0, 3], e[0, 4], e[0, 5]
    y0, y1, y2, y3 = tall[0], tall[1], tall[2], tall[3]
    for j in range(y0.shape[0]):
        x1, x2, x3, x4, x5 = a1[j], a2[j], a3[j], a4[j], a5[j]
        x0, x6 = a0[j], a6[j]
        even = e0 * (x0 + x5) + e1 * (x1 + x4) + e2 * (x2 + x3)
        odd = f0 * (x0 - x5) + f1 * (x1 - x4) + f2 * (x2 - x3)
        y0[j] = even + odd
        y1[j] = even - odd
        even = e0 * (x1 + x6) + e1 * (x2 + x5) + e2 * (x3 + x4)
        odd = f0 * (x1 - x6) + f1 * (x2 - x5) + f2 * (x3 - x4)
        y2[j] = even + odd
        y3[j] = even - odd


@numba.njit(**_INNER)
def _up_4(a0, a1, a2, a3, a4, a5, e, tall):  # type: ignore[no-untyped-def]
    """Four phases at one place: the first two from six rows, and those that mirror them."""
    e0, e1, e2, f0, f1, f2 = e[0, 0], e[0, 1], e[0, 2], e[0, 3], e[0, 4], e[0, 5]
    g0, g1, g2, h0, h1, h2 = e[1, 0], e[1, 1], e[1, 2], e[1, 3], e[1, 4], e[1, 5]
    y0, y1, y2, y3 = tall[0], tall[1], tall[2], tall[3]
    for j in range(y0.shape[0]):
        x0, x1, x2, x3, x4, x5 = a0[j], a1[j], a2[j], a3[j], a4[j], a5[j]
        s0, s1, s2 = x0 + x5, x1 + x4, x2 + x3
        d0, d1, d2 = x0 - x5, x1 - x4, x2 - x3
        even = e0 * s0 + e1 * s1 + e2 * s2
        odd = f0 * d0 + f1 * d1 + f2 * d2
        y0[j] = even + odd
        y3[j] = even - odd
        even = g0 * s0 + g1 * s1 + g2 * s2
        odd = h0 * d0 + h1 * d1 + h2 * d2
        y1[j] = even + odd
        y2[j] = even - odd


@numba.njit(**_INNER)
def _up_rows(x, first, e, tall):  # type: ignore[no-untyped-def]
    """Four tall rows from six or seven of `x` ``(ROWS_IN, n)``, in which they go round; `first` is the first one."""
    a0, a1, a2 = x[first % ROWS_IN], x[(first + 1) % ROWS_IN], x[(first + 2) % ROWS_IN]
    a3, a4, a5 = x[(first + 3) % ROWS_IN], x[(first + 4) % ROWS_IN], x[(first + 5) % ROWS_IN]
    if e.shape[0] == 1:
        _up_2(a0, a1, a2, a3, a4, a5, x[(first + 6) % ROWS_IN], e, tall)
    else:
        _up_4(a0, a1, a2, a3, a4, a5, e, tall)


@numba.njit(**_INNER)
def _down_4(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, g, y):  # type: ignore[no-untyped-def]
    """Four rows of the picture by the down filter, whose first six taps are `g`: each two rows further on."""
    g0, g1, g2, g3, g4, g5 = g[0], g[1], g[2], g[3], g[4], g[5]
    y0, y1, y2, y3 = y[0], y[1], y[2], y[3]
    for j in range(y0.shape[0]):
        x2, x3, x4, x5, x6, x7, x8, x9 = a2[j], a3[j], a4[j], a5[j], a6[j], a7[j], a8[j], a9[j]
        x10, x11, x12, x13, x14, x15 = a10[j], a11[j], a12[j], a13[j], a14[j], a15[j]
        u = g0 * (a0[j] + x11) + g1 * (a1[j] + x10) + g2 * (x2 + x9)
        y0[j] = u + (g3 * (x3 + x8) + g4 * (x4 + x7) + g5 * (x5 + x6))
        u = g0 * (x2 + x13) + g1 * (x3 + x12) + g2 * (x4 + x11)
        y1[j] = u + (g3 * (x5 + x10) + g4 * (x6 + x9) + g5 * (x7 + x8))
        u = g0 * (x4 + x15) + g1 * (x5 + x14) + g2 * (x6 + x13)
        y2[j] = u + (g3 * (x7 + x12) + g4 * (x8 + x11) + g5 * (x9 + x10))
        u = g0 * (x6 + a17[j]) + g1 * (x7 + a16[j]) + g2 * (x8 + x15)
        y3[j] = u + (g3 * (x9 + x14) + g4 * (x10 + x13) + g5 * (x11 + x12))


@numba.njit(**_INNER)
def _down_rows(ring, first, g, more, y):  # type: ignore[no-untyped-def]
    """Four rows of the picture from eighteen of the ring, `first` on, summed over the filter's terms."""
    for term in range(g.shape[0]):
        a0, a1, a2 = ring[first % RING, term], ring[(first + 1) % RING, term], ring[(first + 2) % RING, term]
        a3, a4, a5 = ring[(first + 3) % RING, term], ring[(first + 4) % RING, term], ring[(first + 5) % RING, term]
        a6, a7, a8 = ring[(first + 6) % RING, term], ring[(first + 7) % RING, term], ring[(first + 8) % RING, term]
        a9, a10, a11 = ring[(first + 9) % RING, term], ring[(first + 10) % RING, term], ring[(first + 11) % RING, term]
        a12, a13, a14 = (
            ring[(first + 12) % RING, term],
            ring[(first + 13) % RING, term],
            ring[(first + 14) % RING, term],
        )
        a15, a16, a17 = (
            ring[(first + 15) % RING, term],
            ring[(first + 16) % RING, term],
            ring[(first + 17) % RING, term],
        )
        target = more if term else y
        _down_4(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, g[term], target)
        if term:
            for row in range(ROWS):
                for j in range(y.shape[1]):
                    y[row, j] += more[row, j]


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
def _channel(block, channels):  # type: ignore[no-untyped-def]
    """The first one of a block. The last block begins early, so that it is full; where there are fewer it is the only
    one."""
    return max(min(block * LANES, channels - LANES), 0)


@numba.njit(**_INNER)
def _filled(y, n, values):  # type: ignore[no-untyped-def]
    """`values` ``(LANES,)`` at the first `n` pixels of a flat row."""
    for j in range(n):
        for c in range(LANES):
            y[j * LANES + c] = values[c]


@numba.njit(**_INNER)
def _read_row(x, at, border, first, last, block, scale, bias, y):  # type: ignore[no-untyped-def]
    """Pixels `first` to `last` of row `at` of ``(h, w, c)``, times `scale` plus `bias`, to `y` ``(blocks, n * LANES)``.

    They are counted from the corner of `border` zeros around the picture, which are scaled too; what lies further out
    is zero and stays so. `block` is the first of those read.
    """
    height, width, channels = x.shape
    if not 0 <= at < height + 2 * border:
        y[:] = np.float32(0.0)
        return
    begin = max(first, border)
    end = max(min(last, width + border), begin)
    if not border <= at < height + border:
        end = begin
    for k in range(y.shape[0]):
        _filled(y[k], begin - first, bias[k])
        target = y[k, (begin - first) * LANES :]
        if end > begin:
            source = x[at - border].reshape(width * channels)
            source = source[(begin - border) * channels + _channel(block + k, channels) :]
            if channels >= LANES:
                read_pixels(source, channels, end - begin, scale[k], bias[k], target)  # type: ignore[call-arg]
            else:
                for j in range(end - begin):
                    for c in range(channels):
                        value = _wide(source[j * channels + c])  # type: ignore[no-untyped-call]
                        target[j * LANES + c] = value * scale[k, c] + bias[k, c]
        _filled(y[k, (end - first) * LANES :], last - end, bias[k])


@numba.njit(**_INNER)
def _write_row(row, block, scale, y):  # type: ignore[no-untyped-def]
    """The pixels of ``(blocks, n * LANES)``, scaled, to `y` ``(n, c)``; `block` is the first of them."""
    n, channels = y.shape
    flat = y.reshape(n * channels)
    for k in range(row.shape[0]):
        if channels >= LANES:
            write_pixels(row[k], n, scale[k], channels, flat[_channel(block + k, channels) :])  # type: ignore[call-arg]
        else:
            for j in range(n):
                for c in range(channels):
                    flat[j * channels + c] = _narrow(row[k, j * LANES + c] * scale[k, c], flat)  # type: ignore[no-untyped-call]


@numba.njit(**_INNER)
def _spread(values, block, y):  # type: ignore[no-untyped-def]
    """`values` ``(c,)`` to `y` ``(blocks, LANES)``; `block` is the first of them."""
    for k in range(y.shape[0]):
        first = _channel(block + k, values.shape[0])
        for c in range(min(LANES, values.shape[0])):
            y[k, c] = values[first + c]


@numba.njit(**_INNER)
def _scratch(work, blocks, terms, samples, in_n, out_n):  # type: ignore[no-untyped-def]
    """`work` cut up: the scales, rows of the input, tall rows, samples of a row, the ring, and twice rows of a picture.

    `in_n` and `out_n` are values in a row of one block, tall and filtered; `samples` are pixels of such a row.
    """
    at = 3 * blocks * LANES
    spread = work[:at].reshape(3, blocks, LANES)
    rows_in = work[at : at + ROWS_IN * blocks * in_n].reshape(blocks, ROWS_IN, in_n)
    at += ROWS_IN * blocks * in_n
    tall = work[at : at + ROWS * in_n].reshape(ROWS, in_n)
    at += ROWS * in_n
    kept = work[at : at + (DOWN_TAPS + samples) * LANES]
    at += (DOWN_TAPS + samples) * LANES
    ring = work[at : at + RING * terms * blocks * out_n].reshape(RING, terms * blocks * out_n)
    at += RING * terms * blocks * out_n
    sums = work[at : at + ROWS * blocks * out_n].reshape(ROWS, blocks * out_n)
    at += ROWS * blocks * out_n
    more = work[at : at + ROWS * blocks * out_n].reshape(ROWS, blocks * out_n)
    return spread, rows_in, tall, kept, ring, sums, more


@numba.njit(**_INNER)
def _along_row(x, count, up_taps, limit, down_taps, stride, y, kept):  # type: ignore[no-untyped-def]
    """Both filters along a row, see `vectors`."""
    if up_taps.shape[0] == 1:
        along_2(x, count, up_taps, limit, down_taps, stride, y, kept)
    else:
        along_4(x, count, up_taps, limit, down_taps, stride, y, kept)


@numba.njit(**_INNER)
def _tile(x, y, scales, filters, limit, geometry, area, work):  # type: ignore[no-untyped-def]
    """Fill ``y[r0:r1, c0:c1]`` of the channel blocks ``b0`` to ``b1``.

    `geometry` is ``(shift, offset, border)``, `area` ``(r0, r1, c0, c1, b0, b1)``, `work` scratch. With
    ``m = up * q + p - shift``, wide sample m is phase p of the six inputs from ``q + offset`` on. Phases come in pairs,
    the first with the last.
    """
    up_rows, up_columns, down_rows, down_columns = filters
    shift, offset, border = geometry
    r0, r1, c0, c1, b0, b1 = area
    up, terms, blocks = 2 * up_rows.shape[0], down_rows.shape[0], b1 - b0
    q0 = (2 * c0 + shift) // up
    count = (2 * (c1 - 1) + DOWN_TAPS - 1 + shift) // up - q0 + 1  # places along a row
    in_n, out_n = (count + TAPS - 1) * LANES, count * (up // 2) * LANES
    x0 = q0 + offset
    first, last = max(x0, 0), min(x0 + count + TAPS - 1, x.shape[1] + 2 * border)
    skip = (2 * c0 + shift - up * q0 + DOWN_TAPS - 1) // 2 * LANES  # values that heard too few samples

    spread, rows_in, tall, kept, ring, sums, more = _scratch(work, blocks, terms, up * count, in_n, out_n)
    rows_in[:] = np.float32(0.0)
    kept[: DOWN_TAPS * LANES] = np.float32(0.0)
    spread[:] = np.float32(0.0)
    for k in range(3):
        _spread(scales[k], b0, spread[k])
    begin, end = (first - x0) * LANES, (last - x0) * LANES
    stride = blocks * (out_n // LANES)

    places = ROWS // up
    next_in = (2 * r0 + shift) // up + offset
    next_out = r0
    last_wide = 2 * (r1 - 1) + DOWN_TAPS - 1
    for q in range((2 * r0 + shift) // up, (last_wide + shift) // up + 1, places):
        top = q + offset
        while next_in < top + places - 1 + TAPS:
            _read_row(
                x, next_in, border, first, last, b0, spread[0], spread[1], rows_in[:, next_in % ROWS_IN, begin:end]
            )
            next_in += 1
        for k in range(blocks):
            _up_rows(rows_in[k], top, up_rows, tall)
            for row in range(ROWS):
                m = up * q + row - shift
                if 2 * r0 <= m <= last_wide:
                    target = ring[m % RING, k * out_n :]
                    _along_row(tall[row], count, up_columns, limit, down_columns, stride, target, kept)
        done = up * q + ROWS - 1 - shift
        while next_out < r1 and (2 * next_out + DOWN_TAPS + 5 <= done or last_wide <= done):
            _down_rows(ring.reshape(RING, terms, blocks * out_n), 2 * next_out, down_rows, more, sums)
            for row in range(min(ROWS, r1 - next_out)):
                _write_row(sums[row].reshape(blocks, out_n)[:, skip:], b0, spread[2], y[next_out + row, c0:c1])
            next_out += ROWS


@numba.njit(**_INNER)
def _band(x, y, scales, filters, limit, geometry, cuts, work, band):  # type: ignore[no-untyped-def]
    """Rows of one band out of ``cuts[0]``, tile by tile."""
    bands, tile = cuts
    height, width, channels = y.shape
    r0, r1 = band * height // bands, (band + 1) * height // bands
    blocks, step = (channels + LANES - 1) // LANES, CHANNELS // LANES
    for b0 in range(0, blocks, step):
        for c0 in range(0, width, tile):
            area = (r0, r1, c0, min(c0 + tile, width), b0, min(b0 + step, blocks))
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
