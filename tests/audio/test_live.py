"""The live source against real JACK clients that stand for interfaces."""

import importlib.util
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from instrument.audio.devices import Direction, find_device, list_devices
from instrument.audio.live import LiveSource
from instrument.audio.registry import make_source
from instrument.audio.source import SourceState
from instrument.clock import SystemClock
from instrument.errors import AudioError

COUNT_MAX = 1 << 24

PARENT = """
import sys, time
from instrument.audio.live import LiveSource
from instrument.clock import SystemClock
source = LiveSource("FakeIF", SystemClock(), 256)
source.open()
print(source._keeper.device, flush=True)
sys.stdin.read()
"""


def load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent.parent / "peers" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def noise():
    return load("fake_interface").noise()


@pytest.fixture
def opened():
    """Call it with the arguments of `LiveSource` after the clock; all are closed at the end."""
    sources = []

    def open_source(name, block_size=1024, channels=()):
        sources.append(LiveSource(name, SystemClock(), block_size, channels))
        sources[-1].open()
        return sources[-1]

    yield open_source
    for source in sources:
        source.close()


def read_until(source, wanted, limit_s=15.0):
    """Read on until the state is `wanted`; the blocks read meanwhile."""
    clock = SystemClock()
    deadline_s = clock.now_s() + limit_s
    blocks = []
    while source.state is not wanted:
        assert clock.now_s() < deadline_s, f"{source.state}, not {wanted} within {limit_s} s"
        block = source.read(0.1)
        if block is not None:
            blocks.append(block)
    return blocks


def read_sound(source, limit=20):
    """Blocks until the first with the counter running in it, which is returned."""
    for _ in range(limit):
        block = source.read(0.5)
        if block is not None and block.samples[:, -1].all():
            return block
    raise AssertionError("nothing is heard")


def counter(samples):
    return np.round(samples[:, -1].astype(np.float64) * COUNT_MAX).astype(int)


@pytest.mark.jack
@pytest.mark.parametrize("block_size", [64, 256, 1000, 1024])
def test_every_sample_arrives_as_it_was(plug_in, opened, noise, block_size):
    plug_in("FakeIF", "play")
    source = opened("fakeif", block_size)
    assert (source.sample_rate, source.channels, source.duration_s) == (48000, 2, None)
    assert source.label == "FakeIF [JACK Audio Connection Kit]"
    first = read_sound(source)
    blocks = [first] + [source.read(1.0) for _ in range(48000 // block_size)]
    assert None not in blocks
    assert all(block.samples.shape == (block_size, 2) and block.samples.dtype == np.float32 for block in blocks)
    together = np.concatenate([block.samples for block in blocks])
    counts = counter(together)
    assert np.all(np.diff(counts) == 1)
    assert np.array_equal(together[:, 0], noise[counts % len(noise)])
    assert sum(block.lost for block in blocks[1:]) == 0
    stamps_s = [block.capture_time_s for block in blocks]
    assert np.all(np.diff(stamps_s) > 0)
    assert (stamps_s[-1] - stamps_s[0]) / (len(blocks) - 1) == pytest.approx(block_size / 48000, rel=0.1)


@pytest.mark.jack
def test_a_block_is_read_soon_after_it_was_captured(plug_in, opened):
    plug_in("FakeIF", "play")
    source = opened("FakeIF", 1024)
    read_sound(source)
    ages_s = []
    for _ in range(60):
        block = source.read(1.0)
        ages_s.append(SystemClock().now_s() - block.capture_time_s)
    assert min(ages_s) >= 0.0
    assert np.median(ages_s) < 0.010


@pytest.mark.jack
@pytest.mark.parametrize(("text", "columns"), [("live:FakeIF:2", [1]), ("live:FakeIF:2,1", [1, 0])])
def test_chosen_channels(plug_in, noise, text, columns):
    plug_in("FakeIF", "play")
    source = make_source(text, SystemClock(), block_size=256)
    source.open()
    assert source.channels == len(columns)
    for _ in range(400):
        samples = source.read(1.0).samples
        if samples[:, 0].all():
            break
    source.close()
    count = np.round(samples[:, 0].astype(np.float64) * COUNT_MAX).astype(int)
    assert np.all(np.diff(count) == 1)
    if len(columns) == 2:
        assert np.array_equal(samples[:, 1], noise[count % len(noise)])


@pytest.mark.jack
def test_the_listing_shows_the_interface(plug_in):
    plug_in("FakeIF", "play")
    plug_in("FakeOther", "record")
    listing = list_devices()
    found = find_device(listing, "fakeif", Direction.INPUT)
    assert (found.name, found.input_channels, found.output_channels, found.sample_rate) == ("FakeIF", 2, 0, 48000)
    assert find_device(listing, "fakeo", Direction.OUTPUT).name == "FakeOther"


@pytest.mark.jack
def test_errors_at_opening_are_one_line_with_the_candidates(plug_in):
    plug_in("FakeIF", "play")
    plug_in("FakeIF 2", "play")
    for name, channels, words in [
        ("Scarlett", (), ["'Scarlett'", "FakeIF [", "FakeIF 2 ["]),
        ("akeI", (), ["several", "FakeIF [", "FakeIF 2 ["]),
        ("FakeIF", (3,), ["FakeIF has no input channel 3"]),
    ]:
        source = LiveSource(name, SystemClock(), 256, channels)
        with pytest.raises(AudioError) as caught:
            source.open()
        assert all(word in str(caught.value) for word in words)
        assert "\n" not in str(caught.value)
        assert source.state is SourceState.CLOSED
        assert source.read(0.01) is None


def test_no_server_is_one_clear_line(monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    if list_devices():
        pytest.skip("this machine has sound devices of its own")
    source = LiveSource("FakeIF", SystemClock(), 256)
    with pytest.raises(AudioError, match="no sound input device found; is the interface plugged in"):
        source.open()


@pytest.mark.jack
def test_paused_it_delivers_nothing_and_then_what_is_new(plug_in, opened):
    plug_in("FakeIF", "play")
    source = opened("FakeIF", 256)
    before = counter(read_sound(source).samples)[-1]
    source.set_paused(True)
    assert source.state is SourceState.PAUSED
    assert source.read(0.3) is None
    source.set_paused(False)
    assert source.state is SourceState.PLAYING
    after = counter(source.read(1.0).samples)[0]
    assert after - before > 0.25 * 48000


@pytest.mark.jack
def test_a_reader_that_stalls_is_told_what_it_lost(plug_in, opened):
    plug_in("FakeIF", "play")
    source = opened("FakeIF", 256)
    before = counter(read_sound(source).samples)[-1]
    ring = source._keeper.ring
    clock = SystemClock()
    begun = ring.written
    while ring.written - begun < ring.shape.slots + 20:
        clock.sleep_until_s(clock.now_s() + 0.02)
    block = source.read(1.0)
    assert block.lost == counter(block.samples)[0] - before - 1
    assert block.lost > 40_000


@pytest.mark.jack
def test_unplugged_it_is_lost_and_plugged_in_again_it_plays(plug_in, opened, caplog):
    caplog.set_level(logging.WARNING)
    interface = plug_in("FakeIF", "play")
    source = opened("FakeIF", 1024)
    read_sound(source)
    interface.unplug()
    read_until(source, SourceState.LOST, limit_s=5.0)
    assert source.read(0.05) is None or source.state is SourceState.LOST
    plug_in("Another", "play")
    plug_in("FakeIF", "play")
    read_until(source, SourceState.PLAYING)
    assert np.all(np.diff(counter(read_sound(source).samples)) == 1)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "FakeIF went away" in caplog.text


@pytest.mark.jack
def test_the_server_dies_and_comes_back(jackd_of_its_own, plug_in_own, opened):
    server = jackd_of_its_own()
    interface = plug_in_own("FakeIF", "play")
    source = opened("FakeIF", 1024)
    read_sound(source)
    server.terminate()
    server.wait(5.0)
    read_until(source, SourceState.LOST, limit_s=5.0)
    interface.unplug()
    jackd_of_its_own()
    plug_in_own("FakeIF", "play")
    blocks = read_until(source, SourceState.PLAYING)
    blocks.append(read_sound(source))
    assert sum(block.lost for block in blocks) > 0


@pytest.mark.jack
@pytest.mark.skipif(os.name == "nt", reason="stops a process by signal")
def test_a_child_that_hangs_is_replaced(plug_in, opened):
    plug_in("FakeIF", "play")
    source = opened("FakeIF", 256)
    read_sound(source)
    (child,) = children_of(os.getpid())
    os.kill(child, 19)
    read_until(source, SourceState.LOST, limit_s=8.0)
    read_until(source, SourceState.PLAYING)
    read_sound(source)
    assert children_of(os.getpid()) != [child]


@pytest.mark.jack
def test_closing_is_quick_and_leaves_nothing(plug_in):
    plug_in("FakeIF", "play")
    source = LiveSource("FakeIF", SystemClock(), 256)
    for _ in range(2):
        source.open()
        assert len(children_of(os.getpid())) == 1
        ring = Path("/dev/shm", source._keeper.ring.name)
        assert ring.exists()
        begun_s = time.perf_counter()
        source.close()
        source.close()
        assert time.perf_counter() - begun_s < 2.0
        assert children_of(os.getpid()) == []
        assert not ring.exists()
        assert source.state is SourceState.CLOSED


@pytest.mark.jack
def test_the_child_ends_with_its_parent(plug_in):
    plug_in("FakeIF", "play")
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout.readline().startswith(b"FakeIF")
    (child,) = children_of(parent.pid)
    parent.kill()
    parent.communicate()
    clock = SystemClock()
    deadline_s = clock.now_s() + 5.0
    while Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes():
        assert clock.now_s() < deadline_s
        clock.sleep_until_s(clock.now_s() + 0.02)


def children_of(pid):
    """Process ids of the audio children of `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            if parent == pid and b"instrument.audio.child" in (stat.parent / "cmdline").read_bytes():
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found
