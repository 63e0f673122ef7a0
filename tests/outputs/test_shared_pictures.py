import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from instrument.errors import OutputError
from instrument.outputs.shared_pictures import SLOTS, SharedPictures

WRITER = """
import sys
import numpy as np
from instrument.outputs.shared_pictures import SharedPictures
pictures = SharedPictures.attach(sys.argv[1])
levels = [np.full((192 + level, 256, 3), level, np.uint8) for level in range(64)]
for number in range(8000):
    pictures.write(levels[number % 64], float(number))
pictures.close()
"""


@pytest.fixture
def pictures() -> Iterator[SharedPictures]:
    made = SharedPictures.create(256 * 256 * 3)
    yield made
    made.close()


def test_the_latest_wins_and_comes_as_it_was_written(pictures: SharedPictures) -> None:
    assert pictures.copy_newest() is None
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (5 + number, 7, 3), np.uint8) for number in range(2 * SLOTS)]
    for number, image in enumerate(images):
        pictures.write(image, float(number))
    newest = pictures.copy_newest()
    assert newest is not None
    assert (newest.number, newest.time_s) == (len(images), len(images) - 1)
    assert np.array_equal(newest.image, images[-1])
    pictures.note_shown(newest, newest.time_s + 0.25)
    assert (pictures.shown, pictures.lag_s) == (len(images), 0.25)


def test_none_is_ever_seen_half_written(
    pictures: SharedPictures, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, pictures.name]) as writer:
        wait_until(lambda: pictures.written > 0)
        seen: set[int] = set()
        while writer.poll() is None:
            copy = pictures.copy_newest()
            if copy is not None:
                level = int(copy.image[0, 0, 0])
                assert copy.image.shape == (192 + level, 256, 3)
                assert np.all(copy.image == level)
                seen.add(copy.number)
    assert writer.returncode == 0
    # It writes hundreds of times as often as a show does: most of what the reader begins to copy is overwritten.
    assert len(seen) >= 3


def test_memory_that_is_not_there_or_holds_something_else_is_refused() -> None:
    with pytest.raises(OutputError, match="no shared memory"):
        SharedPictures.attach("nobody-made-this")
