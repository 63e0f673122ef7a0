import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.motion.latent_motion import LatentMotion
from instrument.motion.slerp import angle_between
from instrument.params.table import (
    MOTION_DRIFT,
    MOTION_FREEZE,
    MOTION_RMS_DRIVE,
    MOTION_SPEED,
    build_table,
)

W_DIM = 24
RNG = np.random.default_rng(8)
W_AVG = RNG.standard_normal(W_DIM).astype(np.float32)
HERE, THERE = (W_AVG + 3.0 * RNG.standard_normal((2, W_DIM))).astype(np.float32)
DEFAULTS = {name: spec.default for name, spec in build_table(("Calm", "Wild")).items()}
STILL = {**DEFAULTS, MOTION_DRIFT: 0.0}
FRAME_S = 1.0 / 30.0


@pytest.fixture
def motion() -> LatentMotion:
    return LatentMotion(W_AVG, 1)


def run(motion: LatentMotion, frames: int, params: dict[str, float], level: float = 0.5) -> np.ndarray:
    return np.array([motion.process(THERE, level, params, FRAME_S) for _ in range(frames)])


def left_after(way: float) -> float:
    """Share of the arc that is left, as a critically damped spring of mean delay 1 leaves it."""
    return (1.0 + 2.0 * way) * math.exp(-2.0 * way)


def test_it_starts_at_the_target(motion: LatentMotion) -> None:
    started = motion.process(HERE, 0.5, DEFAULTS, FRAME_S)
    assert started.dtype == np.float32
    np.testing.assert_allclose(started, HERE, atol=1e-6)


def test_it_arrives(motion: LatentMotion) -> None:
    motion.process(HERE, 0.0, STILL, FRAME_S)
    path = run(motion, 600, STILL, level=0.0)
    np.testing.assert_allclose(path[-1], THERE, atol=1e-4)
    left = [angle_between(w - W_AVG, THERE - W_AVG) for w in path[:100]]
    assert (np.diff(left) < 0.0).all()


def test_its_pace_is_the_speed_knob(motion: LatentMotion) -> None:
    motion.reset(HERE)
    whole = angle_between(HERE - W_AVG, THERE - W_AVG)
    after = motion.process(THERE, 0.0, {**STILL, MOTION_SPEED: 2.0}, 0.25)
    np.testing.assert_allclose(angle_between(after - W_AVG, THERE - W_AVG), whole * left_after(0.5), rtol=1e-5)


def test_at_full_level_the_speed_is_multiplied_by_one_plus_drive(motion: LatentMotion) -> None:
    params = {**STILL, MOTION_SPEED: 0.5, MOTION_RMS_DRIVE: 4.0}
    motion.reset(HERE)
    motion.process(HERE, 1.0, params, 2.0)
    after = motion.process(THERE, 1.0, params, 0.1)
    whole = angle_between(HERE - W_AVG, THERE - W_AVG)
    np.testing.assert_allclose(angle_between(after - W_AVG, THERE - W_AVG), whole * left_after(0.25), rtol=1e-4)


def test_a_kick_hurries_the_picture_within_a_tenth_of_a_second_and_for_a_moment(motion: LatentMotion) -> None:
    params = {**STILL, MOTION_SPEED: 0.1, MOTION_RMS_DRIVE: 8.0}
    far = -THERE

    def angle_of_a_frame(level: float) -> float:
        before = motion.process(far, level, params, 0.0)
        after = motion.process(far, level, params, FRAME_S)
        return angle_between(before - W_AVG, after - W_AVG)

    motion.reset(HERE)
    motion.process(far, 0.0, params, 4.0)
    quiet = angle_of_a_frame(0.0)
    kick = [angle_of_a_frame(1.0) for _ in range(3)]
    assert kick[0] > 1.8 * quiet
    assert kick[-1] > 5.0 * quiet
    tail = [angle_of_a_frame(0.0) for _ in range(45)]
    assert tail[2] > 3.0 * quiet
    assert tail[-1] < 1.2 * quiet


def jitter(path: np.ndarray) -> float:
    """Mean change of the step from frame to frame, as a share of the mean step."""
    steps = np.diff(path, axis=0)
    changes = np.linalg.norm(np.diff(steps, axis=0), axis=1)
    return float(changes.mean() / np.linalg.norm(steps, axis=1).mean())


def test_hops_that_are_never_equally_loud_do_not_shake_the_picture() -> None:
    rng = np.random.default_rng(4)
    levels = rng.uniform(0.2, 1.0, 300)
    targets = W_AVG + 3.0 * rng.standard_normal((10, W_DIM)).repeat(30, axis=0)
    rough, even = LatentMotion(W_AVG, 1), LatentMotion(W_AVG, 1)
    heard = [rough.process(w, level, STILL, FRAME_S) for w, level in zip(targets, levels, strict=True)]
    calm = [even.process(w, levels.mean(), STILL, FRAME_S) for w in targets]
    assert jitter(np.array(heard)) < 1.3 * jitter(np.array(calm))


def test_a_new_target_bends_the_path_without_a_kink(motion: LatentMotion) -> None:
    motion.process(HERE, 0.5, STILL, FRAME_S)
    steps = np.linalg.norm(np.diff(run(motion, 60, STILL), axis=0), axis=1)
    assert 2 < int(steps.argmax()) < 15
    assert np.abs(np.diff(steps)).max() < 0.35 * steps.max()


STEPS = st.lists(st.floats(0.0005, 0.4), min_size=1, max_size=8)


@given(
    parts=STEPS,
    level=st.floats(0.0, 1.0),
    speed=st.floats(0.02, 12.0),
    drive=st.floats(0.0, 8.0),
    drift=st.floats(0.0, 1.0),
    former=st.floats(0.0, 1.0),
)
def test_the_path_does_not_depend_on_the_frame_rate(
    parts: list[float], level: float, speed: float, drive: float, drift: float, former: float
) -> None:
    params = {**DEFAULTS, MOTION_SPEED: speed, MOTION_RMS_DRIVE: drive, MOTION_DRIFT: drift}
    whole, cut = LatentMotion(W_AVG, 1), LatentMotion(W_AVG, 1)
    for motion in (whole, cut):
        motion.process(HERE, former, DEFAULTS, 0.1)
        motion.process(HERE, former, DEFAULTS, 0.1)
    once = whole.process(THERE, level, params, sum(parts))
    for part in parts:
        w = cut.process(THERE, level, params, part)
    np.testing.assert_allclose(w, once, atol=1e-5)


@pytest.mark.parametrize("name", [MOTION_SPEED, MOTION_RMS_DRIVE, MOTION_DRIFT, MOTION_FREEZE])
def test_every_knob_of_the_motion_matters(name: str) -> None:
    spec = build_table(())[name]
    ends = []
    for value in (spec.minimum, spec.maximum):
        motion = LatentMotion(W_AVG, 1)
        motion.process(HERE, 0.5, DEFAULTS, FRAME_S)
        ends.append(run(motion, 20, {**DEFAULTS, name: value})[-1])
    assert np.abs(ends[0] - ends[1]).max() > 0.05


@pytest.mark.parametrize("axes", [None, 2.0 * np.eye(W_DIM)[:5]])
def test_a_held_sound_still_breathes_and_stays_near(axes: np.ndarray | None) -> None:
    motion = LatentMotion(W_AVG, 1, axes)
    motion.process(THERE, 0.5, DEFAULTS, FRAME_S)
    path = run(motion, 6000, DEFAULTS) - THERE
    typical = np.linalg.norm(THERE - W_AVG) if axes is None else np.linalg.norm(axes)
    away = np.sqrt((path**2).sum(axis=1).mean()) / typical
    assert 0.1 < away < 0.25
    fastest = np.linalg.norm(np.diff(path, axis=0), axis=1).max()
    assert 0.0 < fastest < 0.02 * typical
    assert np.linalg.norm(path, axis=1).max() < 0.6 * typical


def test_two_seeds_wander_apart_and_one_seed_does_not() -> None:
    first, again, other = (run(LatentMotion(W_AVG, seed), 200, DEFAULTS) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


def test_freeze_holds_everything_and_lets_go_without_a_jump(motion: LatentMotion) -> None:
    motion.process(HERE, 0.5, DEFAULTS, FRAME_S)
    before = run(motion, 30, DEFAULTS)
    frozen = run(motion, 100, {**DEFAULTS, MOTION_FREEZE: 1.0, MOTION_DRIFT: 1.0, MOTION_SPEED: 12.0}, level=1.0)
    np.testing.assert_array_equal(frozen, np.tile(before[-1], (100, 1)))
    after = motion.process(THERE, 1.0, {**DEFAULTS, MOTION_DRIFT: 1.0}, 1e-4)
    assert np.abs(after - before[-1]).max() < 0.005
    moved = run(motion, 30, DEFAULTS)
    assert np.abs(moved[-1] - before[-1]).max() > 0.5


def test_frozen_from_the_start_it_holds_the_first_target(motion: LatentMotion) -> None:
    frozen = {**DEFAULTS, MOTION_FREEZE: 1.0}
    first = motion.process(HERE, 0.5, frozen, FRAME_S)
    np.testing.assert_allclose(first, HERE, atol=1e-6)
    np.testing.assert_array_equal(run(motion, 5, frozen)[-1], first)


def test_the_path_has_no_jumps(motion: LatentMotion) -> None:
    """Targets and drift knob thrown about at random: no frame moves further than its step allows."""
    rng = np.random.default_rng(2)
    last = motion.process(HERE, 0.5, DEFAULTS, FRAME_S)
    for _ in range(300):
        target = W_AVG + 3.0 * rng.standard_normal(W_DIM)
        params = {**DEFAULTS, MOTION_DRIFT: rng.uniform(), MOTION_FREEZE: float(rng.uniform() < 0.3)}
        w = motion.process(target, 0.0, params, 1e-3)
        assert np.linalg.norm(w - last) < 0.01 * np.linalg.norm(target - W_AVG)
        last = w


def test_reset_equals_fresh() -> None:
    used, fresh = LatentMotion(W_AVG, 1), LatentMotion(W_AVG, 1)
    used.process(HERE, 1.0, DEFAULTS, FRAME_S)
    run(used, 50, DEFAULTS)
    used.reset()
    np.testing.assert_array_equal(run(used, 20, DEFAULTS), run(fresh, 20, DEFAULTS))
    used.reset(HERE)
    fresh.reset(HERE)
    np.testing.assert_array_equal(run(used, 20, DEFAULTS), run(fresh, 20, DEFAULTS))


def test_reset_to_a_latent_starts_there(motion: LatentMotion) -> None:
    motion.reset(HERE)
    np.testing.assert_allclose(motion.process(THERE, 0.0, STILL, 0.0), HERE, atol=1e-6)


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_do_no_harm(motion: LatentMotion, broken: float) -> None:
    target = THERE.copy()
    target[3] = broken
    assert np.isfinite(motion.process(target, broken, STILL, FRAME_S)).all()
    motion.reset(HERE)
    np.testing.assert_allclose(motion.process(target, broken, STILL, FRAME_S), HERE, atol=1e-6)
    assert np.abs(run(motion, 20, STILL)[-1] - HERE).max() > 0.1


def test_what_it_gives_and_takes_is_not_shared(motion: LatentMotion) -> None:
    target = HERE.copy()
    first = motion.process(target, 0.0, STILL, FRAME_S)
    target[:] = 0.0
    first[:] = 0.0
    np.testing.assert_allclose(motion.process(HERE, 0.0, STILL, FRAME_S), HERE, atol=1e-6)
