"""Beats from the rows of tracker modules; the player is libopenmpt itself, the modules are written here."""

import ctypes.util
import struct

import numpy as np
import pytest

from instrument.errors import InstrumentError
from instrument.tools import bench
from instrument.tools.beats import pieces
from instrument.tools.beats.modules import TEMPO_SPREAD, module_files, play_module
from instrument.tools.beats.pieces import module
from instrument.tools.beats.rows import Row, bar_of, beats_of, rows_a_beat
from instrument.tools.beats.sets import MODULE_VERSIONS, module_jobs, module_version_jobs

ROWS, CHANNELS, PATTERNS = 64, 4, 2
ROW_S = 6 * 2.5 / 125.0
"""At the speed and the tempo that a ProTracker module begins with."""
PERIOD = 428
"""Of C-2, as a cell has it."""

needs_player = pytest.mark.skipif(ctypes.util.find_library("openmpt") is None, reason="libopenmpt is not installed")


def write_module(path, every=4, first=0):
    """Four channels of ProTracker with a short blip on every so many rows."""
    blip = bytes(np.int8(100 * (-1) ** np.arange(200)).tobytes())
    samples = struct.pack(">22sHBBHH", b"blip", len(blip) // 2, 0, 64, 0, 1)
    samples += 30 * struct.pack(">22sHBBHH", b"", 0, 0, 0, 0, 1)
    cell = struct.pack(">HBB", PERIOD, 1 << 4, 0)
    rows = [cell if row % every == first else bytes(4) for row in range(ROWS)]
    pattern = b"".join(row + bytes(4 * (CHANNELS - 1)) for row in rows)
    orders = bytes(range(PATTERNS)).ljust(128, b"\0")
    path.write_bytes(
        b"blips".ljust(20, b"\0") + samples + bytes([PATTERNS, 127]) + orders + b"M.K." + PATTERNS * pattern + blip
    )
    return path


def blips_s(samples, sample_rate):
    loud = np.abs(samples) > 0.05 * np.abs(samples).max()
    starts = np.flatnonzero(loud & ~np.concatenate([[False], loud[:-1]]))
    return starts[np.diff(starts, prepend=-sample_rate) > sample_rate // 10] / sample_rate


def rows(count=256, row_s=0.12, sounding=4, pattern=64):
    return [Row(row_s * at, at % pattern, int(at % pattern % sounding == 0)) for at in range(count)]


@needs_player
def test_beats_are_where_the_notes_are_heard(tmp_path):
    played = play_module(write_module(tmp_path / "a.mod"), 48_000, 20.0)
    assert len(played.samples) == 20 * 48_000
    heard_s = blips_s(played.samples, 48_000)
    assert played.beats_s == pytest.approx(heard_s, abs=0.004)
    assert np.diff(played.beats_s) == pytest.approx(4 * ROW_S, abs=0.003)
    assert played.bar == 4


@needs_player
def test_a_version_is_played_at_another_tempo_and_always_the_same(tmp_path):
    path = write_module(tmp_path / "a.mod")
    one, same, other = (play_module(path, 44_100, 12.0, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one.samples, same.samples)
    assert np.median(np.diff(one.beats_s)) != pytest.approx(np.median(np.diff(other.beats_s)), rel=0.01)
    for played in (one, other):
        factors = np.diff(played.beats_s) / (4 * ROW_S)
        assert np.ptp(factors) < 0.02
        assert np.exp(-TEMPO_SPREAD) - 0.01 <= np.median(factors) <= np.exp(TEMPO_SPREAD) + 0.01
    assert not np.array_equal(module(path, 1).samples, module(path, 2).samples)


@needs_player
def test_what_gives_no_beats_is_refused(tmp_path):
    with pytest.raises(InstrumentError, match="do not fall on beats"):
        play_module(write_module(tmp_path / "a.mod", first=2), 44_100, 20.0)
    with pytest.raises(InstrumentError, match="hardly any notes"):
        play_module(write_module(tmp_path / "b.mod", every=64), 44_100, 20.0)
    (tmp_path / "c.mod").write_bytes(b"v 0 0 0")
    with pytest.raises(InstrumentError, match="no module"):
        play_module(tmp_path / "c.mod", 44_100, 20.0)
    with pytest.raises(InstrumentError, match="No such file"):
        play_module(tmp_path / "d.mod", 44_100, 20.0)


@needs_player
def test_the_bench_judges_on_modules(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pieces, "TUNE_S", 12.0)
    write_module(tmp_path / "a.mod")
    assert bench.main(["beats", "--modules", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "modules, hop 1024: announced 100 ms or more before the beat" in told
    _, count, *measures = next(line for line in told.splitlines() if line.startswith("all")).split()[:5]
    assert count == "1"
    assert all(0.0 <= float(measure) <= 1.0 for measure in measures)


def test_each_module_is_taken_once_and_in_several_versions(tmp_path):
    with pytest.raises(InstrumentError, match="no tracker modules"):
        module_files(tmp_path)
    (tmp_path / "below").mkdir()
    paths = [write_module(tmp_path / "a.MOD"), write_module(tmp_path / "below" / "b.mod", every=8)]
    write_module(tmp_path / "below" / "c.mod")
    assert [job.args for job in module_jobs(tmp_path)] == [(path,) for path in paths]
    versions = module_version_jobs(tmp_path)
    assert [job.args[0] for job in versions] == [path for path in paths for _ in range(MODULE_VERSIONS)]
    assert len({job.args[1] for job in versions}) == len(versions)


@pytest.mark.parametrize(
    ("row_s", "sounding", "count"), [(0.12, 4, 4), (0.06, 4, 8), (0.03, 4, 16), (0.3, 4, 2), (0.18, 3, 3), (0.09, 3, 6)]
)
def test_a_beat_is_so_many_rows(row_s, sounding, count):
    assert rows_a_beat(rows(row_s=row_s, sounding=sounding, pattern=48)) == count


def test_uneven_beats_are_none():
    even = rows()
    assert [row.number % 4 for row in beats_of(even)] == [0] * 64
    assert beats_of(even[:1]) == beats_of(even[:16]) == []
    cut = rows(pattern=11)
    assert beats_of(cut) == []


def test_a_bar_is_known_where_patterns_are_whole_bars():
    assert bar_of(beats_of(rows())) == 4
    assert bar_of(beats_of(rows(pattern=24))) == 0
    assert bar_of(beats_of(rows(pattern=24))[1:]) == 0
    assert bar_of(beats_of(rows()[1:60])) == 0
