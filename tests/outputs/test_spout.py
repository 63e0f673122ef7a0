import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instrument.errors import OutputError
from instrument.outputs.sink import Frame, StreamFormat
from instrument.outputs.spout import DEFAULT_NAME, SpoutSink

STREAM = StreamFormat(48, 32, 60.0, 48000, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="there is Spout here")
def test_elsewhere_one_line_says_that_it_needs_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "SpoutGL", raising=False)
    sink = SpoutSink()
    with pytest.raises(OutputError, match=r"^Spout needs Windows[^\n]*$"):
        sink.open(STREAM)
    sink.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(width_px=st.integers(1, 70), height_px=st.integers(1, 70), seed=st.integers(0, 2**32 - 1))
def test_receivers_get_the_pixels_top_down_and_opaque(
    spout_world: Any, width_px: int, height_px: int, seed: int
) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height_px, width_px, 3), np.uint8)
    sink = SpoutSink("stage")
    sink.open(STREAM)
    sink.send(Frame(image, 0, 0.0, 0.0))
    assert spout_world.senders == {"stage": (width_px, height_px)}
    np.testing.assert_array_equal(spout_world.sent[-1][..., :3], image)
    assert (spout_world.sent[-1][..., 3] == 255).all()
    sink.close()
    assert spout_world.senders == {}


def test_a_view_and_a_new_size_are_sent_right(spout_world: Any) -> None:
    wide = np.random.default_rng(0).integers(0, 256, (20, 40, 3), np.uint8)
    sink = SpoutSink()
    sink.open(STREAM)
    for image in (wide, wide[::-1, ::2], wide):
        sink.send(Frame(image, 0, 0.0, 0.0))
        np.testing.assert_array_equal(spout_world.sent[-1][..., :3], image)
    assert spout_world.synced == [DEFAULT_NAME] * 3
    sink.close()


def test_a_taken_name_gets_a_number_and_a_message(
    spout_world: Any, grey: Callable[..., Frame], caplog: pytest.LogCaptureFixture
) -> None:
    sinks = [SpoutSink("stage") for _ in range(3)]
    with caplog.at_level(logging.WARNING):
        for sink in sinks:
            sink.open(STREAM)
            sink.send(grey(0.0))
    assert [sink.sender_name for sink in sinks] == ["stage", "stage 2", "stage 3"]
    assert list(spout_world.senders) == ["stage", "stage 2", "stage 3"]
    assert spout_world.synced == ["stage", "stage 2", "stage 3"]
    assert "'stage' is there already; this one is 'stage 2'" in caplog.text
    for sink in sinks:
        sink.close()
    assert spout_world.contexts == 0


def test_no_name_left(spout_world: Any) -> None:
    spout_world.senders = {"s": (1, 1)} | {f"s {number}": (1, 1) for number in range(2, 100)}
    with pytest.raises(OutputError, match="choose another name"):
        SpoutSink("s").open(STREAM)
    assert spout_world.contexts == 0


def test_no_opengl_is_told_at_open(spout_world: Any) -> None:
    spout_world.has_opengl = False
    sink = SpoutSink()
    with pytest.raises(OutputError, match="no OpenGL context"):
        sink.open(STREAM)
    sink.close()
    assert spout_world.contexts == 0


def test_a_refused_frame_is_told_and_can_be_followed_by_close(spout_world: Any, grey: Callable[..., Frame]) -> None:
    sink = SpoutSink("stage")
    sink.open(STREAM)
    spout_world.connected = False
    with pytest.raises(OutputError, match="'stage' could not send"):
        sink.send(grey(0.0))
    assert spout_world.synced == []
    sink.close()
    sink.close()
    assert spout_world.contexts == 0
    with pytest.raises(OutputError, match="not open"):
        sink.send(grey(0.0))


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)]
)
def test_a_frame_of_another_kind_is_refused(spout_world: Any, image: Any) -> None:
    sink = SpoutSink()
    sink.open(STREAM)
    with pytest.raises(OutputError, match="uint8 frames"):
        sink.send(Frame(image, 0, 0.0, 0.0))
    sink.close()
    assert spout_world.sent == []


def test_opengl_is_touched_only_by_the_thread_that_opens(spout_world: Any, grey: Callable[..., Frame]) -> None:
    sink = SpoutSink()  # made here, used there

    def play() -> None:
        sink.open(STREAM)
        sink.send(grey(0.0))
        sink.close()

    thread = threading.Thread(target=play)
    thread.start()
    thread.join(10.0)
    assert spout_world.threads == {thread.ident}
    assert len(spout_world.sent) == 1
