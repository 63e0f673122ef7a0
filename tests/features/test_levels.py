"""The offset goes, and every descriptor finds its range."""

from collections.abc import Callable
from dataclasses import fields

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter

from instrument.errors import AudioError
from instrument.features.descriptors import zero_crossing_rate
from instrument.features.levels import CORPUS, EAGER_S, MINIMUM_SPAN, REST_S, DcBlocker, LevelNormalizer
from instrument.features.vector import DESCRIPTORS, FeatureVector, NormalizedFeatures
from instrument.units import db_to_amplitude

Floats = npt.NDArray[np.float32]
MakeVector = Callable[..., FeatureVector]
DT_S = 1024 / 48000
HOPS_PER_S = 48000 / 1024


def outputs(features: NormalizedFeatures) -> npt.NDArray[np.float64]:
    return np.array([*features.descriptors(), features.level])


def play(normalizer: LevelNormalizer, vectors: list[FeatureVector], *, hold: bool = False) -> npt.NDArray[np.float64]:
    return np.array([outputs(normalizer.process(vector, DT_S, hold=hold)) for vector in vectors])


def music_at(make_vector: MakeVector, level_db: float, seconds: float, seed: int) -> list[FeatureVector]:
    """Vectors whose values wander as those of music do, at a mean level."""
    rng = np.random.default_rng(seed)
    walk = np.zeros(2)
    keep = np.exp(-DT_S / 0.3)
    vectors = []
    for _ in range(int(seconds * HOPS_PER_S)):
        walk = keep * walk + np.sqrt(1.0 - keep * keep) * rng.standard_normal(2)
        rms = db_to_amplitude(level_db + 4.0 * walk[0])
        vectors.append(make_vector(rms=rms, spectral_contrast=19.0 + 2.5 * walk[1]))
    return vectors


# --- the offset


def test_offset_goes_and_the_crossings_come_back(steady: Floats) -> None:
    sound = steady[:, np.newaxis]
    blocked = DcBlocker().process(sound + np.float32(0.3))
    assert blocked.dtype == np.float32
    # The step at the start dies away with a time constant of 2000 samples.
    late = slice(48000, None)
    assert abs(float(blocked[late].mean())) < 1e-4
    rates = [zero_crossing_rate(x[late, 0]) for x in (sound, blocked, sound + np.float32(0.3))]
    assert rates[1] == pytest.approx(rates[0], rel=0.02)
    assert rates[2] < 0.7 * rates[0]


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 700), min_size=1, max_size=8))
def test_blocker_does_not_mind_the_blocks(sizes: list[int]) -> None:
    sound = np.random.default_rng(3).uniform(-1.0, 1.0, (sum(sizes), 2)).astype(np.float32)
    blocker = DcBlocker()
    ends = np.cumsum(sizes)
    cut = [blocker.process(sound[end - size : end]) for size, end in zip(sizes, ends, strict=True)]
    np.testing.assert_allclose(np.concatenate(cut), DcBlocker().process(sound), rtol=0.0, atol=1e-7)


def test_blocker_is_the_recursion_it_says(steady: Floats) -> None:
    sound = np.stack([steady[:20_000], 0.4 - steady[:20_000]], axis=1)
    expected = lfilter((1.0, -1.0), (1.0, -0.9995), sound.astype(np.float64), axis=0)
    np.testing.assert_allclose(DcBlocker().process(sound), expected, rtol=0.0, atol=1e-6)


def test_blocker_survives_what_is_not_sound() -> None:
    blocker = DcBlocker()
    blocker.process(np.array([[0.5], [np.nan], [np.inf]], np.float32))
    assert blocker.bad_samples == 2
    assert np.isfinite(blocker.process(np.ones((64, 1), np.float32))).all()


def test_blocker_reset_equals_fresh(steady: Floats) -> None:
    sound = steady[:1000, np.newaxis]
    blocker = DcBlocker()
    blocker.process(np.full((500, 1), np.nan, np.float32))
    fresh = DcBlocker().process(sound)
    blocker.process(sound)
    blocker.reset()
    assert blocker.bad_samples == 0
    np.testing.assert_array_equal(blocker.process(sound), fresh)


def test_blocker_follows_a_change_of_channels(steady: Floats) -> None:
    blocker = DcBlocker()
    blocker.process(steady[:100, np.newaxis])
    stereo = np.stack([steady[:100]] * 2, axis=1)
    np.testing.assert_array_equal(blocker.process(stereo), DcBlocker().process(stereo))


def test_blocker_falls_silent_in_silence() -> None:
    """Two minutes after a step the memory must be nothing at all, not a denormal."""
    blocker = DcBlocker()
    blocker.process(np.ones((1024, 1), np.float32))
    for _ in range(150):
        tail = blocker.process(np.zeros((1024, 1), np.float32))
    np.testing.assert_array_equal(tail, 0.0)
    np.testing.assert_array_equal(blocker._before, 0.0)


def test_blocker_refuses_other_blocks() -> None:
    with pytest.raises(AudioError):
        DcBlocker().process(np.zeros(10, np.float32))


# --- the ranges


def test_corpus_has_a_row_for_each_output() -> None:
    names = [descriptor.name for descriptor in DESCRIPTORS]
    assert [corpus.name for corpus in CORPUS] == [*names, "rms"]
    assert [field.name for field in fields(NormalizedFeatures)][:6] == [*names, "level"]
    assert all(corpus.domain(corpus.low) < corpus.domain(corpus.high) for corpus in CORPUS)


@pytest.mark.parametrize("corpus", CORPUS, ids=lambda corpus: corpus.name)
def test_each_value_moves_its_own_output_up(make_vector: MakeVector, corpus) -> None:  # type: ignore[no-untyped-def]
    column = CORPUS.index(corpus)
    low, high = (
        outputs(LevelNormalizer().process(make_vector(**{corpus.name: raw}), DT_S)) for raw in (corpus.low, corpus.high)
    )
    assert low[column] == pytest.approx(0.0, abs=0.1)
    assert high[column] == pytest.approx(1.0, abs=0.1)
    others = np.arange(6) != column
    np.testing.assert_array_equal(low[others], high[others])


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=150, deadline=None)
@given(
    hops=st.lists(
        st.tuples(finite, finite, finite, finite, finite, finite, st.floats(0.0, 1e6), st.booleans()),
        min_size=1,
        max_size=12,
    )
)
def test_any_finite_input_gives_zero_to_one(hops: list[tuple[float, ...]]) -> None:
    normalizer = LevelNormalizer()
    for *values, dt_s, hold in hops:
        result = outputs(normalizer.process(FeatureVector(*values, 0.0, 0), dt_s, hold=bool(hold)))
        assert ((result >= 0.0) & (result <= 1.0)).all()
        assert all(low < high for low, high in normalizer.bounds())


def test_one_absurd_value_is_forgotten(make_vector: MakeVector) -> None:
    normalizer = LevelNormalizer()
    calm = music_at(make_vector, -20.0, 30.0, seed=1)
    undisturbed = play(LevelNormalizer(), calm)
    normalizer.process(make_vector(spectral_contrast=1e300, rms=1e300), DT_S)
    disturbed = play(normalizer, calm)
    late = slice(int(20 * HOPS_PER_S), None)
    assert np.abs(disturbed[late] - undisturbed[late]).mean(axis=0).max() < 0.05


@pytest.mark.parametrize("level_db", [-45.0, -30.0, -12.0])
def test_finds_the_range_of_the_music(make_vector: MakeVector, level_db: float) -> None:
    heard = play(LevelNormalizer(), music_at(make_vector, level_db, 60.0, seed=2))
    level = heard[int(40 * HOPS_PER_S) :, 5]
    assert np.percentile(level, 90) - np.percentile(level, 10) > 0.6
    assert 0.3 < np.median(level) < 0.7
    assert np.mean((level == 0.0) | (level == 1.0)) < 0.3


@pytest.mark.parametrize("jump_db", [-20.0, 20.0])
def test_recovers_from_a_jump_in_level(make_vector: MakeVector, jump_db: float) -> None:
    before_db = -40.0 if jump_db > 0 else -20.0
    before = music_at(make_vector, before_db, 30.0, seed=3)
    after = music_at(make_vector, before_db + jump_db, 40.0, seed=4)
    same = music_at(make_vector, before_db, 40.0, seed=4)
    disturbed = play(LevelNormalizer(), before + after)
    undisturbed = play(LevelNormalizer(), before + same)
    error = np.abs(disturbed - undisturbed)[:, 5]
    jump = len(before)
    assert error[jump : jump + int(HOPS_PER_S)].mean() > 0.2, "the jump itself is to be seen"
    settled_s = 10.0 if jump_db < 0 else 25.0
    assert error[jump + int(settled_s * HOPS_PER_S) :].mean() < 0.05


@pytest.mark.parametrize(("bound", "contrast"), [(0, -10.0), (1, 50.0)])
def test_a_value_far_outside_pulls_its_bound(make_vector: MakeVector, bound: int, contrast: float) -> None:
    """A second of it covers most of the way, which the quantile steps alone would take ten for."""
    normalizer = LevelNormalizer()
    play(normalizer, [make_vector(spectral_contrast=c) for c in (15.5, 24.5)] * int(EAGER_S * HOPS_PER_S))
    start = normalizer.bounds()[0][bound]
    play(normalizer, [make_vector(spectral_contrast=contrast)] * int(HOPS_PER_S))
    assert (normalizer.bounds()[0][bound] - start) / (contrast - start) > 0.5


def test_learns_faster_at_first(make_vector: MakeVector) -> None:
    high = [make_vector(spectral_contrast=26.0)] * 3
    fresh = LevelNormalizer()
    play(fresh, high)
    settled = LevelNormalizer()
    play(settled, [make_vector(spectral_contrast=c) for c in (15.5, 24.5)] * int(EAGER_S * HOPS_PER_S))
    start = settled.bounds()[0][1]
    play(settled, high)
    assert fresh.bounds()[0][1] - 25.0 > 5.0 * (settled.bounds()[0][1] - start)


def test_a_drone_is_not_blown_up(make_vector: MakeVector) -> None:
    rng = np.random.default_rng(6)
    drone = [make_vector(spectral_contrast=19.0 + 0.05 * rng.standard_normal()) for _ in range(4000)]
    normalizer = LevelNormalizer()
    contrast = play(normalizer, drone)[2000:, 0]
    low, high = normalizer.bounds()[0]
    assert high - low >= MINIMUM_SPAN * (25.0 - 15.1) - 1e-9
    assert contrast.max() - contrast.min() < 0.25


# --- the gate


def test_silence_freezes_what_was_learned(make_vector: MakeVector) -> None:
    normalizer = LevelNormalizer()
    play(normalizer, music_at(make_vector, -25.0, 20.0, seed=7))
    learned = normalizer.bounds()
    quiet = make_vector(rms=0.0009, spectral_contrast=0.0, spectral_flatness=1.0)
    play(normalizer, [quiet] * 2000)
    assert normalizer.bounds() == learned
    again = music_at(make_vector, -25.0, 5.0, seed=8)
    uninterrupted = LevelNormalizer()
    play(uninterrupted, music_at(make_vector, -25.0, 20.0, seed=7))
    np.testing.assert_array_equal(play(normalizer, again), play(uninterrupted, again))


@pytest.mark.parametrize("hop_s", [DT_S, DT_S / 4.0])
def test_outputs_glide_to_rest(make_vector: MakeVector, hop_s: float) -> None:
    normalizer = LevelNormalizer()
    start = outputs(normalizer.process(make_vector(), hop_s))
    assert start.min() > 0.1
    features = normalizer.process(make_vector(rms=0.0), 0.0)
    assert not features.gate_open
    np.testing.assert_array_equal(outputs(features), start)
    for _ in range(round(REST_S / hop_s)):
        features = normalizer.process(make_vector(rms=0.0), hop_s)
    np.testing.assert_allclose(outputs(features), start / np.e, rtol=0.03)


@pytest.mark.parametrize(("rms", "is_open"), [(0.00099, False), (0.00101, True)])
def test_gate_is_at_60_db(make_vector: MakeVector, rms: float, is_open: bool) -> None:
    assert LevelNormalizer().process(make_vector(rms=rms), DT_S).gate_open is is_open


def test_gate_can_be_set(make_vector: MakeVector) -> None:
    normalizer = LevelNormalizer(gate_db=-15.0)
    assert not normalizer.process(make_vector(rms=0.1), DT_S).gate_open
    normalizer.gate_db = -30.0
    assert normalizer.process(make_vector(rms=0.1), DT_S).gate_open


def test_hold_keeps_the_ranges_and_lets_the_values_move(make_vector: MakeVector) -> None:
    normalizer = LevelNormalizer()
    before = normalizer.bounds()
    heard = play(normalizer, music_at(make_vector, -20.0, 5.0, seed=9), hold=True)
    assert normalizer.bounds() == before
    assert heard[:, 5].std() > 0.05


def test_reset_equals_fresh(make_vector: MakeVector) -> None:
    vectors = music_at(make_vector, -18.0, 10.0, seed=10)
    normalizer = LevelNormalizer()
    first = play(normalizer, vectors)
    normalizer.reset()
    np.testing.assert_array_equal(play(normalizer, vectors), first)


def test_capture_time_is_handed_on(make_vector: MakeVector) -> None:
    assert LevelNormalizer().process(make_vector(capture_time_s=4.5), DT_S).capture_time_s == 4.5
