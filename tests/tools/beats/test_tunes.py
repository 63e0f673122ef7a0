import mido
import numpy as np
import pytest

from instrument.errors import InstrumentError
from instrument.tools.beats.tunes import DRUM_CHANNEL, FASTEST_BPM, SLOWEST_BPM, Tune, TuneNote, grip_of, read_tune
from instrument.tools.beats.varying import vary

TICKS = 96


def write_tune(path, starts, tempo_bpm=120.0, meter=(4, 4), channel=0):
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("time_signature", numerator=meter[0], denominator=meter[1]))
    track.append(mido.MetaMessage("set_tempo", tempo=round(6e7 / tempo_bpm)))
    track.append(mido.Message("program_change", channel=channel, program=7))
    before = 0
    for start in starts:
        tick = round(start * TICKS)
        track.append(mido.Message("note_on", channel=channel, note=60, velocity=80, time=tick - before))
        track.append(mido.Message("note_off", channel=channel, note=60, time=20))
        before = tick + 20
    midi = mido.MidiFile(ticks_per_beat=TICKS)
    midi.tracks.append(track)
    midi.save(path)
    return path


def plain_tune(beats=200, channel=0, bar=4):
    notes = (TuneNote(float(beat), 0.5, channel, 0, 60 + beat % 5, 90) for beat in range(beats))
    return Tune(tuple(notes), 120.0, bar)


def starts_of(path):
    now_s, starts = 0.0, []
    for message in mido.MidiFile(path):
        now_s += message.time
        if message.type == "note_on":
            starts.append((now_s, message.channel))
    return starts


def test_a_tune_is_read_with_its_beats_and_its_bar(tmp_path):
    tune = read_tune(write_tune(tmp_path / "a.mid", [0, 1, 1.5, 2, 3, 4], 100.0, (3, 4)))
    assert [note.start for note in tune.notes] == pytest.approx([0, 1, 1.5, 2, 3, 4])
    assert (round(tune.tempo_bpm, 3), tune.bar) == (100.0, 3)
    assert tune.notes[0].program == 7


def test_eighths_by_threes_make_a_dotted_beat(tmp_path):
    tune = read_tune(write_tune(tmp_path / "a.mid", np.arange(0, 12, 1.5), 120.0, (6, 8)))
    assert [note.start for note in tune.notes] == pytest.approx(range(8))
    assert (round(tune.tempo_bpm), tune.bar) == (80, 2)


@pytest.mark.parametrize(("written_bpm", "taken_bpm", "bar"), [(216.0, 108.0, 2), (50.0, 100.0, 8), (120.0, 120.0, 4)])
def test_a_tempo_beyond_the_usual_is_taken_an_octave_nearer(tmp_path, written_bpm, taken_bpm, bar):
    tune = read_tune(write_tune(tmp_path / "a.mid", range(16), written_bpm))
    assert (round(tune.tempo_bpm), tune.bar) == (taken_bpm, bar)
    assert tune.notes[-1].start == pytest.approx(15 * taken_bpm / written_bpm)


def test_notes_that_all_come_late_move_the_beats_to_them(tmp_path):
    late = 5.0 / TICKS
    tune = read_tune(write_tune(tmp_path / "a.mid", np.arange(1, 17) + late))
    assert tune.notes[3].start == pytest.approx(4.0, abs=1e-6)


def test_notes_beside_the_beats_are_refused(tmp_path):
    starts = np.cumsum(np.random.default_rng(0).uniform(0.25, 1.1, 200))
    with pytest.raises(InstrumentError, match="do not keep to its beats"):
        read_tune(write_tune(tmp_path / "free.mid", starts))
    (tmp_path / "no.mid").write_bytes(b"MThd what")
    with pytest.raises(InstrumentError, match="no MIDI file"):
        read_tune(tmp_path / "no.mid")


def test_triplets_keep_to_the_beat_as_well():
    grip, late = grip_of(np.arange(0, 20, 1 / 3) + 0.01)
    assert grip == pytest.approx(1.0)
    assert late == pytest.approx(0.01)


@pytest.mark.parametrize("seed", range(8))
def test_a_version_is_played_on_its_beats(tmp_path, seed):
    beats_s = vary(plain_tune(), np.random.default_rng(seed), 20.0, tmp_path / "v.mid").beats_s
    periods_bpm = 60.0 / np.diff(beats_s)
    assert SLOWEST_BPM * 0.7 < periods_bpm.min() <= periods_bpm.max() < FASTEST_BPM * 1.3
    tones = [start_s for start_s, channel in starts_of(tmp_path / "v.mid") if channel != DRUM_CHANNEL]
    distances = [np.min(np.abs(beats_s - start_s)) for start_s in tones]
    assert len(tones) >= 20
    assert max(distances) < 0.08


def test_the_same_seed_plays_the_same_and_another_otherwise(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        vary(plain_tune(), np.random.default_rng(seed), 20.0, tmp_path / f"{name}.mid")
    one, again, other = ((tmp_path / f"{name}.mid").read_bytes() for name in "abc")
    assert one == again != other


def test_drums_come_to_some_tunes_without_and_go_from_some_with(tmp_path):
    def drummed(tune, seed):
        vary(tune, np.random.default_rng(seed), 20.0, tmp_path / "v.mid")
        return any(channel == DRUM_CHANNEL for _, channel in starts_of(tmp_path / "v.mid"))

    assert 4 < sum(drummed(plain_tune(), seed) for seed in range(24)) < 20
    assert not any(drummed(plain_tune(bar=3), seed) for seed in range(6))
    both = Tune(plain_tune().notes + plain_tune(channel=DRUM_CHANNEL).notes, 120.0, 3)
    assert 10 < sum(drummed(both, seed) for seed in range(24)) < 24


def test_too_short_a_tune_is_refused(tmp_path):
    with pytest.raises(InstrumentError, match="too few notes"):
        vary(plain_tune(beats=5, bar=3), np.random.default_rng(0), 20.0, tmp_path / "v.mid")
