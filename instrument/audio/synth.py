"""The demo piece as a sound source: the instrument plays without anything plugged in."""

import threading
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from instrument.audio.demo import demo_length, render_phrases
from instrument.audio.player import Listener, PlayedSource
from instrument.clock import Clock
from instrument.errors import AudioError

SAMPLE_RATE = 48000
WRITE_TIMEOUT_S = 5.0


class DemoRecording:
    """A `Recording` of the demo, written phrase by phrase by a thread of its own so that it starts at once."""

    label = "demo"
    channels = 2

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.length = demo_length(sample_rate)
        self._samples = np.zeros((0, 2), np.float32)
        self._ready = 0
        self._position = 0
        self._progress = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def open(self) -> None:
        """Start writing, unless it is written already, and wait for the first phrase. Raises AudioError."""
        self._position = 0
        if self._thread is not None or self._ready == self.length:
            return
        self._closing.clear()
        self._ready = 0
        self._samples = np.zeros((self.length, 2), np.float32)
        self._thread = threading.Thread(target=self._write, name="demo-writer", daemon=True)
        self._thread.start()
        self._wait_for(1)

    def read(self, count: int) -> npt.NDArray[np.float32]:
        """The next samples, ``(count, 2)``; fewer only at the end. Raises AudioError."""
        end = min(self._position + count, self.length)
        self._wait_for(end)
        part = self._samples[self._position : end]
        self._position = end
        return part

    def rewind(self) -> None:
        """Go back to the beginning."""
        self._position = 0

    def close(self) -> None:
        """Stop writing. May be called twice."""
        thread, self._thread = self._thread, None
        self._closing.set()
        if thread is not None:
            thread.join(timeout=5.0)

    def _wait_for(self, end: int) -> None:
        """Wait until `end` samples are written; the writer is far ahead of the listener but for the first phrase."""
        with self._progress:
            if not self._progress.wait_for(lambda: self._ready >= end, timeout=WRITE_TIMEOUT_S):
                raise AudioError("demo: it is not written in time")

    def _write(self) -> None:
        phrases: Iterator[npt.NDArray[np.float32]] = render_phrases(self.sample_rate)
        for phrase in phrases:
            if self._closing.is_set():
                return
            with self._progress:
                self._samples[self._ready : self._ready + len(phrase)] = phrase
                self._ready += len(phrase)
                self._progress.notify_all()


class SynthSource(PlayedSource):
    """The demo as an `AudioSource`, in blocks of `block_size`; see `PlayedSource` for the timing."""

    def __init__(
        self,
        clock: Clock,
        block_size: int,
        loop: bool = True,
        monitor: Listener | None = None,
        sample_rate: int = SAMPLE_RATE,
    ) -> None:
        super().__init__(DemoRecording(sample_rate), clock, block_size, loop, monitor)
