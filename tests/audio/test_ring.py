import subprocess
import sys

import numpy as np
import pytest

from instrument.audio.ring import RingReader, RingShape, SharedRing
from instrument.errors import AudioError

SHAPE = RingShape(slots=8, block_size=16, channels=2, sample_rate=48000)

WRITER = """
import sys
import numpy as np
from instrument.audio.ring import SharedRing
ring = SharedRing.attach(sys.argv[1])
block = np.empty((ring.shape.block_size, ring.shape.channels), np.float32)
for number in range(int(sys.argv[2])):
    block[:] = number
    ring.write(block, number * 0.5, lost=number % 3)
ring.close()
"""


@pytest.fixture
def ring():
    made = SharedRing.create(SHAPE)
    yield made
    made.close()


def block(value: float) -> np.ndarray:
    return np.full((16, 2), value, np.float32)


def test_blocks_come_out_as_they_went_in(ring):
    reader = RingReader(ring)
    assert reader.read() is None
    for value in range(5):
        ring.write(block(value), 0.1 * value, lost=value)
    assert reader.fill == 5
    for value in range(5):
        got = reader.read()
        assert np.array_equal(got.samples, block(value))
        assert (got.capture_time_s, got.lost) == (pytest.approx(0.1 * value), value)
    assert reader.read() is None


def test_a_reader_begins_with_what_comes_next(ring):
    ring.write(block(1), 0.0)
    reader = RingReader(ring)
    ring.write(block(2), 0.0)
    assert reader.read().samples[0, 0] == 2


def test_what_was_read_is_not_overwritten(ring):
    reader = RingReader(ring)
    ring.write(block(1), 0.0)
    got = reader.read()
    for _ in range(SHAPE.slots):
        ring.write(block(9), 0.0)
    assert np.array_equal(got.samples, block(1))


@pytest.mark.parametrize("behind", [8, 9, 50])
def test_a_lapped_reader_gets_the_newest_and_counts_the_rest(ring, behind):
    reader = RingReader(ring)
    for value in range(behind):
        ring.write(block(value), 0.0)
    got = reader.read()
    assert got.samples[0, 0] == behind - 1
    assert got.lost == (behind - 1) * SHAPE.block_size
    assert reader.read() is None


def test_peek_stays_and_skip_goes(ring):
    reader = RingReader(ring)
    assert reader.peek() is None
    for value in range(3):
        ring.write(block(value), 0.0)
    assert reader.peek().samples[0, 0] == 0
    reader.skip(2)
    assert reader.peek().samples[0, 0] == reader.read().samples[0, 0] == 2


def test_a_block_of_another_shape_is_refused(ring):
    with pytest.raises(ValueError):
        ring.write(np.zeros((17, 2), np.float32), 0.0)


def test_beat_is_seen_by_the_other_end(ring):
    other = SharedRing.attach(ring.name)
    other.beat(12.25)
    assert ring.beat_s == pytest.approx(12.25)
    other.close()


def test_a_new_writer_goes_on_where_the_last_one_died(ring):
    reader = RingReader(ring)
    ring.write(block(1), 1.5)
    second = SharedRing.attach(ring.name)
    assert second.last_time_s == 1.5
    second.write(block(2), 2.0)
    second.close()
    assert [reader.read().samples[0, 0], reader.read().samples[0, 0]] == [1, 2]


def test_no_such_memory():
    with pytest.raises(AudioError, match="no shared memory"):
        SharedRing.attach("nothing-of-this-name")


def test_close_twice_and_the_memory_is_gone(ring):
    ring.close()
    ring.close()
    with pytest.raises(AudioError):
        SharedRing.attach(ring.name)


def test_a_fast_writer_in_another_process_never_gives_a_torn_block():
    """The writer laps the reader all the time: every block is whole, in order, and all are accounted for."""
    total = 20000
    ring = SharedRing.create(RingShape(slots=8, block_size=512, channels=2, sample_rate=48000))
    reader = RingReader(ring)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, ring.name, str(total)])
    seen, lost_blocks, last = 0, 0, -1
    while last < total - 1:
        got = reader.read()
        if got is None:
            assert writer.poll() in (None, 0)
            continue
        value = int(got.samples[0, 0])
        assert np.all(got.samples == value)
        assert got.capture_time_s == value * 0.5
        assert value > last
        lost_blocks += (got.lost - value % 3) // 512
        seen, last = seen + 1, value
    assert writer.wait(10) == 0
    assert seen + lost_blocks == total
    ring.close()
