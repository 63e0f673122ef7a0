import math

import numpy as np
import pytest

from instrument.features.rhythm import BeatState
from instrument.tools.beats.judging import Schedule, first_lock_s, judge, places_right
from instrument.tools.beats.sets import tune_jobs
from instrument.tools.bench.beats import main


def announced(lead_s, change_s, true_s=2.0, said_s=2.2):
    """What counts if a beat is said to be at `said_s` until `change_s`, and at `true_s` from then on."""
    schedule = Schedule(lead_s)
    for hop in range(250):
        now_s = 0.01 * hop
        beat_s = said_s if now_s < change_s else true_s
        upcoming = tuple(beat_s + 0.5 * number for number in range(8) if beat_s + 0.5 * number > now_s)
        schedule.take(BeatState(tempo_bpm=120.0, next_beats_s=upcoming), now_s)
    return schedule.beats_s


def test_an_announcement_counts_if_it_is_early_enough():
    assert announced(0.1, 1.85)[0] == pytest.approx(2.0)
    assert announced(0.2, 1.85)[0] == pytest.approx(2.5)
    assert announced(0.1, 2.15)[0] == pytest.approx(2.2)


def test_right_beats_score_one_and_wrong_ones_none():
    beats_s = np.arange(0.5, 30.0, 0.5)
    right = judge(beats_s, beats_s + 0.01)
    assert (right.f, right.cmlt, right.amlt) == (1.0, 1.0, 1.0)
    assert np.median(right.errors_s) == pytest.approx(0.01)
    off_beat = judge(beats_s, beats_s + 0.25)
    assert (off_beat.f, off_beat.cmlt) == (0.0, 0.0)
    assert off_beat.amlt > 0.95
    assert judge(beats_s, np.zeros(0)).f == 0.0
    with pytest.raises(ValueError):
        judge(beats_s[:4], beats_s)


def test_lock_is_the_fourth_right_beat():
    beats_s = np.arange(0.5, 10.0, 0.5)
    assert first_lock_s(beats_s, beats_s[5:]) == pytest.approx(beats_s[8])
    assert first_lock_s(beats_s, np.zeros(0)) == math.inf


def test_places_are_right_where_the_beat_was_hit():
    beats_s = np.arange(0.0, 20.0, 0.5)
    counted = [(beat_s + 0.01, number % 4) for number, beat_s in enumerate(beats_s)]
    assert places_right(beats_s, counted) == 1.0
    assert places_right(beats_s, [(beat_s, place + 1) for beat_s, place in counted]) == 0.0
    assert places_right(beats_s, [(6.0, 0), (6.25, 3), (6.5, 3)]) == 0.5
    assert math.isnan(places_right(beats_s, [(2.0, 0)]))


def test_a_folder_without_tunes_is_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as refused:
        main(["--midi", str(tmp_path)])
    assert refused.value.code == 2
    assert "MIDI" in capsys.readouterr().err.splitlines()[-1] or "soundfont" in capsys.readouterr().err


def test_tunes_need_a_folder_with_tunes(tmp_path):
    with pytest.raises(Exception, match=r"no MIDI files|no soundfont"):
        tune_jobs(tmp_path)
