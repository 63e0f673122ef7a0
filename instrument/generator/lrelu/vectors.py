"""Loops along a row of pixels, `LANES` channels at a time, whose vectors stay in registers from pixel to pixel.

numba makes vectors of a loop over neighbours in memory, and reads them anew for each use. A filter along a row uses
each of them twelve times, so these loops are written in the compiler's own language. That is for any processor: one
without registers of that width takes several.
"""

import platform
from collections.abc import Callable, Sequence
from typing import Any

import numba
import numpy as np
from llvmlite import binding, ir
from numba.core import types
from numba.extending import intrinsic

from instrument.generator.stylegan3.plan import SLOPE

TAPS = 6
"""Samples that one up-sampled value sees."""
DOWN_TAPS = 12


def _lanes() -> int:
    """Floats in a register of the processor that numba compiles for."""
    features = numba.config.CPU_FEATURES or binding.get_host_cpu_features().flatten()  # type: ignore[attr-defined]
    return next((lanes for name, lanes in (("+avx512f", 16), ("+avx", 8)) if name in features.split(",")), 4)


LANES = _lanes()
MANY_REGISTERS = LANES == 16 or platform.machine().lower() in ("arm64", "aarch64")
"""Whether there are 32 of them: with 16 a row's samples are kept in memory."""

_FAST = ("contract", "nnan", "nsz")
"""Fused multiply-adds and plain maxima; no other order of sums."""
_SHORT, _WORD, _LONG = ir.IntType(16), ir.IntType(32), ir.IntType(64)
_FLOATS, _SHORTS, _WORDS = (ir.VectorType(kind, LANES) for kind in (ir.FloatType(), _SHORT, _WORD))


class _Code:
    """Writes the instructions of one loop. Values are vectors where nothing else is said."""

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> None:
        self.builder = builder
        self._arrays = {
            place: context.make_array(kind)(context, builder, value)
            for place, (kind, value) in enumerate(zip(signature.args, arguments, strict=True))
            if isinstance(kind, types.Array)
        }

    def length(self, array: int) -> Any:
        """Of an argument's first axis: an integer."""
        return self.builder.extract_value(self._arrays[array].shape, 0)

    def pointer(self, array: int, index: Any) -> Any:
        """To a value of an argument."""
        return self.builder.gep(self._arrays[array].data, [index])

    def load(self, array: int, index: Any, kind: Any = _FLOATS) -> Any:
        """Neighbours from `index` on."""
        pointer = self.builder.bitcast(self.pointer(array, index), kind.as_pointer())
        return self.builder.load(pointer, align=2 if kind is _SHORTS else 4)

    def store(self, values: Any, array: int, index: Any) -> None:
        pointer = self.builder.bitcast(self.pointer(array, index), values.type.as_pointer())
        self.builder.store(values, pointer, align=2 if values.type is _SHORTS else 4)

    def spread(self, number: Any) -> Any:
        """One float in every lane."""
        empty = ir.Constant(_FLOATS, ir.Undefined)
        first = self.builder.insert_element(empty, number, _WORD(0))
        return self.builder.shuffle_vector(first, empty, ir.Constant(_WORDS, [_WORD(0)] * LANES))

    def taps(self, array: int, first: Any) -> list[Any]:
        """Six numbers of an argument, each in every lane."""
        places = [self.builder.add(first, _LONG(k)) for k in range(TAPS)]
        return [self.spread(self.builder.load(self.pointer(array, place))) for place in places]

    def add(self, a: Any, b: Any) -> Any:
        return self.builder.fadd(a, b, flags=_FAST)

    def subtract(self, a: Any, b: Any) -> Any:
        return self.builder.fsub(a, b, flags=_FAST)

    def multiply(self, a: Any, b: Any) -> Any:
        return self.builder.fmul(a, b, flags=_FAST)

    def product(self, taps: Sequence[Any], values: Sequence[Any]) -> Any:
        """Sum of three products."""
        a, b, c = (self.multiply(tap, value) for tap, value in zip(taps, values, strict=True))
        return self.add(a, self.add(b, c))

    def larger(self, a: Any, b: Any) -> Any:
        return self.builder.select(self.builder.fcmp_ordered(">", a, b, flags=_FAST), a, b)

    def smaller(self, a: Any, b: Any) -> Any:
        return self.builder.select(self.builder.fcmp_ordered("<", a, b, flags=_FAST), a, b)

    def repeat(self, count: Any, first: Sequence[Any], body: Callable[[Any, list[Any]], Sequence[Any]]) -> None:
        """`body(index, carried)` so many times, once at least; it returns what is carried to the next time."""
        before = self.builder.block
        loop, after = self.builder.append_basic_block("loop"), self.builder.append_basic_block("after")
        self.builder.branch(loop)
        self.builder.position_at_end(loop)
        index, carried = self.builder.phi(_LONG), [self.builder.phi(value.type) for value in first]
        index.add_incoming(_LONG(0), before)
        for phi, value in zip(carried, first, strict=True):
            phi.add_incoming(value, before)
        following = [self.builder.add(index, _LONG(1)), *body(index, carried)]
        for phi, value in zip((index, *carried), following, strict=True):
            phi.add_incoming(value, self.builder.block)
        self.builder.cbranch(self.builder.icmp_signed("<", following[0], count), loop, after)
        self.builder.position_at_end(after)


@intrinsic
def read_pixels(typingctx, x, step, count, scale, bias, y):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """`LANES` channels of `count` pixels, from the first value of `x` on and `step` values apart, to `y` without gaps.

    Times `scale` plus `bias`, ``(LANES,)`` each. `x` is float32, or bfloat16 carried by int16.
    """

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code = _Code(context, builder, signature, arguments)
        scale, bias = code.load(3, _LONG(0)), code.load(4, _LONG(0))

        def pixel(index: Any, _: list[Any]) -> Sequence[Any]:
            place = builder.mul(index, arguments[1])
            if signature.args[0].dtype == types.int16:
                wide = builder.zext(code.load(0, place, _SHORTS), _WORDS)
                values = builder.bitcast(builder.shl(wide, _everywhere(16)), _FLOATS)
            else:
                values = code.load(0, place)
            code.store(code.add(code.multiply(values, scale), bias), 5, builder.mul(index, _LONG(LANES)))
            return ()

        code.repeat(arguments[2], (), pixel)
        return context.get_dummy_value()

    return types.void(x, step, count, scale, bias, y), write


@intrinsic
def write_pixels(typingctx, x, count, scale, step, y):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """The way back: pixels without gaps, times `scale`, to places in `y` that are `step` values apart.

    To bfloat16 they are rounded to the nearest, ties to even.
    """

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code = _Code(context, builder, signature, arguments)
        scale = code.load(2, _LONG(0))

        def pixel(index: Any, _: list[Any]) -> Sequence[Any]:
            values = code.multiply(code.load(0, builder.mul(index, _LONG(LANES))), scale)
            if signature.args[4].dtype == types.int16:
                bits = builder.bitcast(values, _WORDS)
                odd = builder.and_(builder.lshr(bits, _everywhere(16)), _everywhere(1))
                rounded = builder.add(builder.add(bits, _everywhere(0x7FFF)), odd)
                values = builder.trunc(builder.lshr(rounded, _everywhere(16)), _SHORTS)
            code.store(values, 4, builder.mul(index, arguments[3]))
            return ()

        code.repeat(arguments[1], (), pixel)
        return context.get_dummy_value()

    return types.void(x, count, scale, step, y), write


class _Along:
    """Writes both filters along a row, for an up-sampling of `up`, which is 2 or 4."""

    def __init__(self, code: _Code, arguments: Sequence[Any], up: int) -> None:
        """The arguments are those of `_along`'s function."""
        self._code, self._count, self._stride, self._up = code, arguments[1], arguments[5], up
        self._taps = [code.taps(2, _LONG(TAPS * pair)) for pair in range(up // 2)]
        self._limit = code.spread(arguments[3])
        self._least = code.subtract(_zeros(), self._limit)
        self._slope = ir.Constant(_FLOATS, [ir.Constant(ir.FloatType(), float(np.float32(SLOPE)))] * LANES)
        self._older = DOWN_TAPS - 2 if up == 2 else DOWN_TAPS - 1
        """Samples before the newest that a value needs."""

    def in_registers(self) -> None:
        """Pixels and samples are carried from place to place."""

        def place(index: Any, carried: list[Any]) -> Sequence[Any]:
            pixels = [*carried[: TAPS - 1], self._pixel(index, TAPS - 1)]
            samples = [*carried[TAPS - 1 :], *self._samples(pixels)]
            self._values(index, samples)
            return [*pixels[1:], *samples[self._up :]]

        first = [self._pixel(_LONG(0), number) for number in range(TAPS - 1)]
        self._code.repeat(self._count, [*first, *[_zeros()] * self._older], place)

    def in_memory(self) -> None:
        """First the samples of the whole row, then the values."""

        def samples(index: Any, _: list[Any]) -> Sequence[Any]:
            for number, sample in enumerate(self._samples([self._pixel(index, k) for k in range(TAPS)])):
                self._code.store(sample, 7, self._kept(index, number))
            return ()

        def values(index: Any, _: list[Any]) -> Sequence[Any]:
            numbers = range(-self._older, self._up)
            self._values(index, [self._code.load(7, self._kept(index, number)) for number in numbers])
            return ()

        self._code.repeat(self._count, (), samples)
        self._code.repeat(self._count, (), values)

    def _pixel(self, index: Any, number: int) -> Any:
        builder = self._code.builder
        return self._code.load(0, builder.mul(builder.add(index, _LONG(number)), _LONG(LANES)))

    def _kept(self, index: Any, number: int) -> Any:
        builder = self._code.builder
        return builder.add(builder.mul(index, _LONG(self._up * LANES)), _LONG((DOWN_TAPS + number) * LANES))

    def _samples(self, pixels: Sequence[Any]) -> list[Any]:
        """The newest, from six pixels."""
        code = self._code
        ends = list(zip(pixels[:3], pixels[:2:-1], strict=True))
        sums, differences = ([part(a, b) for a, b in ends] for part in (code.add, code.subtract))
        firsts, lasts = [], []
        for taps in self._taps:
            even, odd = code.product(taps[:3], sums), code.product(taps[3:], differences)
            firsts.append(self._bent(code.add(even, odd)))
            lasts.append(self._bent(code.subtract(even, odd)))
        return [*firsts, *reversed(lasts)]

    def _bent(self, value: Any) -> Any:
        code = self._code
        value = code.larger(value, code.multiply(value, self._slope))
        return code.smaller(code.larger(value, self._least), self._limit)

    def _values(self, index: Any, samples: Sequence[Any]) -> None:
        """The values that the newest of `samples` complete, for every term of the down filter."""
        code, builder = self._code, self._code.builder
        rests = (0,) if self._up == 2 else (3, 1)  # samples that come after the twelve of a value
        windows = [samples[len(samples) - rest - DOWN_TAPS : len(samples) - rest] for rest in rests]
        folded = [[code.add(window[k], window[-1 - k]) for k in range(TAPS)] for window in windows]

        def term(number: Any, _: list[Any]) -> Sequence[Any]:
            taps = code.taps(4, builder.mul(number, _LONG(TAPS)))
            start = builder.add(builder.mul(index, _LONG(self._up // 2)), builder.mul(number, self._stride))
            for k, sums in enumerate(folded):
                value = code.add(code.product(taps[:3], sums[:3]), code.product(taps[3:], sums[3:]))
                code.store(value, 6, builder.mul(builder.add(start, _LONG(k)), _LONG(LANES)))
            return ()

        code.repeat(code.length(4), (), term)


def _along(up: int) -> Any:
    """Both filters along a row, for an up-sampling of `up`, which is 2 or 4."""

    @intrinsic
    def along(typingctx, x, count, up_taps, limit, down_taps, stride, y, kept):  # type: ignore[no-untyped-def]  # noqa: ARG001
        """Up filter, leaky ReLU, clamp to `limit` and down filter along the pixels of `x`, `LANES` channels each.

        At each of `count` places six pixels of `x` give `up` samples, and the last twelve samples one value of `y` for
        every two of them: with `up` 2 at the second sample, with 4 at the first and the third. The first values hear
        zeros before the row. Taps are as in `kernel`; `stride` pixels part the values of one term from the next's.
        `kept` is scratch for the samples; its first ``DOWN_TAPS * LANES`` values must be zeros, and stay so.
        """

        def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            row = _Along(_Code(context, builder, signature, arguments), arguments, up)
            (row.in_registers if MANY_REGISTERS else row.in_memory)()
            return context.get_dummy_value()

        return types.void(x, count, up_taps, limit, down_taps, stride, y, kept), write

    return along


along_2 = _along(2)
along_4 = _along(4)


def _everywhere(number: int) -> Any:
    return ir.Constant(_WORDS, [_WORD(number)] * LANES)


def _zeros() -> Any:
    return ir.Constant(_FLOATS, [ir.Constant(ir.FloatType(), 0.0)] * LANES)
