import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.outputs.sound_line import DRIFT_LIMIT_S, JUMP_S, SoundLine, stretched

RATE = 8000
Samples = npt.NDArray[np.float32]


def ramp(start: int, count: int) -> Samples:
    """Samples that tell where they belong."""
    return np.arange(start, start + count, dtype=np.float32)[:, None]


def lay(line: SoundLine, samples: Samples, start_s: float) -> Samples:
    return np.concatenate([np.zeros((0, 1), np.float32), *line.lay(samples, start_s)])


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 700), min_size=1, max_size=30),
    jitter_s=st.floats(0.0, DRIFT_LIMIT_S * 0.9),
    seed=st.integers(0, 2**32 - 1),
)
def test_jitter_changes_nothing(sizes: list[int], jitter_s: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    line, out, position = SoundLine(RATE, 1), [], 0
    for index, size in enumerate(sizes):
        late_s = rng.uniform(-jitter_s, jitter_s) if index else 0.0
        out.append(lay(line, ramp(position, size), position / RATE + late_s))
        position += size
    np.testing.assert_array_equal(np.concatenate(out), ramp(0, position))
    assert line.position_s == pytest.approx(position / RATE)


def test_a_gap_is_silence_of_its_length() -> None:
    line = SoundLine(RATE, 1)
    lay(line, ramp(0, 1000), 0.0)
    out = lay(line, ramp(9001, 100), 9001 / RATE)
    assert len(out) == 8101
    assert not out[:8001].any()
    np.testing.assert_array_equal(out[8001:], ramp(9001, 100))


@pytest.mark.parametrize("overlap", [400, 1000, 5000])
def test_an_overlap_is_cut(overlap: int) -> None:
    line = SoundLine(RATE, 1)
    out = [lay(line, ramp(0, 6000), 0.0), lay(line, ramp(6000 - overlap, 1000), (6000 - overlap) / RATE)]
    end = max(6000, 7000 - overlap)
    np.testing.assert_array_equal(np.concatenate(out), ramp(0, end))


def test_the_beginning_is_exact() -> None:
    late = SoundLine(RATE, 1)
    np.testing.assert_array_equal(lay(late, ramp(1, 10), 5 / RATE).ravel(), [0, 0, 0, 0, 0, *range(1, 11)])
    early = SoundLine(RATE, 1)
    np.testing.assert_array_equal(lay(early, ramp(-5, 10), -5 / RATE), ramp(0, 5))
    before = SoundLine(RATE, 1)
    assert len(lay(before, ramp(-50, 10), -50 / RATE)) == 0
    np.testing.assert_array_equal(lay(before, ramp(0, 10), 0.0), ramp(0, 10))


@pytest.mark.parametrize("error", [300e-6, -300e-6])
def test_drift_of_a_poor_crystal_stays_small_and_makes_no_hole(error: float) -> None:
    line, size, worst_s, heard = SoundLine(RATE, 1), 256, 0.0, []
    rng = np.random.default_rng(1)
    for index in range(8000):  # over four minutes, 77 ms of drift
        true_s = index * size / RATE * (1.0 + error)
        heard.append(lay(line, np.ones((size, 1), np.float32), true_s + (rng.uniform(0.0, 0.004) if index else 0.0)))
        worst_s = max(worst_s, abs(line.position_s - (index + 1) * size / RATE * (1.0 + error)))
    assert worst_s < 3.0 * DRIFT_LIMIT_S < JUMP_S
    assert (np.concatenate(heard) == 1.0).all()  # silence would be a hole
    assert abs(8000 * size / RATE * error) > 2.0 * JUMP_S  # there was something to correct


def test_fill_to_is_silence_up_to_there_and_once() -> None:
    line = SoundLine(RATE, 2)
    pieces = list(line.fill_to(2.0))
    assert sum(len(piece) for piece in pieces) == 2 * RATE
    assert all(piece.shape[1] == 2 and not piece.any() for piece in pieces)
    assert max(len(piece) for piece in pieces) <= 4096  # an hour of it must not be made at once
    assert list(line.fill_to(2.0)) == []
    assert list(line.fill_to(1.0)) == []


@given(count=st.integers(2, 300), slip=st.sampled_from([-1, 1]))
def test_stretching_keeps_ends_and_shape(count: int, slip: int) -> None:
    wave = np.sin(np.arange(count) * 0.1).astype(np.float32)[:, None].repeat(2, axis=1)
    out = stretched(wave, count + slip)
    assert out.shape == (count + slip, 2)
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out[0], wave[0])
    if len(out) > 1:
        np.testing.assert_allclose(out[-1], wave[-1], atol=1e-6)
    assert np.abs(np.diff(out[:, 0])).max(initial=0.0) < 0.12 if slip > 0 else True
