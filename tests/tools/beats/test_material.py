from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest

from instrument.errors import InstrumentError
from instrument.tools.beats.blends import FASTEST_BPM, SLOWEST_BPM, blend, compose_blend
from instrument.tools.beats.general_midi import beats_of, write_midi
from instrument.tools.beats.hearing import hear
from instrument.tools.beats.pieces import beatless, constructed
from instrument.tools.beats.rhythms import DRUMS, FAMILIES, FITTED, HELD, Role
from instrument.tools.beats.score import Composer, compose
from instrument.tools.beats.sets import BEATLESS, VERSIONS, dev_jobs, fit_jobs, held_jobs, version_jobs
from instrument.tools.beats.syncopes import FEELS, compose_syncope, grouped, syncope
from instrument.tools.beats.tempo_map import Change, draw_tempo_map


@pytest.mark.parametrize("change", Change)
def test_beats_follow_each_other(change):
    tempo_map = draw_tempo_map(np.random.default_rng(4), 120.0, 30.0, change)
    periods_s = np.diff(tempo_map.beats_s)
    assert 60.0 / 190.0 <= periods_s.min() <= periods_s.max() <= 60.0 / 58.0 + 1e-9
    assert (np.ptp(periods_s) < 1e-9) == (change is Change.STEADY)
    assert tempo_map.beats_s[-1] > 30.0


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_plays_on_its_beats(name):
    score = compose(3, name, 12.0, Change.STEADY)
    assert compose(3, name, 12.0, Change.STEADY).notes == score.notes
    beats_s = score.tempo_map.beats_s
    near = [np.min(np.abs(beats_s - note.start_s)) < 0.035 for note in score.notes]
    assert sum(near) >= 0.15 * len(near) > 2
    assert all(note.role is not Role.DRUM or chr(note.pitch) in DRUMS for note in score.notes)


def test_blends_differ_and_hold_nothing_of_the_held_families():
    blends = [blend(np.random.default_rng(seed)) for seed in range(60)]
    held = {line for name in HELD for bar in FAMILIES[name].drums for line in bar.values()}
    fitted = {line for name in FITTED for bar in FAMILIES[name].drums for line in bar.values()}
    lines = {line for family in blends for bar in family.drums for line in bar.values()}
    assert lines <= fitted
    assert not lines & (held - fitted)
    assert len({(family.tempi_bpm, family.layers) for family in blends}) == 60
    assert 5 < sum("drum" not in family.layers for family in blends) < 40
    assert all(SLOWEST_BPM <= family.tempi_bpm[0] <= FASTEST_BPM for family in blends)
    score = compose_blend(7, 12.0)
    assert compose_blend(7, 12.0).notes == score.notes
    assert len(score.notes) > 10


def test_syncopes_differ_and_hold_no_bar_of_the_held_families():
    syncopes = [syncope(np.random.default_rng(seed)) for seed in range(60)]
    assert len({(family.tempi_bpm, family.layers) for family in syncopes}) == 60
    assert 2 < sum("drum" not in family.layers for family in syncopes) < 20
    assert 10 < sum(family.pushed for family in syncopes) < 50
    lines = [line for family in syncopes for line in (*family.bass, *family.comping)]
    assert {len(line) for line in lines} == {16}
    assert not [bar for name in HELD for bar in FAMILIES[name].drums if bar in FEELS]
    score = compose_syncope(7, 12.0)
    assert compose_syncope(7, 12.0).notes == score.notes
    assert len(score.notes) > 10


def test_bars_of_twos_and_threes_lean_beside_the_beat():
    bars = [grouped(np.random.default_rng(seed)) for seed in range(100)]
    assert all(bar == sorted(set(bar)) and set(bar) <= set(range(16)) for bar in bars)
    beside = [sum(step % 4 != 0 for step in bar) / len(bar) for bar in bars]
    assert np.mean(beside) > 0.5


@pytest.mark.parametrize("pushed", [False, True])
def test_a_pushed_chord_comes_before_its_bar(pushed):
    family = replace(FAMILIES["strings"], pushed=pushed, bass=("1.............1.",), comping=("X.............X.",))
    notes = Composer(np.random.default_rng(3), family, 24.0, Change.STEADY).write().notes
    basses = [note.pitch for note in notes if note.role is Role.BASS]
    # The last eighth of a bar and the first of the next are the same chord if it is pushed.
    same = np.mean([last == first for last, first in zip(basses[1::2], basses[2::2], strict=False)])
    assert (same == 1.0) == pushed


def test_a_piece_is_the_same_for_the_same_seed_and_heard_finite():
    one, other = constructed("house", 5), constructed("house", 5)
    assert np.array_equal(one.samples, other.samples)
    assert not np.array_equal(one.samples[:1000], constructed("house", 6).samples[:1000])
    assert all(np.isfinite(rows).all() for rows in hear(one.samples[:44100], one.sample_rate))
    assert np.abs(one.samples).max() <= 1.1


@pytest.mark.parametrize("kind", BEATLESS)
def test_sound_without_a_beat_has_none(kind):
    piece = beatless(kind, 2)
    assert len(piece.beats_s) == 0
    assert 0.001 < np.abs(piece.samples).max() <= 1.1


def test_no_family_is_both_fitted_and_held():
    assert not set(FITTED) & set(HELD)
    assert set(FITTED) | set(HELD) == set(FAMILIES)
    names = [{str(job) for job in jobs} for jobs in (fit_jobs(), dev_jobs(), held_jobs())]
    assert not names[0] & names[1]
    assert not names[0] & names[2]
    assert not names[1] & names[2]


def test_every_version_of_a_tune_is_another():
    tunes = [Path("a.mid"), Path("b.mid")]
    jobs = version_jobs(tunes)
    assert [job.args[0] for job in jobs] == [tune for tune in tunes for _ in range(VERSIONS)]
    assert len({job.args[1] for job in jobs}) == len(jobs)


def test_a_score_as_midi_keeps_its_times(tmp_path):
    score = compose(2, "rock", 8.0)
    write_midi(score, np.random.default_rng(0), tmp_path / "piece.mid")
    played = [message for message in mido.MidiFile(tmp_path / "piece.mid") if not message.is_meta]
    now_s, starts_s = 0.0, []
    for message in played:
        now_s += message.time
        if message.type == "note_on":
            starts_s.append(now_s)
    assert sorted(starts_s) == pytest.approx([note.start_s for note in score.notes], abs=6e-4)


def test_beats_lie_on_the_tempo_map(tmp_path):
    midi = mido.MidiFile(ticks_per_beat=96)
    track = mido.MidiTrack()
    midi.tracks.append(track)
    track.append(mido.MetaMessage("time_signature", numerator=3, denominator=4))
    track.append(mido.MetaMessage("set_tempo", tempo=600_000))
    track.append(mido.Message("note_on", note=60, velocity=9, time=0))
    track.append(mido.MetaMessage("set_tempo", tempo=300_000, time=192))
    track.append(mido.Message("note_on", note=60, velocity=9, time=192))
    midi.save(tmp_path / "changing.mid")
    beats_s, bar = beats_of(tmp_path / "changing.mid")
    assert beats_s == pytest.approx([0.0, 0.6, 1.2, 1.5, 1.8])
    assert bar == 3


def test_what_is_no_midi_is_refused(tmp_path):
    (tmp_path / "no.mid").write_bytes(b"MThd what")
    with pytest.raises(InstrumentError, match="no MIDI file"):
        beats_of(tmp_path / "no.mid")
