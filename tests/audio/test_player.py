"""Files and the demo against a clock that moves by hand."""

import threading

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from instrument.audio.file import FileSource
from instrument.audio.player import PlayedSource
from instrument.audio.source import SourceState
from instrument.clock import ManualClock, SystemClock
from instrument.errors import AudioError

RATE = 8000


class Recorded:
    """A recording in memory, which can break."""

    label = "recorded"
    sample_rate = RATE

    def __init__(self, samples, breaks_at=None):
        self.samples = samples
        self.channels = samples.shape[1]
        self.length = len(samples)
        self.position = 0
        self.breaks_at = breaks_at

    def open(self):
        self.position = 0

    def read(self, count):
        if self.breaks_at is not None and self.position >= self.breaks_at:
            raise AudioError("recorded: broken from here on")
        part = self.samples[self.position : self.position + count]
        self.position += len(part)
        return part

    def rewind(self):
        self.position = 0

    def close(self):
        pass


class Heard:
    """A listener that keeps what it is given, with the time."""

    def __init__(self, clock):
        self.clock = clock
        self.blocks = []
        self.opened = self.closed = 0

    def open(self, sample_rate, block_size):
        self.opened += 1

    def play(self, samples):
        self.blocks.append((self.clock.now_s(), samples))

    def close(self):
        self.closed += 1


def ramp(length, channels=1):
    return np.arange(1, length * channels + 1, dtype=np.float32).reshape(length, channels)


def read_all(source, limit=10_000):
    blocks = []
    while source.state is SourceState.PLAYING and len(blocks) < limit:
        block = source.read(10.0)
        if block is not None:
            blocks.append(block)
    return blocks


@given(length=st.integers(1, 500), block_size=st.integers(1, 600), channels=st.integers(1, 3))
def test_block_size_does_not_matter(length, block_size, channels):
    samples = ramp(length, channels)
    source = PlayedSource(Recorded(samples), ManualClock(), block_size)
    source.open()
    blocks = read_all(source)
    together = np.concatenate([block.samples for block in blocks])
    assert source.state is SourceState.ENDED
    assert all(block.samples.shape == (block_size, channels) for block in blocks)
    assert all(block.samples.dtype == np.float32 for block in blocks)
    assert np.array_equal(together[:length], samples)
    assert not together[length:].any()
    assert len(together) - length < block_size


@given(length=st.integers(1, 100), block_size=st.integers(1, 250))
def test_the_seam_of_a_loop_leaves_nothing_out(length, block_size):
    samples = ramp(length)
    source = PlayedSource(Recorded(samples), ManualClock(), block_size, loop=True)
    source.open()
    together = np.concatenate([source.read(10.0).samples for _ in range(7)])
    assert np.array_equal(together, np.resize(samples, (7 * block_size, 1)))
    assert source.state is SourceState.PLAYING


@given(block_size=st.integers(1, 3000))
def test_a_block_is_due_when_its_newest_sample_is(block_size):
    clock = ManualClock(5.0)
    source = PlayedSource(Recorded(ramp(20_000)), clock, block_size)
    source.open()
    for number in range(1, 6):
        block = source.read(10.0)
        assert block.capture_time_s == pytest.approx(5.0 + number * block_size / RATE)
        assert clock.now_s() == pytest.approx(block.capture_time_s)
        assert source.position_s == pytest.approx(number * block_size / RATE)


def test_a_block_not_due_within_the_timeout_comes_later():
    clock = ManualClock()
    source = PlayedSource(Recorded(ramp(4000)), clock, 2000)
    source.open()
    assert source.read(0.1) is None
    assert clock.now_s() == pytest.approx(0.1)
    block = source.read(0.2)
    assert block.capture_time_s == pytest.approx(0.25)
    assert block.samples[0, 0] == 1


def test_a_late_reader_catches_up_but_a_very_late_one_finds_it_waiting():
    clock = ManualClock()
    source = PlayedSource(Recorded(ramp(RATE * 60)), clock, 800)
    source.open()
    source.read(1.0)
    clock.advance(0.3)
    assert [source.read(1.0).capture_time_s for _ in range(3)] == pytest.approx([0.2, 0.3, 0.4])
    assert clock.now_s() == pytest.approx(0.4)
    clock.advance(20.0)
    assert [source.read(1.0).capture_time_s for _ in range(2)] == pytest.approx([20.4, 20.5])


def test_pause_holds_the_place():
    clock = ManualClock()
    source = PlayedSource(Recorded(ramp(8000)), clock, 800)
    source.open()
    source.read(1.0)
    source.set_paused(True)
    assert source.state is SourceState.PAUSED
    assert source.read(3.0) is None
    assert clock.now_s() == pytest.approx(3.1)
    assert source.position_s == pytest.approx(0.1)
    source.set_paused(False)
    block = source.read(1.0)
    assert block.samples[0, 0] == 801
    assert block.capture_time_s == pytest.approx(3.2)


def test_pause_from_another_thread_is_seen_while_reading():
    source = PlayedSource(Recorded(ramp(8000)), SystemClock(), 400)
    source.open()
    source.set_paused(True)
    timer = threading.Timer(0.1, source.set_paused, [False])
    timer.start()
    assert source.read(5.0).samples[0, 0] == 1
    timer.join()


def test_it_is_played_in_real_time():
    clock = SystemClock()
    source = PlayedSource(Recorded(ramp(8000)), clock, 800)
    source.open()
    begun_s = clock.now_s()
    blocks = [source.read(1.0) for _ in range(5)]
    assert clock.now_s() - begun_s >= 0.5
    assert blocks[4].capture_time_s - blocks[0].capture_time_s == pytest.approx(0.4)
    assert blocks[0].capture_time_s == pytest.approx(begun_s + 0.1, abs=0.05)


def test_the_end_is_the_end_and_opening_begins_anew():
    source = PlayedSource(Recorded(ramp(100)), ManualClock(), 64)
    assert source.state is SourceState.CLOSED
    assert source.read(0.1) is None
    source.open()
    assert source.duration_s == pytest.approx(100 / RATE)
    assert len(read_all(source)) == 2
    assert source.read(0.1) is None
    assert source.state is SourceState.ENDED
    assert source.position_s == source.duration_s
    source.open()
    assert source.position_s == 0.0
    assert source.read(1.0).samples[0, 0] == 1
    source.close()
    source.close()
    assert source.state is SourceState.CLOSED


def test_position_follows_the_loop():
    source = PlayedSource(Recorded(ramp(1000)), ManualClock(), 400, loop=True)
    source.open()
    positions = []
    for _ in range(5):
        source.read(1.0)
        positions.append(round(source.position_s * RATE))
    assert positions == [400, 800, 200, 600, 1000]


def test_a_recording_that_breaks_ends_with_a_warning(caplog):
    source = PlayedSource(Recorded(ramp(1000), breaks_at=400), ManualClock(), 200)
    source.open()
    assert len(read_all(source)) == 2
    assert source.state is SourceState.ENDED
    assert caplog.messages == ["recorded: broken from here on"]


def test_the_listener_hears_each_block_when_it_begins():
    clock = ManualClock()
    heard = Heard(clock)
    source = PlayedSource(Recorded(ramp(1600)), clock, 400, monitor=heard)
    source.open()
    blocks = read_all(source)
    assert [at_s for at_s, _ in heard.blocks] == pytest.approx([0.0, 0.05, 0.1, 0.15])
    assert all(np.array_equal(a.samples, b) for a, (_, b) in zip(blocks, heard.blocks, strict=True))
    closed = heard.closed
    source.close()
    assert (heard.opened, heard.closed) == (1, closed + 1)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_formats(tmp_path, suffix):
    path = tmp_path / f"tone.{suffix}"
    rate = 44100
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate) * 0.5
    soundfile.write(path, np.stack([tone, 0.5 * tone], axis=1), rate)
    source = FileSource(path, ManualClock(), 1000)
    source.open()
    assert (source.label, source.sample_rate, source.channels) == (path.name, rate, 2)
    assert source.duration_s == pytest.approx(1.0, abs=0.1)
    together = np.concatenate([block.samples for block in read_all(source)])[:rate]
    source.close()
    middle = together[rate // 4 : rate // 2]
    assert middle[:, 0].std() == pytest.approx(0.5 / np.sqrt(2), rel=0.05)
    assert middle[:, 1].std() == pytest.approx(0.25 / np.sqrt(2), rel=0.05)


@pytest.mark.parametrize("loop", [False, True])
def test_a_file_is_delivered_exactly(tmp_path, loop):
    path = tmp_path / "noise.wav"
    noise = np.random.default_rng(0).uniform(-1, 1, (5000, 2)).astype(np.float32)
    soundfile.write(path, noise, RATE, subtype="FLOAT")
    source = FileSource(path, ManualClock(), 512, loop=loop)
    source.open()
    together = np.concatenate([source.read(1.0).samples for _ in range(10 if not loop else 30)])
    source.close()
    assert np.array_equal(together[:5000], noise)
    tail = np.resize(noise, (len(together), 2))[5000:] if loop else np.zeros((120, 2))
    assert np.array_equal(together[5000:], tail)


def test_values_that_are_not_finite_become_silence(tmp_path):
    path = tmp_path / "nan.wav"
    soundfile.write(path, np.array([0.5, np.nan, np.inf, -np.inf, 0.25], np.float32), RATE, subtype="FLOAT")
    source = FileSource(path, ManualClock(), 5)
    source.open()
    assert source.read(1.0).samples.ravel().tolist() == [0.5, 0.0, 0.0, 0.0, 0.25]
    source.close()


def make_missing(path):
    pass


def make_folder(path):
    path.mkdir()


def make_empty(path):
    path.touch()


def make_without_sound(path):
    soundfile.write(path, np.zeros((0, 1)), RATE)


def make_text(path):
    path.write_text("this is not sound\n" * 100)


def make_cut(path):
    soundfile.write(path, np.zeros((1000, 1)), RATE)
    path.write_bytes(path.read_bytes()[:20])


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_missing, "no such file"),
        (make_folder, "not a file"),
        (make_empty, "not a sound file"),
        (make_without_sound, "no sound in it"),
        (make_text, "not a sound file"),
        (make_cut, "not a sound file"),
    ],
)
def test_a_file_that_cannot_be_played_is_named_with_the_reason(tmp_path, make, reason):
    path = tmp_path / "song.wav"
    make(path)
    source = FileSource(path, ManualClock(), 512)
    with pytest.raises(AudioError, match=reason) as caught:
        source.open()
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert source.state is SourceState.CLOSED
    source.close()


def test_a_flac_cut_short_plays_to_the_cut(tmp_path):
    path = tmp_path / "cut.flac"
    noise = np.random.default_rng(0).uniform(-1, 1, 50_000)
    soundfile.write(path, noise, RATE)
    path.write_bytes(path.read_bytes()[:60_000])
    source = FileSource(path, ManualClock(), 512)
    source.open()
    blocks = read_all(source)
    source.close()
    assert 10 < len(blocks) < 90
    assert np.allclose(blocks[5].samples[:, 0], noise[5 * 512 : 6 * 512], atol=1e-3)
