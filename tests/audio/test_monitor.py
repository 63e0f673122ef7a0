"""Hearing a file on an output device: a JACK client records what comes out."""

import logging
import time

import numpy as np
import pytest
import soundfile

from instrument.audio.file import FileSource
from instrument.audio.monitor import Monitor, MonitorState
from instrument.audio.registry import make_source
from instrument.audio.source import SourceState
from instrument.clock import SystemClock

RATE = 48000


def wait_for(monitor, wanted, limit_s=10.0):
    clock = SystemClock()
    deadline_s = clock.now_s() + limit_s
    while monitor.state is not wanted:
        assert clock.now_s() < deadline_s, f"{monitor.state}, not {wanted}: {monitor.reason}"
        clock.sleep_until_s(clock.now_s() + 0.01)


@pytest.fixture
def song(tmp_path):
    """Two seconds in two channels: noise, and a counter."""
    path = tmp_path / "song.wav"
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 2 * RATE)
    count = np.arange(1, 2 * RATE + 1) / 2**24
    samples = np.stack([noise, count], axis=1).astype(np.float32)
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return path, samples


def play(source, seconds):
    clock = SystemClock()
    end_s = clock.now_s() + seconds
    while source.state is SourceState.PLAYING and clock.now_s() < end_s:
        source.read(0.1)


@pytest.mark.jack
@pytest.mark.parametrize("block_size", [256, 1024])
def test_what_is_played_is_heard(plug_in, song, tmp_path, block_size):
    path, samples = song
    speaker = plug_in("FakeSpeaker", "record", str(tmp_path / "heard.npy"))
    monitor = Monitor("fakesp")
    source = FileSource(path, SystemClock(), block_size, loop=True, monitor=monitor)
    source.open()
    wait_for(monitor, MonitorState.PLAYING)
    play(source, 1.5)
    source.close()
    assert monitor.state is MonitorState.OFF
    speaker.stop()
    heard = np.load(tmp_path / "heard.npy")
    voiced = np.flatnonzero(heard[:, 1])
    assert len(voiced) > RATE
    # Half a second from the middle: exact, on both sides, without gap or repeat.
    middle = heard[voiced[0] + RATE // 4 : voiced[0] + 3 * RATE // 4]
    first = int(np.round(middle[0, 1].astype(np.float64) * 2**24)) - 1
    assert np.array_equal(middle, np.resize(np.roll(samples, -first, axis=0), middle.shape))


@pytest.mark.jack
def test_a_mono_file_is_heard_on_both_sides(plug_in, tmp_path):
    path = tmp_path / "mono.wav"
    soundfile.write(path, np.full(RATE, 0.25, np.float32), RATE, subtype="FLOAT")
    speaker = plug_in("FakeSpeaker", "record", str(tmp_path / "heard.npy"))
    source = make_source(str(path), SystemClock(), loop=True, monitor=True, monitor_device="FakeSpeaker")
    source.open()
    wait_for(source._monitor, MonitorState.PLAYING)
    play(source, 0.5)
    source.close()
    speaker.stop()
    heard = np.load(tmp_path / "heard.npy")
    assert np.array_equal(heard[:, 0], heard[:, 1])
    assert (heard[:, 0] == 0.25).sum() > RATE // 4


@pytest.mark.jack
def test_a_speaker_that_goes_away_does_not_stop_the_source(plug_in, jack_server, song):
    speaker = plug_in("FakeSpeaker", "record")
    monitor = Monitor("FakeSpeaker")
    source = FileSource(song[0], SystemClock(), 1024, loop=True, monitor=monitor)
    source.open()
    wait_for(monitor, MonitorState.PLAYING)
    speaker.unplug()
    play(source, 0.5)
    assert source.state is SourceState.PLAYING
    source.close()


@pytest.mark.jack
def test_an_unknown_device_is_quiet_and_told_once(plug_in, song, caplog):
    caplog.set_level(logging.INFO)
    plug_in("FakeSpeaker", "record")
    monitor = Monitor("Genelec")
    source = FileSource(song[0], SystemClock(), 1024, monitor=monitor)
    begun_s = time.perf_counter()
    source.open()
    assert time.perf_counter() - begun_s < 0.3
    wait_for(monitor, MonitorState.QUIET)
    play(source, 0.3)
    source.close()
    (line,) = caplog.messages
    assert "Genelec" in line
    assert "FakeSpeaker" in line


def test_without_any_device_the_file_plays_on(song, monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monitor = Monitor()
    source = FileSource(song[0], SystemClock(), 1024, monitor=monitor)
    source.open()
    blocks = [source.read(1.0) for _ in range(10)]
    assert np.array_equal(np.concatenate([block.samples for block in blocks]), song[1][: 10 * 1024])
    source.close()


@pytest.mark.jack
def test_a_rate_the_device_refuses_is_quiet(plug_in, tmp_path):
    path = tmp_path / "odd.wav"
    soundfile.write(path, np.zeros(11025), 11025)
    plug_in("FakeSpeaker", "record")
    monitor = Monitor("FakeSpeaker")
    source = FileSource(path, SystemClock(), 256, monitor=monitor)
    source.open()
    wait_for(monitor, MonitorState.QUIET)
    assert "11025" in monitor.reason
    source.close()
