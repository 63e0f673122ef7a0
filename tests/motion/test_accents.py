"""Marks: by the frame nearest to the beat, never too often, never darker, and on attacks where no beat is sure."""

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.features.rhythm import BeatState, DropState, Onset, Rhythm
from instrument.motion.accents import OFF_BEAT, PUSH_AXES, Accent, Accents, Cue, brighten, due_beat
from instrument.params.table import (
    ACCENT_BEAT,
    ACCENT_FLASH,
    ACCENT_LEAD,
    ACCENT_PUNCH,
    ACCENT_PUSH,
    MOTION_FREEZE,
    build_table,
)

PERIOD_S = 1.0 / 30.0
PARAMS = {name: spec.default for name, spec in build_table(()).items()} | {ACCENT_FLASH: 1.0}


def believed(now_s: float, tempo_bpm: float, confidence: float = 0.9, announced: int = 3) -> BeatState:
    """What a follower says at `now_s` of an even beat with one at time 0."""
    beat_s = 60.0 / tempo_bpm
    last = math.floor(now_s / beat_s)
    coming = tuple(beat_s * (last + ahead) for ahead in range(1, announced + 1))
    return BeatState(tempo_bpm, confidence, last * beat_s, last % 4, coming)


def play(
    seconds: float,
    rhythm_at: Callable[[float], Rhythm],
    params: dict[str, float] = PARAMS,
    jitter_s: float = 0.0,
    accents: Accents | None = None,
) -> list[tuple[float, Accent]]:
    """When each frame is sent, and its marks. It is made 25 ms before, from a rhythm that is 10 ms old by then."""
    rng, accents, frames, before_s = np.random.default_rng(1), accents or Accents(), [], 10.0
    for number in range(round(seconds / PERIOD_S)):
        sent_s = 10.0 + number * PERIOD_S + float(rng.uniform(-jitter_s, jitter_s))
        cue = Cue(sent_s, PERIOD_S, rhythm_at(sent_s - 0.035), listens=True)
        frames.append((sent_s, accents.process(cue, params, sent_s - before_s)))
        before_s = sent_s
    return frames


def marked_s(frames: list[tuple[float, Accent]]) -> list[float]:
    """When the flash rose."""
    rises = itertools.pairwise(frames)
    return [sent_s for (_, before), (sent_s, now) in rises if now.flash > before.flash + 0.1]


@pytest.mark.parametrize("tempo_bpm", [71.0, 96.0, 124.0, 165.0])
@pytest.mark.parametrize("announced", [0, 1, 3])
def test_every_beat_is_marked_by_the_nearest_frame(tempo_bpm: float, announced: int) -> None:
    frames = play(30.0, lambda now_s: Rhythm(believed(now_s, tempo_bpm, announced=announced)), jitter_s=0.004)
    beat_s = 60.0 / tempo_bpm
    off_s = np.array([time_s - round(time_s / beat_s) * beat_s for time_s in marked_s(frames)])
    assert len(off_s) == pytest.approx(30.0 / beat_s, abs=1.5)
    assert np.median(np.abs(off_s)) < 0.5 * PERIOD_S
    assert np.abs(off_s).max() < PERIOD_S
    assert abs(np.mean(off_s)) < 0.1 * PERIOD_S


def test_lead_sends_them_early() -> None:
    lead_s = 0.08
    params = PARAMS | {ACCENT_LEAD: 1e3 * lead_s}
    frames = play(20.0, lambda now_s: Rhythm(believed(now_s, 120.0)), params)
    off_s = [time_s + lead_s - round((time_s + lead_s) / 0.5) * 0.5 for time_s in marked_s(frames)]
    assert len(off_s) > 35
    assert np.abs(off_s).max() <= 0.5 * PERIOD_S + 1e-9


def test_a_beat_that_is_moved_is_not_marked_twice() -> None:
    """The follower thinks again just after a beat, and believes it 60 ms later."""

    def rhythm_at(now_s: float) -> Rhythm:
        state = believed(now_s, 120.0)
        moved = state.anchor_s + 0.06
        return Rhythm(replace(state, anchor_s=moved, next_beats_s=(moved,) if now_s < moved else state.next_beats_s))

    times_s = marked_s(play(20.0, rhythm_at))
    assert np.diff(times_s).min() > 0.4


@pytest.mark.parametrize("confidence", [0.0, 0.3])
def test_without_confidence_attacks_are_marked(confidence: float) -> None:
    def rhythm_at(now_s: float) -> Rhythm:
        newest = 0.8 * math.floor(now_s / 0.8) + 0.001
        return Rhythm(believed(now_s, 120.0, confidence), Onset(newest, 0.9))

    times_s = marked_s(play(20.0, rhythm_at))
    assert len(times_s) == pytest.approx(25, abs=1)
    late_s = np.array(times_s) % 0.8
    assert late_s.max() < 0.035 + 2.0 * PERIOD_S


def test_attacks_are_marked_where_the_hand_asks_for_them() -> None:
    def rhythm_at(now_s: float) -> Rhythm:
        return Rhythm(believed(now_s, 120.0), Onset(0.7 * math.floor(now_s / 0.7), 0.9))

    by_onset = marked_s(play(14.0, rhythm_at, PARAMS | {ACCENT_BEAT: 0.0}))
    assert np.diff(by_onset).mean() == pytest.approx(0.7, abs=0.01)
    assert np.diff(marked_s(play(14.0, rhythm_at))).mean() == pytest.approx(0.5, abs=0.01)


def test_confidence_between_the_two_limits_changes_nothing() -> None:
    accents = Accents()
    for sure, expected in ((0.4, 0.0), (0.6, 1.0), (0.4, 1.0), (0.3, 0.0), (0.45, 0.0)):
        frames = play(2.0, lambda now_s, sure=sure: Rhythm(believed(now_s, 120.0, sure)), accents=accents)
        accents._shown_s = -math.inf
        assert (len(marked_s(frames)) > 0) == bool(expected), sure


def test_a_tapped_beat_needs_no_confidence() -> None:
    frames = play(5.0, lambda now_s: Rhythm(replace(believed(now_s, 120.0, 0.0), by_hand=True)))
    assert len(marked_s(frames)) >= 9


@settings(max_examples=60, deadline=None)
@given(
    tempo_bpm=st.floats(40.0, 400.0), confidence=st.floats(0.0, 1.0), every_s=st.floats(0.01, 0.5),
    fires_s=st.floats(10.0, 14.0), fps=st.sampled_from([24.0, 30.0, 60.0, 120.0]),
)  # fmt: skip
def test_never_more_than_three_flashes_a_second(
    tempo_bpm: float, confidence: float, every_s: float, fires_s: float, fps: float
) -> None:
    accents, before, rises = Accents(), 0.0, []
    for number in range(round(5.0 * fps)):
        now_s = 10.0 + number / fps
        drop = DropState.FIRED if fires_s < now_s < fires_s + 1.0 else DropState.ARMED
        onset = Onset(every_s * math.floor(now_s / every_s), 1.0)
        rhythm = Rhythm(believed(now_s, tempo_bpm, confidence), onset, drop)
        flash = accents.process(Cue(now_s, 1.0 / fps, rhythm, listens=True), PARAMS, 1.0 / fps).flash
        if flash > before:
            rises.append(now_s)
        before = flash
    assert all(later - first > 0.999 for first, later in zip(rises[:-3], rises[3:], strict=True))


def test_silence_and_freeze_mark_nothing() -> None:
    rhythm = Rhythm(believed(9.99, 120.0), Onset(9.98, 1.0))
    assert Accents().process(Cue(10.0, PERIOD_S, rhythm, listens=False), PARAMS, PERIOD_S) == Accent()
    frozen = PARAMS | {MOTION_FREEZE: 1.0}
    assert Accents().process(Cue(10.0, PERIOD_S, rhythm, listens=True), frozen, PERIOD_S) == Accent()
    assert Accents().process(Cue(10.0, PERIOD_S, rhythm, listens=True), PARAMS, PERIOD_S) != Accent()


def test_a_short_silence_is_part_of_the_music() -> None:
    accents, marks = Accents(), []
    for number in range(300):
        now_s = 10.0 + number * PERIOD_S
        cue = Cue(now_s, PERIOD_S, Rhythm(believed(now_s, 120.0)), listens=now_s < 14.0 and now_s % 0.5 < 0.3)
        marks.append((now_s, accents.process(cue, PARAMS, PERIOD_S).flash))
    bright_s = [now_s for now_s, flash in marks if flash > 0.7]
    assert len([time_s for time_s in bright_s if time_s < 14.2]) >= 8
    assert max(np.abs(np.array(bright_s) - np.round(np.array(bright_s) / 0.5) * 0.5)) < PERIOD_S
    assert 14.8 < max(bright_s) < 15.6, "then it is over"


def test_first_beats_are_strongest_and_pushes_take_turns() -> None:
    frames = play(16.2, lambda now_s: Rhythm(believed(now_s, 60.0)))
    marks = [accent for (_, accent) in frames if accent.flash > 0.6]
    flashes = np.array([accent.flash for accent in marks[2:]])
    assert flashes.max() == 1.0
    assert np.isclose(flashes, OFF_BEAT).any()
    pushes = {(accent.axis, accent.push > 0.0) for accent in marks}
    assert pushes == {(axis, way) for axis in range(PUSH_AXES) for way in (False, True)}


def test_amounts_at_zero_leave_only_the_drop() -> None:
    still = PARAMS | {ACCENT_FLASH: 0.0, ACCENT_PUSH: 0.0, ACCENT_PUNCH: 0.0}
    frames = play(5.0, lambda now_s: Rhythm(believed(now_s, 120.0)), still)
    assert {(accent.flash, abs(accent.push), accent.zoom, accent.hurry, accent.reach) for _, accent in frames} == {
        (0.0, 0.0, 1.0, 1.0, 1.0)
    }


def test_a_build_up_holds_its_breath_and_the_drop_lets_go() -> None:
    def rhythm_at(now_s: float) -> Rhythm:
        return Rhythm(drop=DropState.ARMED if now_s < 16.0 else DropState.FIRED)

    frames = play(12.0, rhythm_at)
    armed = next(accent for sent_s, accent in frames if sent_s > 15.9)
    assert armed.hurry < 0.5
    assert armed.reach < 0.85
    assert armed.zoom > 1.05
    fired_s, fired = next((sent_s, accent) for sent_s, accent in frames if accent.hurry > 2.0)
    assert fired_s - 16.035 < PERIOD_S
    assert fired.flash == 1.0
    assert frames[-1][1].hurry == pytest.approx(1.0, abs=0.2)


def test_reset_equals_fresh() -> None:
    def rhythm_at(now_s: float) -> Rhythm:
        return Rhythm(believed(now_s, 100.0), Onset(now_s, 0.8), DropState.ARMED)

    accents = Accents()
    first = play(4.0, rhythm_at, accents=accents)
    accents.reset()
    assert play(4.0, rhythm_at, accents=accents) == first


def test_due_beat_between_beats_is_none() -> None:
    assert due_beat(believed(0.3, 120.0), 0.3, PERIOD_S) is None
    assert due_beat(believed(0.46, 120.0), 0.49, PERIOD_S) == (0.5, OFF_BEAT)
    assert due_beat(believed(0.46, 120.0), 0.48, PERIOD_S) is None


@given(amount=st.floats(0.0, 1.0))
def test_brighter_is_never_darker_nor_white(amount: float) -> None:
    tones = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    lifted = brighten(tones, amount)
    assert (lifted >= tones).all()
    assert lifted[0, 0, 0] == 0
    assert ((lifted == 255) == (tones == 255)).all()
    assert (np.diff(lifted[..., 0].ravel().astype(int)) >= 0).all()


def test_no_flash_is_the_very_array() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    assert brighten(image, 0.0) is image


def test_asked_again_a_frame_shows_what_was_heard_meanwhile() -> None:
    accents = Accents()
    before = accents.process(Cue(10.0, PERIOD_S, Rhythm(), listens=True), PARAMS, PERIOD_S)
    attack = Cue(10.001, PERIOD_S, Rhythm(onset=Onset(9.99, 1.0)), listens=True)
    assert before.flash == 0.0
    assert accents.process(attack, PARAMS, 0.0).flash == 1.0
    again = accents.process(replace(attack, sent_s=10.034), PARAMS, PERIOD_S)
    assert 0.0 < again.flash < 1.0, "it is marked once"


@pytest.mark.parametrize(("first", "counts"), [(0.05, 1), (0.5, 2)])
def test_an_attack_that_is_found_to_be_strong_is_marked_once_and_as_bright_as_it_is(first: float, counts: int) -> None:
    onset_s, heard_whole_s = 11.0, 11.04

    def rhythm(now_s: float) -> Rhythm:
        return Rhythm(onset=Onset(onset_s, 0.9 if now_s >= heard_whole_s else first) if now_s >= onset_s else None)

    frames = play(2.0, rhythm)
    flashes = [accent.flash for _, accent in frames]
    brightest = int(np.argmax(flashes))
    assert flashes[brightest] == pytest.approx(0.9)
    assert sum(flash > 0.3 for flash in flashes[: brightest + 1]) == counts
    assert len({accent.axis for _, accent in frames}) == 1
    assert np.all(np.diff(flashes[brightest:]) <= 0.0)
