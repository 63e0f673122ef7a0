"""The whole chain of the ears: three laws, and every input that a stage may meet."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.audio.demo import render_phrases
from instrument.audio.source import AudioBlock
from instrument.engine.listening import EarSettings, Heard, ListeningChain
from instrument.errors import AudioError
from instrument.features.beats import NoBeats
from instrument.features.corpus import CORPUS
from instrument.features.rhythm import NO_RHYTHM, BeatState, DropState
from instrument.features.room import Room

Floats = npt.NDArray[np.float32]
RATE, HOP_SIZE = 48_000, 1024
RIDING = EarSettings(gain_db=3.0, auto_gain=True)


class EveryHalfSecond:
    """Stands for a beat follower: knows beats each half second, and counts what it is told."""

    def __init__(self, sample_rate: int, hop_size: int) -> None:
        self.reset()

    def reset(self) -> None:
        self.heard = 0.0

    def process(self, power: Floats, time_s: float, window: Floats) -> BeatState:
        assert power.shape == (1025,)
        assert window.shape == (2048,)
        # The spectrum is that of the window, and both those of this hop.
        assert float(np.abs(window).max()) == 0.0 or float(power.max()) > 0.0
        self.heard += float(power.sum()) + float(window[-1])
        return BeatState(120.0, min(self.heard, 1.0), np.floor(2.0 * time_s) / 2.0)

    def tap(self, time_s: float) -> None: ...
    def halve(self) -> None: ...
    def double(self) -> None: ...


@cache
def music(seconds: float = 4.0) -> Floats:
    """The demo's hard part, ``(n, 2)``, quiet enough for the automatic gain to move."""
    phrases = render_phrases(RATE)
    for _ in range(8):
        next(phrases)
    return 0.02 * next(phrases)[: round(seconds * RATE)]


def chain_of(sample_rate: int = RATE, hop_size: int = HOP_SIZE) -> ListeningChain:
    return ListeningChain(sample_rate, hop_size, EveryHalfSecond)


@pytest.fixture(scope="module")
def shared() -> ListeningChain:
    return chain_of()


def play(chain: ListeningChain, samples: Floats, sizes: list[int], ears: EarSettings = RIDING) -> list[Heard]:
    """In blocks of these sizes, over and over; time 0 is the first sample."""
    heard, start, turn = [], 0, 0
    while start < len(samples):
        block = samples[start : start + sizes[turn % len(sizes)]]
        start, turn = start + len(block), turn + 1
        heard += chain.process(AudioBlock(block, start / chain.sample_rate), ears)
    return heard


def table(heard: list[Heard]) -> npt.NDArray[np.float64]:
    """All numbers of all hops."""
    rows = []
    for hop in heard:
        onset = hop.rhythm.onset
        rows.append([
            *hop.vector.descriptors(), hop.vector.rms, hop.vector.capture_time_s, *hop.normalized.descriptors(),
            hop.normalized.level, float(hop.normalized.gate_open), hop.rhythm.beat.confidence, hop.rhythm.beat.anchor_s,
            onset.time_s if onset else -1.0, onset.strength if onset else -1.0,
            float(list(DropState).index(hop.rhythm.drop)),
        ])  # fmt: skip
    return np.array(rows)


# --- the laws


@settings(max_examples=12, deadline=None)
@given(sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=6))
def test_block_size_does_not_matter(shared: ListeningChain, sizes: list[int]) -> None:
    sizes = [max(size, 100) for size in sizes[:-1]] + [max(sizes[-1], 400)]
    shared.reset()
    whole = table(play(shared, music(), [len(music())]))
    shared.reset()
    np.testing.assert_allclose(table(play(shared, music(), sizes)), whole, rtol=1e-4, atol=1e-4)
    assert (whole[:, 14] >= 0.0).any(), "attacks are part of the law"


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), gain_db=st.floats(-24.0, 24.0))
def test_reset_equals_fresh(shared: ListeningChain, seed: int, gain_db: float) -> None:
    fresh = play(chain_of(), music(1.0), [HOP_SIZE])
    noise = np.random.default_rng(seed).uniform(-2.0, 2.0, (20_000, 1)).astype(np.float32)
    noise[::977] = np.nan
    play(shared, noise, [700], EarSettings(gain_db, True))
    shared.start_check()
    shared.reset()
    assert shared.bad_samples == 0
    assert shared.check_progress is None
    assert not shared.clipped
    assert play(shared, music(1.0), [HOP_SIZE]) == fresh


@pytest.mark.parametrize("hop_size", [1024, 512, 256])
def test_live_equals_offline(hop_size: int) -> None:
    """Blocks as an interface brings them, against the whole piece at once; with the real beat tracker."""
    live = play(ListeningChain(RATE, hop_size), music(), [256])
    offline = play(ListeningChain(RATE, hop_size), music(), [len(music())])
    assert len(live) == len(music()) // hop_size
    np.testing.assert_allclose(table(live), table(offline), rtol=1e-3, atol=1e-3)
    assert live[-1].rhythm.beat.tempo_bpm > 0.0
    np.testing.assert_allclose(live[-1].rhythm.beat.next_beats_s, offline[-1].rhythm.beat.next_beats_s, atol=1e-3)


def test_without_a_tracker_all_else_is_heard_alike() -> None:
    with_beats = play(ListeningChain(RATE, HOP_SIZE), music(), [HOP_SIZE])
    chain = ListeningChain(RATE, HOP_SIZE, NoBeats)
    for correct in (chain.beats.halve, chain.beats.double, chain.reset):
        correct()
    chain.beats.tap(0.0)
    without = play(chain, music(), [HOP_SIZE])
    assert {hop.rhythm.beat for hop in without} == {NO_RHYTHM.beat}
    assert without == [replace(hop, rhythm=replace(hop.rhythm, beat=NO_RHYTHM.beat)) for hop in with_beats]


def test_playing_asks_librosa_nothing_and_imports_nothing() -> None:
    """After the chain was made, no function of librosa's runs, and no module is loaded in the first hop on stage."""
    program = """
import sys, numpy as np
from instrument.audio.source import AudioBlock
from instrument.engine.listening import EarSettings, ListeningChain
chain = ListeningChain(48000, 1024)
before, called = set(sys.modules), []
sys.setprofile(lambda frame, event, _: called.append(frame.f_code.co_filename) if event == "call" else None)
sound = np.random.default_rng(0).uniform(-0.5, 0.5, (96000, 2)).astype(np.float32)
for start in range(0, len(sound), 1000):
    chain.process(AudioBlock(sound[start:start + 1000], start / 48000), EarSettings(auto_gain=True))
sys.setprofile(None)
assert len(called) > 1000 and not [name for name in called if "librosa" in name]
assert set(sys.modules) == before, sorted(set(sys.modules) - before)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


# --- what may come in


def finite(heard: list[Heard]) -> bool:
    return bool(np.isfinite(table(heard)).all())


def as_mono(sound: Floats) -> Floats:
    return sound[:, :1].copy()


def test_silence_rests(shared: ListeningChain) -> None:
    shared.reset()
    heard = play(shared, np.zeros((RATE, 2), np.float32), [HOP_SIZE])
    assert finite(heard)
    assert not any(hop.normalized.gate_open for hop in heard)
    assert heard[-1].rhythm.onset is None
    assert not shared.clipped


def test_clipped_is_told_and_heard_on(shared: ListeningChain) -> None:
    shared.reset()
    loud = np.clip(400.0 * music(2.0), -1.0, 1.0)
    heard = play(shared, loud, [HOP_SIZE])
    assert finite(heard)
    assert shared.clipped
    assert heard[-1].normalized.gate_open
    play(shared, 0.1 * music(2.0), [HOP_SIZE])
    assert not shared.clipped


@pytest.mark.parametrize("offset", [0.05, -0.3])
def test_an_offset_makes_no_difference(shared: ListeningChain, offset: float) -> None:
    plain = EarSettings()
    shared.reset()
    without = table(play(shared, 10.0 * music(), [HOP_SIZE], plain))[60:, :6]
    shared.reset()
    shifted = table(play(shared, 10.0 * music() + np.float32(offset), [HOP_SIZE], plain))[60:, :6]
    assert np.abs(shifted[:, 3] - without[:, 3]).max() < 0.01
    np.testing.assert_allclose(np.median(shifted, axis=0), np.median(without, axis=0), rtol=0.02)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 3e38])
def test_what_is_not_sound_is_silence_and_counted(shared: ListeningChain, bad: float) -> None:
    broken = music(1.0).copy()
    broken[5000:5010, 1] = bad
    mended = broken.copy()
    mended[5000:5010, 1] = 0.0
    shared.reset()
    heard = play(shared, broken, [777])
    assert shared.bad_samples == 10
    shared.reset()
    assert heard == play(shared, mended, [777])


def test_nothing_but_nan_is_silence(shared: ListeningChain) -> None:
    shared.reset()
    heard = play(shared, np.full((RATE, 2), np.nan, np.float32), [HOP_SIZE])
    assert finite(heard)
    assert not any(hop.normalized.gate_open for hop in heard)


@pytest.mark.parametrize("sample_rate", [8_000, 22_050, 96_000, 192_000])
def test_other_rates_are_heard(sample_rate: int) -> None:
    """A second of tones and knocks, made at each rate: hops, levels and attacks are found at all of them."""
    t = np.arange(2 * sample_rate) / sample_rate
    sound = 0.1 * np.sin(2.0 * np.pi * 440.0 * t) + 0.5 * np.sin(2.0 * np.pi * 80.0 * t) * np.exp(-20.0 * (t % 0.5))
    heard = play(chain_of(sample_rate), sound.astype(np.float32)[:, None], [333])
    assert len(heard) == len(sound) // HOP_SIZE
    assert finite(heard)
    assert heard[-1].normalized.gate_open
    attacks_s = {hop.rhythm.onset.time_s for hop in heard if hop.rhythm.onset}
    late = [time_s for time_s in attacks_s if time_s > 0.3]
    assert late
    near_s = 0.03 + HOP_SIZE / sample_rate
    assert all(min(time_s % 0.5, 0.5 - time_s % 0.5) < near_s for time_s in late)


def test_a_rate_too_low_is_refused() -> None:
    with pytest.raises(AudioError, match="too low to listen to"):
        chain_of(4_000)


@pytest.mark.parametrize(
    "spread",
    [as_mono, lambda sound: np.repeat(as_mono(sound), 8, axis=1)],
    ids=["mono", "eight channels"],
)
def test_channels_are_one_mix(shared: ListeningChain, spread: Callable[[Floats], Floats]) -> None:
    shared.reset()
    stereo = table(play(shared, np.repeat(as_mono(music()), 2, axis=1), [HOP_SIZE]))
    shared.reset()
    np.testing.assert_allclose(table(play(shared, spread(music()), [HOP_SIZE])), stereo, rtol=1e-3, atol=1e-3)


def test_channels_may_change_on_the_way(shared: ListeningChain) -> None:
    shared.reset()
    for channels in (1, 2, 8, 1):
        heard = shared.process(AudioBlock(np.full((3000, channels), 0.1, np.float32), 1.0), RIDING)
        assert finite(heard)


@pytest.mark.parametrize("block", [np.zeros((0, 2), np.float32), np.zeros((1, 1), np.float32)])
def test_blocks_too_small_for_a_hop_complete_none(shared: ListeningChain, block: Floats) -> None:
    shared.reset()
    assert shared.process(AudioBlock(block, 0.0)) == []


# --- what the hands and the room do


def test_hold_keeps_the_ranges(shared: ListeningChain) -> None:
    shared.reset()
    play(shared, 20.0 * music(), [HOP_SIZE], EarSettings())
    learned = shared.bounds
    play(shared, music(), [HOP_SIZE], EarSettings(hold=True))
    assert shared.bounds == learned
    play(shared, music(), [HOP_SIZE], EarSettings())
    assert shared.bounds != learned


def test_drops_can_be_switched_off(shared: ListeningChain) -> None:
    shared.reset()
    heard = play(shared, music(0.5), [HOP_SIZE], EarSettings(arms_drops=False))
    assert {hop.rhythm.drop for hop in heard} == {DropState.OFF}


def test_a_learned_floor_is_where_the_gate_is(shared: ListeningChain) -> None:
    shared.reset()
    noise = (10.0 ** (-50.0 / 20.0) * np.random.default_rng(0).standard_normal((RATE, 1))).astype(np.float32)
    assert play(shared, noise, [HOP_SIZE], EarSettings())[-1].normalized.gate_open
    shared.use_room(Room(-45.0, 0.0, ()))
    for gain_db in (0.0, 20.0):
        quiet = play(shared, noise, [HOP_SIZE], EarSettings(gain_db))
        assert not any(hop.normalized.gate_open for hop in quiet[2:]), "the hand's gain does not open it"
    assert play(shared, 4.0 * noise, [HOP_SIZE], EarSettings())[-1].normalized.gate_open
    shared.use_room(None)


def test_a_room_brings_its_ranges_and_the_hand_moves_the_level(shared: ListeningChain) -> None:
    shared.reset()
    ranges = tuple((corpus.domain(corpus.low), corpus.domain(corpus.high)) for corpus in CORPUS)
    shared.use_room(Room(-50.0, 6.0, ranges), gain_db=4.0)
    *others, level = shared.bounds
    np.testing.assert_allclose(others, ranges[:-1])
    assert level == pytest.approx((ranges[-1][0] + 4.0, ranges[-1][1] + 4.0))
    assert shared.room == Room(-50.0, 6.0, ranges)
    shared.use_room(None)
