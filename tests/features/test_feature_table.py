"""The table the bench prints."""

import pytest

from instrument.tools import feature_table
from instrument.tools.feature_table import main


def test_prints_all_tables(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("ROUNDS", "COLD_ROUNDS", "WARM_UP_ROUNDS"):
        monkeypatch.setattr(feature_table, name, 5)
    assert main(["--seconds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [line.split() for line in lines if line.lstrip()[:5] in ("44100", "48000")]
    errors, costs = rows[:12], rows[12:]
    assert len(costs) == 12 + 4, "in turn, and cold at the usual hop"
    assert {len(row) for row in rows} == {9}
    assert [row[2] for row in rows] == ["numpy", "kernel"] * 14
    assert all(float(error) < 1e-4 for row in errors for error in row[3:])
    assert all(float(row[5]) > float(row[4]) for row in costs), "librosa a hop costs more"


@pytest.mark.parametrize("seconds", ["0", "nan", "many"])
def test_bad_lengths_are_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--seconds", seconds])
    assert stop.value.code == 2
    assert "seconds" in capsys.readouterr().err
