import numpy as np
import pytest
import soundfile

from instrument.errors import InstrumentError
from instrument.tools.beats.annotated import annotated_files, read_annotated
from instrument.tools.beats.pieces import annotated, constructed
from instrument.tools.beats.sets import annotated_jobs
from instrument.tools.bench.beats import main


@pytest.fixture
def song(tmp_path):
    """Stereo, with beats and their places in the bar beside it."""
    path = tmp_path / "songs" / "one.wav"
    path.parent.mkdir()
    sound = np.zeros((44_100, 2), np.float32)
    sound[:, 0] = 0.5
    soundfile.write(path, sound, 44_100)
    path.with_suffix(".beats").write_text("# seconds, place\n0.25 1\n0.5\t2\n0.75 3\n", encoding="utf-8")
    return path


def test_a_sound_file_comes_with_the_beats_beside_it(song):
    samples, sample_rate, beats_s = read_annotated(song)
    assert samples.shape == (44_100,)
    assert samples[5] == pytest.approx(0.25, abs=1e-3)
    assert sample_rate == 44_100
    assert beats_s.tolist() == [0.25, 0.5, 0.75]
    piece = annotated(song)
    assert (piece.name, piece.bar) == ("one", 0)


def test_only_sound_files_with_beats_are_found_whatever_is_beside_them(song):
    soundfile.write(song.with_name("bare.wav"), np.zeros(100), 44_100)
    soundfile.write(song.with_name("two.flac"), np.zeros(100), 44_100)
    song.with_name("two.txt").write_text("1.0\n", encoding="utf-8")
    assert [path.name for path in annotated_files(song.parent.parent)] == ["one.wav", "two.flac"]


@pytest.mark.parametrize("text", ["0.5\n0.25\n", "0.5\n0.5\n", "first beat\n", "nan\n"])
def test_beats_that_are_none_are_named(song, text):
    song.with_suffix(".beats").write_text(text, encoding="utf-8")
    with pytest.raises(InstrumentError, match=r"one\.beats"):
        read_annotated(song)


def test_what_is_no_sound_or_has_no_beats_is_named(song, tmp_path):
    song.write_bytes(b"no sound")
    with pytest.raises(InstrumentError, match=r"one\.wav"):
        read_annotated(song)
    song.with_suffix(".beats").unlink()
    with pytest.raises(InstrumentError, match="beside"):
        read_annotated(song)
    with pytest.raises(InstrumentError, match="no sound file"):
        annotated_jobs(tmp_path)
    song.unlink()
    with pytest.raises(InstrumentError, match="no sound file"):
        annotated_jobs(tmp_path)


def test_the_bench_judges_on_them(tmp_path, capsys):
    piece = constructed("house", 5)
    cut = 20 * piece.sample_rate
    soundfile.write(tmp_path / "house.wav", piece.samples[:cut], piece.sample_rate)
    np.savetxt(tmp_path / "house.beats", piece.beats_s[piece.beats_s < 20.0])
    assert main(["--audio", str(tmp_path), "--each"]) == 0
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.startswith("house"))
    assert float(row.split()[2]) > 0.9
    # Nobody says where bars begin.
    assert not any("bar" in line for line in lines)
