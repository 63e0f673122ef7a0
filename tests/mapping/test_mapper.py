from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.errors import CheckpointError
from instrument.features.vector import SILENT, NormalizedFeatures
from instrument.mapping.mapper import MoodMapper, MoodTarget
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import MoodNetwork
from instrument.params.table import AUDIO_AMOUNT, build_table, mood_bias_name

NAMES = ("Aggressive", "Calm", "Deep Sea")
MIDDLES = np.array([[0.2, 0.8, 0.8, 0.8, 0.2], [0.7, 0.2, 0.2, 0.2, 0.6], [0.6, 0.5, 0.6, 0.5, 0.9]])
DEFAULTS = {name: spec.default for name, spec in build_table(NAMES).items()}
HOP_S = 1024 / 48000
Hear = Callable[..., NormalizedFeatures]


@pytest.fixture
def mapper(moods: MoodSet, network: MoodNetwork) -> MoodMapper:
    return MoodMapper(moods, network)


def play(mapper: MoodMapper, features: NormalizedFeatures, duration_s: float, **changes: float) -> MoodTarget:
    """What is asked after `duration_s` of an unchanging sound."""
    for _ in range(max(1, round(duration_s / HOP_S))):
        target = mapper.process(features, {**DEFAULTS, **changes}, HOP_S)
    return target


def assert_same(one: MoodTarget, other: MoodTarget, tolerance: float) -> None:
    for name in ("asked", "played", "coords", "w"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=tolerance, rtol=0, err_msg=name)


@pytest.mark.parametrize("mood", range(3))
def test_a_sound_leads_to_its_mood(mapper: MoodMapper, hear: Hear, moods: MoodSet, mood: int) -> None:
    target = play(mapper, hear(MIDDLES[mood]), 2.0)
    assert target.asked.argmax() == mood
    assert target.asked[mood] > 0.8
    np.testing.assert_allclose(target.asked.sum(), 1.0)
    np.testing.assert_array_equal(target.asked, target.played)
    np.testing.assert_allclose(target.w, moods.target(target.played, target.coords), atol=1e-6)


def test_before_any_sound_all_moods_weigh_the_same(mapper: MoodMapper, moods: MoodSet) -> None:
    target = mapper.process(SILENT, DEFAULTS, HOP_S)
    np.testing.assert_allclose(target.played, 1 / 3)
    np.testing.assert_allclose(target.w, moods.centroids.mean(axis=0), atol=1e-5)


def test_in_silence_the_target_comes_to_rest(mapper: MoodMapper, hear: Hear) -> None:
    loud = play(mapper, hear(MIDDLES[0]), 2.0)
    soon = play(mapper, hear(np.zeros(5), gate_open=False), HOP_S)
    assert np.abs(soon.asked - loud.asked).max() < 0.1
    late = play(mapper, hear(np.zeros(5), gate_open=False), 10.0)
    np.testing.assert_allclose(late.asked, 1 / 3, atol=1e-3)
    np.testing.assert_allclose(late.coords, 0.0, atol=1e-3)


def test_in_silence_the_descriptors_are_not_listened_to(moods: MoodSet, network: MoodNetwork, hear: Hear) -> None:
    targets = []
    for rest in (np.zeros(5), np.ones(5)):
        mapper = MoodMapper(moods, network)
        play(mapper, hear(MIDDLES[0]), 1.0)
        targets.append(play(mapper, hear(rest, gate_open=False), 0.5))
    assert_same(*targets, tolerance=0.0)


def test_a_new_sound_after_silence_is_heard_afresh(moods: MoodSet, network: MoodNetwork, hear: Hear) -> None:
    used = MoodMapper(moods, network)
    play(used, hear(MIDDLES[0]), 1.0)
    play(used, hear(np.zeros(5), gate_open=False), 20.0)
    after = play(used, hear(MIDDLES[1]), 0.1)
    assert_same(after, play(MoodMapper(moods, network), hear(MIDDLES[1]), 0.1), tolerance=1e-5)


def test_moods_do_not_flicker_from_hop_to_hop(mapper: MoodMapper, hear: Hear) -> None:
    rng = np.random.default_rng(0)
    play(mapper, hear(MIDDLES[0]), 1.0)
    steady = [
        mapper.process(hear(np.clip(MIDDLES[0] + 0.1 * rng.standard_normal(5), 0, 1)), DEFAULTS, HOP_S).played
        for _ in range(200)
    ]
    assert np.abs(np.diff(steady, axis=0)).max() < 0.05
    play(mapper, hear(MIDDLES[1]), 2.0)
    assert play(mapper, hear(MIDDLES[1]), HOP_S).played.argmax() == 1


def test_the_onset_is_followed_faster_than_the_timbre(moods: MoodSet, network: MoodNetwork, hear: Hear) -> None:
    arrived = []
    for descriptor in (2, 1):
        mapper = MoodMapper(moods, network)
        before, moved = np.full(5, 0.5), np.full(5, 0.5)
        moved[descriptor] = 0.8
        start = play(mapper, hear(before), 3.0).coords
        soon = play(mapper, hear(moved), 0.1).coords
        end = play(mapper, hear(moved), 3.0).coords
        arrived.append(np.abs(soon - start).sum() / np.abs(end - start).sum())
    assert arrived[0] > 0.6
    assert arrived[1] < 0.5


@given(
    seed=st.integers(0, 2**32 - 1),
    parts=st.lists(st.floats(0.001, 0.5), min_size=1, max_size=6),
    gates=st.tuples(st.booleans(), st.booleans()),
)
def test_the_path_does_not_depend_on_the_frame_rate(
    moods: MoodSet, network: MoodNetwork, hear: Hear, seed: int, parts: list[float], gates: tuple[bool, bool]
) -> None:
    before, sound = np.random.default_rng(seed).uniform(size=(2, 5))
    whole, cut = MoodMapper(moods, network), MoodMapper(moods, network)
    for mapper in (whole, cut):
        mapper.process(hear(before, gates[0]), DEFAULTS, 0.3)
    once = whole.process(hear(sound, gates[1]), DEFAULTS, sum(parts))
    for part in parts:
        target = cut.process(hear(sound, gates[1]), DEFAULTS, part)
    assert_same(once, target, tolerance=2e-4)


def test_reset_equals_fresh(moods: MoodSet, network: MoodNetwork, hear: Hear) -> None:
    used = MoodMapper(moods, network)
    play(used, hear(MIDDLES[0]), 1.0)
    used.reset()
    for duration_s in (HOP_S, 0.3):
        fresh = MoodMapper(moods, network)
        used.reset()
        assert_same(play(used, hear(MIDDLES[2]), duration_s), play(fresh, hear(MIDDLES[2]), duration_s), 0.0)


@pytest.mark.parametrize("mood", NAMES)
def test_a_bias_raises_its_mood_and_leaves_what_the_sound_asks(mapper: MoodMapper, hear: Hear, mood: str) -> None:
    plain = play(mapper, hear(np.full(5, 0.5)), 2.0)
    pushed = play(mapper, hear(np.full(5, 0.5)), HOP_S, **{mood_bias_name(mood): 2.0})
    index = NAMES.index(mood)
    assert pushed.played[index] > plain.played[index] + 0.1
    np.testing.assert_allclose(pushed.asked, plain.asked, atol=1e-3)
    decided = play(mapper, hear(MIDDLES[(index + 1) % 3]), 2.0, **{mood_bias_name(mood): 6.0})
    assert decided.played[index] > 0.8


def test_without_audio_amount_only_the_hand_decides(mapper: MoodMapper, hear: Hear) -> None:
    changes = {AUDIO_AMOUNT: 0.0, mood_bias_name("Calm"): 1.0}
    target = play(mapper, hear(MIDDLES[0]), 2.0, **changes)
    np.testing.assert_allclose(target.played, np.exp([0, 1, 0]) / np.exp([0, 1, 0]).sum())
    assert target.asked[0] > 0.8
    assert np.abs(target.coords).max() > 0.01


def test_a_descriptor_that_is_not_finite_keeps_its_last_value(mapper: MoodMapper, hear: Hear) -> None:
    held = play(mapper, hear(MIDDLES[0]), 2.0)
    broken = replace(hear(MIDDLES[0]), spectral_flatness=float("nan"), onset_strength=float("inf"))
    assert_same(play(mapper, broken, 1.0), held, tolerance=1e-3)
    mapper.reset()
    assert np.isfinite(play(mapper, broken, 1.0).w).all()


def test_a_network_of_other_moods_is_refused(moods: MoodSet, network: MoodNetwork) -> None:
    with pytest.raises(CheckpointError, match="fit again"):
        MoodMapper(replace(moods, names=("A", "B", "C")), network)
