"""What the benches of listening make of pictures and times, and what they say."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from instrument.errors import AudioError, InstrumentError
from instrument.tools.bench import accents, latency, normaliser
from instrument.tools.bench.clicker import FIRST_S, SHORTEST_S, Clicker
from instrument.tools.feature_table import interleaved_us, practice_music

RATE = 8_000
FRAME_S = 1.0 / 30.0


def flashes(at_s: list[float], seconds: float = 10.0) -> tuple[np.ndarray, np.ndarray]:
    """Times of frames, and a brightness that jumps with the first frame after each moment and dies away."""
    sent_s = np.arange(0.0, seconds, FRAME_S)
    brightness = 90.0 + 2.0 * np.sin(sent_s)
    for moment_s in at_s:
        age_s = sent_s - sent_s[np.searchsorted(sent_s, moment_s)]
        brightness += np.where(age_s >= 0.0, 40.0 * np.exp(-np.maximum(age_s, 0.0) / 0.1), 0.0)
    return sent_s, brightness


def test_reactions_are_the_first_bright_picture_after_each_click() -> None:
    clicks_s = np.array([1.01, 2.5, 4.2, 6.0])
    sent_s, brightness = flashes([click_s + 0.060 for click_s in clicks_s[:3]])
    delays_s = latency.reactions_s(clicks_s, sent_s, brightness)
    assert len(delays_s) == 3, "the last click was not shown"
    assert all(0.060 <= delay_s <= 0.060 + FRAME_S for delay_s in delays_s)


def test_no_pictures_show_no_reaction() -> None:
    assert latency.reactions_s(np.array([1.0]), np.zeros(0), np.zeros(0)) == []
    sent_s, brightness = flashes([])
    assert latency.reactions_s(np.array([1.0, 2.0]), sent_s, brightness) == []


def test_marks_are_measured_against_their_beats() -> None:
    beats_s = np.arange(1.0, 9.0, 0.5)
    sent_s, brightness = flashes([*(beats_s[:-4] + 0.01)])
    marks = accents.marks_of(beats_s, sent_s, brightness, 0.5)
    assert marks.share == pytest.approx((len(beats_s) - 4) / len(beats_s))
    assert ((marks.distances_s > 0.0) & (marks.distances_s < 0.01 + FRAME_S)).all()
    assert "75% of the beats marked" in accents.line_of(120.0, marks, 30.0)
    assert "no beat was marked" in accents.line_of(120.0, accents.marks_of(beats_s, *flashes([]), 0.5), 30.0)


def test_the_track_has_its_kicks_where_the_beats_are(tmp_path: Path) -> None:
    samples, rate = soundfile.read(accents.write_track(tmp_path / "track.wav", 120.0, 4.0))
    starts = [np.abs(samples[round(beat * 0.5 * rate) :][: rate // 100]).max() for beat in range(8)]
    before = [np.abs(samples[round(beat * 0.5 * rate) - rate // 100 :][: rate // 100]).max() for beat in range(1, 8)]
    assert min(starts) > 3.0 * max(before)


def test_the_clicker_says_when_it_clicked() -> None:
    """Periods of 256, the first handed over at 256 / rate: a sample is as old as its place says."""
    clicker, played = Clicker(RATE), []
    for number in range(1, 6 * RATE // 256):
        period = np.empty(256, np.float32)
        clicker.fill(period, number * 256 / RATE)
        played.append(period)
    sound = np.concatenate(played)
    loud = np.flatnonzero(np.abs(sound) > 0.05)
    starts = loud[np.diff(loud, prepend=-RATE) > RATE // 4] / RATE
    assert len(starts) == len(clicker.times_s) >= 3
    np.testing.assert_allclose(starts, clicker.times_s, atol=0.002)
    assert starts[0] == pytest.approx(FIRST_S, abs=0.002)
    assert np.diff(starts).min() > SHORTEST_S


@pytest.mark.parametrize("text", ["1024", "x/256", "1000/256", "1024/2"])
def test_sizes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InstrumentError) as refused:
        latency.main(["--sizes", text])
    assert "\n" not in str(refused.value)


def test_without_jackd_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AudioError, match="jackd"), latency.jack_server():
        pass


def test_the_normaliser_is_judged_on_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    soundfile.write(tmp_path / "piece.wav", practice_music(RATE, 62.0), RATE)
    soundfile.write(tmp_path / "short.wav", practice_music(RATE, 5.0), RATE)
    assert normaliser.main(["--audio", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["piece", "piece.wav", "mean"]
    silence, jump, spread, _ = map(float, lines[1].split()[1:])
    assert 0.0 < silence < 0.3
    assert 0.0 < jump < 0.3
    assert 0.3 < spread <= 1.0
    (tmp_path / "piece.wav").unlink()
    assert normaliser.main(["--audio", str(tmp_path)]) == 1


def test_turns_are_taken_by_all() -> None:
    counted = [0, 0]

    def count(which: int) -> None:
        counted[which] += 1

    times_us = interleaved_us([lambda _: count(0), lambda _: count(1)], 10)
    assert len(times_us) == 2
    assert counted[0] == counted[1] > 10
