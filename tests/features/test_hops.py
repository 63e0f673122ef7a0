"""The compiled kernel says what numpy says, from whichever hop on it takes over."""

import tracemalloc
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.features.extractor import FeatureExtractor
from instrument.features.hops import CompiledHop, listening_kernel
from instrument.features.vector import FeatureVector
from instrument.kernels import KernelLoader
from instrument.tools.feature_table import COLUMNS, as_table

Floats = npt.NDArray[np.float32]
RATE, HOP_SIZE = 48000, 512

TOLERANCES = {
    "spectral_contrast": (1e-5, 0.0),
    "spectral_flatness": (0.0, 0.0),
    "onset_strength": (2e-6, 1e-6),
    "zero_crossing_rate": (0.0, 0.0),
    "chroma_variance": (2e-7, 0.0),
    "rms": (1e-10, 3e-6),
}
"""Absolute and relative: numpy's own float32 rounding, and none where both make the same calls."""


class NoKernel(KernelLoader):
    """A loader on a machine without a compiler."""

    def __init__(self) -> None:
        super().__init__("kernel that is not there", "instrument.features.no_such_kernel")
        assert not self.wait(60.0)


@pytest.fixture(scope="module", autouse=True)
def kernel() -> KernelLoader:
    assert listening_kernel().wait(120.0)
    return listening_kernel()


@pytest.fixture(scope="module")
def pair(kernel: KernelLoader) -> tuple[FeatureExtractor, FeatureExtractor]:
    """One in numpy and one by the kernel; whoever takes them resets them first."""
    plain, quick = FeatureExtractor(RATE, HOP_SIZE), FeatureExtractor(RATE, HOP_SIZE)
    quick.speed_up(kernel)
    return plain, quick


def both(pair: tuple[FeatureExtractor, FeatureExtractor], samples: Floats) -> tuple[list[FeatureVector], ...]:
    for extractor in pair:
        extractor.reset()
    return tuple(extractor.process(samples, 1.0) for extractor in pair)


def assert_alike(heard: list[FeatureVector], expected: list[FeatureVector]) -> None:
    assert len(heard) == len(expected) > 0
    for column, name in enumerate(COLUMNS):
        absolute, relative = TOLERANCES[name]
        actual, desired = as_table(heard)[:, column], as_table(expected)[:, column]
        np.testing.assert_allclose(actual, desired, rtol=relative, atol=absolute, err_msg=name)
    octaves, expected_octaves = ([vector.contrast_bands for vector in vectors] for vectors in (heard, expected))
    np.testing.assert_allclose(octaves, expected_octaves, atol=2e-5)
    assert [vector.hop_index for vector in heard] == [vector.hop_index for vector in expected]
    assert [vector.capture_time_s for vector in heard] == [vector.capture_time_s for vector in expected]


def silence(rng: np.random.Generator, count: int) -> Floats:
    return np.zeros(count, np.float32)


def constant(rng: np.random.Generator, count: int) -> Floats:
    return np.full(count, rng.uniform(-1.0, 1.0), np.float32)


def impulses(rng: np.random.Generator, count: int) -> Floats:
    sound = np.zeros(count, np.float32)
    sound[rng.integers(0, count, 5)] = rng.uniform(-1.0, 1.0, 5)
    return sound


def noise(rng: np.random.Generator, count: int) -> Floats:
    return rng.uniform(-1.0, 1.0, count).astype(np.float32)


def tone(rng: np.random.Generator, count: int) -> Floats:
    return np.sin(2.0 * np.pi * rng.uniform(20.0, 20_000.0) * np.arange(count) / RATE).astype(np.float32)


def square(rng: np.random.Generator, count: int) -> Floats:
    return np.sign(tone(rng, count))


def broken(rng: np.random.Generator, count: int) -> Floats:
    sound = noise(rng, count)
    sound[rng.integers(0, count, 9)] = np.float32([np.nan, np.inf, -np.inf, 3e38, -2e6, 1e6, -0.0, 1e-40, 1e-10])
    return sound


SOUNDS = (silence, constant, impulses, noise, tone, square, broken)


@settings(max_examples=100, deadline=None)
@given(
    parts=st.lists(st.tuples(st.sampled_from(SOUNDS), st.integers(1, 3000)), min_size=1, max_size=5),
    gain_db=st.floats(-120.0, 40.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_says_what_numpy_says(
    pair: tuple[FeatureExtractor, FeatureExtractor],
    parts: list[tuple[Callable[[np.random.Generator, int], Floats], int]],
    gain_db: float,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    sound = np.concatenate([make(rng, count) for make, count in parts] + [silence(rng, HOP_SIZE)])
    with np.errstate(over="ignore"):
        sound *= np.float32(10.0 ** (gain_db / 20.0))
    expected, heard = both(pair, sound[:, np.newaxis])
    assert_alike(heard, expected)
    np.testing.assert_array_equal(pair[1].power, pair[0].power)


@pytest.mark.parametrize("sample_rate", [8000, 12800, 44100, 96000, 192000])
def test_every_rate(kernel: KernelLoader, music: Callable[..., Floats], sample_rate: int) -> None:
    plain, quick = FeatureExtractor(sample_rate), FeatureExtractor(sample_rate)
    quick.speed_up(kernel)
    assert_alike(*both((quick, plain), music(sample_rate, 2.0)[:, np.newaxis]))


@settings(max_examples=15, deadline=None)
@given(hop=st.integers(0, 30))
def test_takes_over_in_the_middle(
    pair: tuple[FeatureExtractor, FeatureExtractor], kernel: KernelLoader, steady: Floats, hop: int
) -> None:
    """The hop before is the same hop before: no onset is made up, none is lost."""
    samples = steady[: 40 * HOP_SIZE, np.newaxis]
    expected, _ = both(pair, samples)
    extractor = FeatureExtractor(RATE, HOP_SIZE)
    middle = hop * HOP_SIZE + 100
    heard = extractor.process(samples[:middle], 1.0 - (len(samples) - middle) / RATE)
    extractor.speed_up(kernel)
    heard += extractor.process(samples[middle:], 1.0)
    np.testing.assert_array_equal(as_table(heard[:hop]), as_table(expected[:hop]))
    assert [vector.capture_time_s for vector in heard] == pytest.approx([v.capture_time_s for v in expected])
    np.testing.assert_allclose(as_table(heard), as_table(expected), rtol=1e-6, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=8))
def test_block_size_does_not_matter(
    pair: tuple[FeatureExtractor, FeatureExtractor], steady: Floats, sizes: list[int]
) -> None:
    _, extractor = pair
    samples = steady[: sum(sizes), np.newaxis]
    extractor.reset()
    whole = extractor.process(samples, 1.0)
    extractor.reset()
    cut = [vector for block in np.split(samples, np.cumsum(sizes)) for vector in extractor.process(block, 1.0)]
    np.testing.assert_array_equal(as_table(cut), as_table(whole))


def test_reset_equals_fresh(kernel: KernelLoader, pair: tuple[FeatureExtractor, FeatureExtractor]) -> None:
    samples = noise(np.random.default_rng(3), 8 * HOP_SIZE)[:, np.newaxis]
    fresh = FeatureExtractor(RATE, HOP_SIZE)
    fresh.speed_up(kernel)
    expected = fresh.process(samples, 1.0)
    fresh.process(np.full((1500, 1), np.nan, np.float32), 2.0)
    fresh.reset()
    assert fresh.process(samples, 1.0) == expected


def test_one_compilation_serves_every_rate_and_window(kernel: KernelLoader) -> None:
    """A second signature would stop the ears for seconds."""
    from instrument.features.kernel import kernel_of

    function, signature = kernel_of()
    for extractor in (FeatureExtractor(44100, 256, 1024), FeatureExtractor(192000, 1024, 4096)):
        extractor.speed_up(kernel)
        assert len(extractor.process(np.ones((4096, 2), np.float32), 0.0)) >= 4
        assert isinstance(extractor._hop, CompiledHop)
    assert function.signatures == [signature]


def test_without_a_kernel_numpy_plays_on(steady: Floats) -> None:
    samples = steady[: 10 * HOP_SIZE, np.newaxis]
    extractor, plain = FeatureExtractor(RATE, HOP_SIZE), FeatureExtractor(RATE, HOP_SIZE)
    extractor.speed_up(NoKernel())
    assert extractor.process(samples, 1.0) == plain.process(samples, 1.0)


def test_the_memory_does_not_grow(pair: tuple[FeatureExtractor, FeatureExtractor], steady: Floats) -> None:
    _, extractor = pair
    samples = steady[: 8 * HOP_SIZE, np.newaxis]
    extractor.process(samples, 1.0)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(100):
        extractor.process(samples, 1.0)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 4096, "eight hundred hops leave nothing behind"
