"""The live descriptors are librosa's, whatever the blocks."""

import subprocess
import sys
from collections.abc import Callable

import librosa
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.errors import AudioError
from instrument.features.extractor import FeatureExtractor, mix_to_mono
from instrument.features.hops import listening_kernel
from instrument.features.vector import FeatureVector
from instrument.tools.feature_table import COLUMNS, as_table, librosa_offline, stream

Floats = npt.NDArray[np.float32]
Music = Callable[..., Floats]

# Absolute and relative. librosa sums its float32 decibels one by one, so its onset strength itself carries 3e-6.
# Flatness came out equal to the last bit; four units in the last place are left to other processors.
BOUNDS = {
    "spectral_contrast": (1e-5, 0.0),
    "spectral_flatness": (0.0, 5e-7),
    "onset_strength": (9.6e-6, 2.7e-6),
    "zero_crossing_rate": (0.0, 0.0),
    "chroma_variance": (2e-7, 0.0),
    "rms": (3.1e-8, 0.0),
}


def assert_like_librosa(live: npt.NDArray[np.float64], offline: npt.NDArray[np.float64]) -> None:
    hops = len(live)
    assert hops > 0
    assert len(offline) == hops
    for column, name in enumerate(COLUMNS):
        absolute, relative = BOUNDS[name]
        np.testing.assert_allclose(live[:, column], offline[:, column], rtol=relative, atol=absolute, err_msg=name)


@pytest.mark.parametrize("block_size", [1024, 997, 63])
@pytest.mark.parametrize("hop_size", [1024, 512, 256])
@pytest.mark.parametrize("sample_rate", [44100, 48000])
def test_equals_librosa(music: Music, sample_rate: int, hop_size: int, block_size: int) -> None:
    mono = music(sample_rate, 6.0)
    live = as_table(stream(FeatureExtractor(sample_rate, hop_size), mono[:, np.newaxis], block_size))
    assert_like_librosa(live, librosa_offline(mono, sample_rate, hop_size))


@pytest.mark.parametrize("hop_size", [1024, 512, 256])
@pytest.mark.parametrize("sample_rate", [44100, 48000])
def test_equals_librosa_by_the_kernel(music: Music, sample_rate: int, hop_size: int) -> None:
    assert listening_kernel().wait(120.0)
    mono = music(sample_rate, 6.0)
    extractor = FeatureExtractor(sample_rate, hop_size)
    extractor.speed_up(listening_kernel())
    live = as_table(stream(extractor, mono[:, np.newaxis], 997))
    assert_like_librosa(live, librosa_offline(mono, sample_rate, hop_size))


@pytest.mark.parametrize("sample_rate", [8000, 12800, 16000, 22050, 32000, 88200, 96000, 192000])
def test_equals_librosa_at_every_rate(music: Music, sample_rate: int) -> None:
    mono = music(sample_rate, 3.0)
    live = as_table(stream(FeatureExtractor(sample_rate, 1024), mono[:, np.newaxis], 1024))
    assert_like_librosa(live, librosa_offline(mono, sample_rate, 1024))


def test_equals_librosa_with_another_window(music: Music) -> None:
    mono = music(48000, 2.0)
    live = as_table(stream(FeatureExtractor(48000, 256, 1024), mono[:, np.newaxis], 480))
    assert_like_librosa(live, librosa_offline(mono, 48000, 256, 1024))


@pytest.mark.parametrize(("hop_size", "later"), [(1024, 0), (512, 1), (256, 3)])
def test_is_a_centred_frame_of_librosa(music: Music, hop_size: int, later: int) -> None:
    mono = music(48000, 2.0)
    live = as_table(stream(FeatureExtractor(48000, hop_size), mono[:, np.newaxis], 1024))[later:, 1]
    centred = librosa.feature.spectral_flatness(y=mono, hop_length=hop_size)[0]
    np.testing.assert_allclose(live, centred[: len(live)], rtol=5e-7)


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=12), channels=st.integers(1, 5))
def test_block_size_does_not_matter(shared_extractor: FeatureExtractor, sizes: list[int], channels: int) -> None:
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, (sum(sizes), channels)).astype(np.float32)
    rate = shared_extractor.sample_rate
    shared_extractor.reset()
    whole = shared_extractor.process(samples, len(samples) / rate)
    shared_extractor.reset()
    cut: list[FeatureVector] = []
    end = 0
    for size in sizes:
        end += size
        cut += shared_extractor.process(samples[end - size : end], end / rate)
    assert len(whole) == len(samples) // shared_extractor.hop_size
    np.testing.assert_array_equal(as_table(cut), as_table(whole))
    assert [vector.hop_index for vector in cut] == list(range(len(whole)))
    assert [vector.capture_time_s for vector in cut] == pytest.approx([vector.capture_time_s for vector in whole])


def test_one_sample_at_a_time(shared_extractor: FeatureExtractor, steady: Floats) -> None:
    samples = steady[:2100, np.newaxis]
    shared_extractor.reset()
    whole = shared_extractor.process(samples, 0.0)
    shared_extractor.reset()
    np.testing.assert_array_equal(as_table(stream(shared_extractor, samples, 1)), as_table(whole))


def test_capture_time_is_that_of_the_newest_sample() -> None:
    extractor = FeatureExtractor(8000, 256)
    assert extractor.process(np.zeros((100, 1), np.float32), 9.0) == []
    vectors = extractor.process(np.zeros((500, 1), np.float32), 10.0)
    assert [vector.capture_time_s for vector in vectors] == pytest.approx([10.0 - 344 / 8000, 10.0 - 88 / 8000])


def test_an_empty_block_changes_nothing(shared_extractor: FeatureExtractor) -> None:
    shared_extractor.reset()
    assert shared_extractor.process(np.zeros((0, 2), np.float32), 1.0) == []


def test_reset_equals_fresh(steady: Floats) -> None:
    used = FeatureExtractor(48000, 1024)
    samples = steady[:, np.newaxis].copy()
    fresh = used.process(samples, 2.0)
    used.process(np.full((1500, 1), np.nan, np.float32), 3.0)
    used.reset()
    assert used.process(samples, 2.0) == fresh
    assert used.bad_samples == 0


def test_channels_are_mixed_by_their_mean(shared_extractor: FeatureExtractor, steady: Floats) -> None:
    stereo = np.stack([steady, np.roll(steady, 999)], axis=1)
    shared_extractor.reset()
    heard = as_table(shared_extractor.process(stereo, 0.0))
    shared_extractor.reset()
    mono = as_table(shared_extractor.process(stereo.mean(axis=1, keepdims=True), 0.0))
    np.testing.assert_array_equal(heard, mono)


def test_the_block_is_left_alone(shared_extractor: FeatureExtractor) -> None:
    samples = np.array([[0.25, np.nan, 0.75]] * 600, np.float32)
    before = samples.copy()
    shared_extractor.process(samples, 0.0)
    np.testing.assert_array_equal(samples, before)
    np.testing.assert_array_equal(mix_to_mono(before[:, [0, 2]]), np.full(600, 0.5, np.float32))


@pytest.mark.parametrize("offset", [0.0, 0.05])
def test_silence_is_quiet(shared_extractor: FeatureExtractor, offset: float) -> None:
    shared_extractor.reset()
    table = as_table(shared_extractor.process(np.full((9600, 2), offset, np.float32), 0.0))
    assert np.isfinite(table).all()
    if offset == 0.0:
        np.testing.assert_allclose(table, np.tile([0.0, 1.0, 0.0, 0.0, 0.0, 0.0], (len(table), 1)), rtol=1e-6)


def test_twenty_db_less_changes_only_the_level(shared_extractor: FeatureExtractor, steady: Floats) -> None:
    tables = []
    for gain in (1.0, 0.1):
        shared_extractor.reset()
        # The first hops rise out of digital silence, whose floor does not go down with the music.
        tables.append(as_table(shared_extractor.process(np.float32(gain) * steady[:, np.newaxis], 0.0))[5:])
    loud, soft = tables
    np.testing.assert_allclose(soft[:, :5], loud[:, :5], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(soft[:, 5], 0.1 * loud[:, 5], rtol=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38, -2e6])
def test_what_is_not_sound_counts_as_silence(shared_extractor: FeatureExtractor, steady: Floats, bad: float) -> None:
    broken = np.stack([steady[:4096]] * 2, axis=1)
    broken[1000:1003, 1] = bad
    mended = broken.copy()
    mended[1000:1003, 1] = 0.0
    shared_extractor.reset()
    heard = shared_extractor.process(broken, 0.0)
    assert shared_extractor.bad_samples == 3
    shared_extractor.reset()
    assert heard == shared_extractor.process(mended, 0.0)
    assert shared_extractor.bad_samples == 0


@pytest.mark.parametrize(
    "block",
    [np.zeros(1024, np.float32), np.zeros((1024, 0), np.float32), np.zeros((1024, 1)), np.zeros((64, 1), np.int16)],
    ids=["flat", "no channels", "float64", "int16"],
)
def test_other_blocks_are_refused(shared_extractor: FeatureExtractor, block: npt.NDArray[np.float32]) -> None:
    with pytest.raises(AudioError, match=r"\(n, channels\) float32"):
        shared_extractor.process(block, 0.0)


@pytest.mark.parametrize(
    ("sample_rate", "hop_size", "window_size"),
    [(48000, 0, 2048), (48000, 4096, 2048), (48000, 512, 2047), (7999, 1024, 2048), (192000, 256, 512)],
)
def test_sizes_that_cannot_work_are_refused(sample_rate: int, hop_size: int, window_size: int) -> None:
    with pytest.raises(AudioError):
        FeatureExtractor(sample_rate, hop_size, window_size)


def test_playing_imports_nothing_more() -> None:
    """A module imported by the first hop would be a late block on stage."""
    program = """
import sys, numpy as np
from instrument.features.extractor import FeatureExtractor
from instrument.features.levels import DcBlocker
extractor, blocker = FeatureExtractor(48000), DcBlocker()
samples = np.random.default_rng(0).standard_normal((4096, 2), np.float32)
before = set(sys.modules)
assert len(extractor.process(blocker.process(samples), 0.0)) == 4
assert set(sys.modules) == before, sorted(set(sys.modules) - before)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
