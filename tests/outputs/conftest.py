"""A reader of recordings (PyAV), frames to send, and a stand-in for the Windows-only SpoutGL."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import numpy.typing as npt
import pytest

from instrument.outputs.sink import Frame

Picture = npt.NDArray[np.uint8]


@dataclass
class Recording:
    """What a player would make of an mp4 file."""

    times_s: list[float] = field(default_factory=list)
    images: list[Picture] = field(default_factory=list)
    sound: npt.NDArray[np.float32] | None = None
    sound_start_s: float = 0.0
    sample_rate: int = 0
    duration_s: float = 0.0
    video_duration_s: float = 0.0
    codecs: tuple[str, ...] = ()
    colorspace: int = 0
    keyframes: int = 0


@pytest.fixture
def read_back() -> Callable[..., Recording]:
    return _read_back


def _read_back(path: Path, cut_off: bool = False) -> Recording:
    found = Recording()
    pieces = []
    with av.open(str(path), format="mp4") as container:
        found.codecs = tuple(stream.codec_context.name for stream in container.streams)
        found.duration_s = (container.duration or 0) / 1e6
        for stream in container.streams.video:
            found.video_duration_s = float((stream.duration or 0) * (stream.time_base or 0))
            found.colorspace = stream.codec_context.colorspace
        for frame in _pieces_that_play(container) if cut_off else container.decode():
            if isinstance(frame, av.VideoFrame):
                found.times_s.append(float(frame.pts * frame.time_base))
                found.images.append(frame.to_ndarray(format="rgb24"))
                found.keyframes += frame.key_frame
            else:
                if not pieces:
                    found.sound_start_s = float(frame.pts * frame.time_base)
                found.sample_rate = frame.sample_rate
                pieces.append(frame.to_ndarray())
    found.sound = np.concatenate(pieces, axis=1).T if pieces else None
    return found


def _pieces_that_play(container: av.container.InputContainer) -> Iterator[av.VideoFrame | av.AudioFrame]:
    """As players do: what was cut off in the middle is passed over."""
    for packet in container.demux():
        with suppress(av.error.InvalidDataError):
            yield from packet.decode()


@pytest.fixture
def grey() -> Callable[..., Frame]:
    return _grey


def _grey(time_s: float, level: int = 128, height_px: int = 32, width_px: int = 48, index: int = 0) -> Frame:
    return Frame(np.full((height_px, width_px, 3), level, np.uint8), index, time_s, time_s)


@dataclass
class SpoutWorld:
    """The machine's list of senders as Spout keeps it, and everything that was sent."""

    senders: dict[str, tuple[int, int]] = field(default_factory=dict)
    sent: list[Picture] = field(default_factory=list)
    synced: list[str] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    contexts: int = 0
    has_opengl: bool = True
    connected: bool = True


GL_RGB, GL_RGBA = 6407, 6408
_BYTES_PER_PIXEL = {GL_RGB: 3, GL_RGBA: 4}


@pytest.fixture
def spout_world(monkeypatch: pytest.MonkeyPatch) -> SpoutWorld:
    """SpoutGL in memory, with the argument rules and errors recorded from the real wheel (0.1.1)."""
    world = SpoutWorld()

    class SpoutSender:
        def __init__(self) -> None:
            self._name = ""

        def createOpenGL(self) -> bool:  # noqa: N802
            world.threads.add(threading.get_ident())
            world.contexts += world.has_opengl
            return world.has_opengl

        def closeOpenGL(self) -> bool:  # noqa: N802
            world.threads.add(threading.get_ident())
            world.contexts -= 1
            return True

        def getSenderInfo(self, name: str, /) -> object | None:  # noqa: N802
            return object() if name in world.senders else None

        def setSenderName(self, name: str, /) -> None:  # noqa: N802
            self._name = name

        def sendImage(  # noqa: N802
            self, buffer: Picture, width: int, height: int, gl_format: int, invert: bool, host_fbo: int, /
        ) -> bool:
            world.threads.add(threading.get_ident())
            if gl_format not in _BYTES_PER_PIXEL:
                raise ValueError("Unknown GL format")
            view = memoryview(buffer)
            if not view.c_contiguous or view.nbytes < width * height * _BYTES_PER_PIXEL[gl_format]:
                raise BufferError("Buffer not large enough or not contiguous")
            if not world.connected:
                return False
            world.senders[self._name] = (width, height)
            image = np.frombuffer(view, np.uint8).reshape(height, width, -1)
            world.sent.append((image[::-1] if invert else image).copy())
            return True

        def setFrameSync(self, name: str, /) -> None:  # noqa: N802
            world.synced.append(name)

        def releaseSender(self) -> None:  # noqa: N802
            world.senders.pop(self._name, None)

    module, enums = ModuleType("SpoutGL"), ModuleType("SpoutGL.enums")
    enums.GL_RGB, enums.GL_RGBA = GL_RGB, GL_RGBA  # type: ignore[attr-defined]
    module.SpoutSender, module.enums = SpoutSender, enums  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "SpoutGL", module)
    monkeypatch.setitem(sys.modules, "SpoutGL.enums", enums)
    return world
