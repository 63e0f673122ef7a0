"""The window for real: a process on an X display, its pixels seen from outside."""

import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from instrument.clock import ManualClock, SystemClock
from instrument.errors import OutputError, OutputLeftError
from instrument.outputs.displays import Display
from instrument.outputs.sink import Frame, StreamFormat
from instrument.outputs.window import SILENT_MAX_S, WindowSink
from instrument.outputs.window_process import DisplayWatch, list_displays

pytestmark = pytest.mark.display
RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
WAIT = Callable[..., None]
TITLE = "Latent Instrument: the picture"


def quarters(height: int, width: int) -> np.ndarray:
    """Red and green above, blue and white below."""
    image = np.empty((height, width, 3), np.uint8)
    upper, left = slice(0, height // 2), slice(0, width // 2)
    image[:], image[upper], image[upper, left] = WHITE, GREEN, RED
    image[height // 2 :, left] = BLUE
    return image


class Show:
    """Sends pictures to a window and waits for what comes of it."""

    def __init__(self, display: str, wait: WAIT) -> None:
        self.clock = ManualClock(SystemClock().now_s())
        self.sink = WindowSink(display, self.clock)
        self.sink.open(StreamFormat(256, 256, 30.0, 48_000, 2))
        self._wait, self._index = wait, 0

    def send(self, image: np.ndarray, dt_s: float = 0.0) -> None:
        self.clock.advance(dt_s)
        self._index += 1
        self.sink.send(Frame(image, self._index, SystemClock().now_s(), math.nan))

    def until(self, condition: Callable[[], bool], image: np.ndarray, dt_s: float = 0.0) -> None:
        def sent() -> bool:
            self.send(image, dt_s)
            return condition()

        self._wait(sent)


@pytest.fixture
def show_on(wait_until: WAIT) -> Iterator[Callable[[str], Show]]:
    shows: list[Show] = []

    def open_on(display: str) -> Show:
        shows.append(Show(display, wait_until))
        return shows[-1]

    yield open_on
    for show in shows:
        show.sink.close()


@pytest.fixture
def screen(x_display: str, look_at: Callable[[str], Any]) -> Any:
    return look_at(x_display)


def colours(picture: np.ndarray) -> list[tuple[int, ...]]:
    """At the middles of the quarters, row by row."""
    height, width = picture.shape[:2]
    return [
        tuple(map(int, picture[y, x])) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)
    ]


def test_pictures_fill_the_display_upright_in_their_colours_and_shape(
    screen: Any, show_on: Callable[[str], Show]
) -> None:
    show = show_on("1")
    assert show.sink.place == "screen, 1920 x 1200"
    pattern = [RED, GREEN, BLUE, WHITE]
    show.until(lambda: colours(screen.picture(360, 0, 1200, 1200)) == pattern, quarters(256, 256))
    beside = screen.picture(0, 0, 360, 1200)
    assert not beside.any(), "what is beside a square picture is black"
    assert 0.0 < show.sink.lag_s < 5.0
    wide = quarters(128, 256)
    show.until(lambda: not screen.picture(0, 0, 1920, 118).any(), wide)
    assert colours(screen.picture(0, 120, 1920, 960)) == pattern
    # Larger than the memory there was: another takes its place.
    show.until(lambda: not screen.picture(0, 0, 360, 1200).any(), quarters(1200, 1200))
    assert colours(screen.picture(360, 0, 1200, 1200)) == pattern
    ramp = np.zeros((2, 2, 3), np.uint8)
    ramp[:, 1] = 255
    show.until(lambda: 100 < screen.picture(960, 600, 1, 1)[0, 0, 0] < 155, ramp)
    assert show.sink.notice == ""


def test_one_that_is_killed_comes_back_and_nobody_waits_for_one_that_hangs(
    screen: Any, show_on: Callable[[str], Show], wait_until: WAIT
) -> None:
    show, image = show_on(""), quarters(256, 256)
    assert show.sink.place == "a window"

    def is_there() -> bool:
        seen = screen.picture(0, 0, 1920, 1200)
        return all(abs(int((seen == colour).all(axis=-1).sum()) - 384 * 384) < 2000 for colour in (RED, GREEN, BLUE))

    show.until(is_there, image)
    first = show.sink.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    wait_until(lambda: stopped(first))
    clock = SystemClock()
    longest_s = 0.0
    for _ in range(500):
        began_s = clock.now_s()
        show.send(image, SILENT_MAX_S / 100)
        longest_s = max(longest_s, clock.now_s() - began_s)
    assert longest_s < 0.5, "a send waited"
    assert "taken no picture" in show.sink.notice
    os.kill(first, signal.SIGCONT)
    show.until(lambda: not show.sink.notice, image)
    os.kill(first, signal.SIGKILL)
    show.until(lambda: "opened again" in show.sink.notice, image)
    show.until(lambda: not show.sink.notice and is_there(), image, 0.05)
    assert show.sink.pid != first


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def gone(pid: int) -> bool:
    """Whether the process has ended; one that nobody has asked about yet counts."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("key", ["Escape", "f"])
def test_a_key_in_the_window_closes_the_output(screen: Any, show_on: Callable[[str], Show], key: str) -> None:
    show, image = show_on("screen"), quarters(64, 64)
    show.until(lambda: tuple(screen.picture(400, 10, 1, 1)[0, 0]) == RED, image)
    subprocess.run(["xdotool", "search", "--name", TITLE, "windowfocus", "--sync"], check=True, timeout=20)
    subprocess.run(["xdotool", "key", key], check=True, timeout=20)
    with pytest.raises(OutputLeftError, match="closed by hand"):
        show.until(lambda: False, image)


PARENT = """
import sys
from instrument.outputs.sink import StreamFormat
from instrument.outputs.window import WindowSink
sink = WindowSink()
sink.open(StreamFormat(64, 64, 30.0, 48_000, 2))
print(sink.pid, flush=True)
sys.stdin.read()
"""


def test_the_window_goes_with_its_parent(screen: Any, wait_until: WAIT) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not gone(child)
        parent.kill()
        # A second, and what a machine that does other work besides may add.
        wait_until(lambda: gone(child), 3.0)


def test_without_a_screen_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(OutputError, match=r"no screen: .*DISPLAY"):
        WindowSink().open(StreamFormat(64, 64, 30.0, 48_000, 2))
    with pytest.raises(OutputError, match="no screen"):
        list_displays()


def test_a_display_that_is_not_there_is_told_with_those_that_are(screen: Any) -> None:
    with pytest.raises(OutputError, match="no display 'beamer'; there are: 1 screen, 1920 x 1200"):
        WindowSink("beamer").open(StreamFormat(64, 64, 30.0, 48_000, 2))


def test_the_second_display_is_unplugged_and_plugged_in_again(
    two_displays: Any,
    look_at: Callable[[str], Any],
    show_on: Callable[[str], Show],
    wait_until: WAIT,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DISPLAY", two_displays.name)
    screen = look_at(two_displays.name)
    watch = DisplayWatch()
    watch.start()
    show, image = show_on(""), quarters(256, 256)
    assert watch.wait() == (Display("DUMMY0", 800, 600), Display("DUMMY1", 800, 600))
    assert show.sink.place == "DUMMY1, 800 x 600"
    show.until(lambda: colours(screen.picture(900, 0, 600, 600)) == [RED, GREEN, BLUE, WHITE], image)
    two_displays.unplug()
    show.until(lambda: "DUMMY1, 800 x 600 went away" in show.sink.notice, image)
    assert not screen.picture(0, 0, 800, 600).any(), "the picture fell onto the display that is left"
    wait_until(lambda: len(watch.displays) == 1)
    two_displays.plug()
    show.until(lambda: show.sink.notice == "", image)
    show.until(lambda: colours(screen.picture(900, 0, 600, 600)) == [RED, GREEN, BLUE, WHITE], image)
    wait_until(lambda: len(watch.displays) == 2)
    watch.close()
