"""Gives every sink its own thread, so that a slow or broken one never touches the others."""

import math
import threading
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from instrument.clock import Clock
from instrument.engine.mailbox import Mailbox
from instrument.engine.messages import MessageLog
from instrument.engine.snapshot import Lamp, SinkStatus, StageDelay
from instrument.engine.stats import StageMeter
from instrument.errors import InstrumentError, OutputLeftError
from instrument.outputs.sink import Frame, Remote, Sink, StreamFormat

AUDIO_BLOCKS = 4096
"""Sound that may wait for a recorder: over a minute at 1024 samples a block."""
LONGEST_WAIT_S = 0.25
CLOSING_S = 10.0


class SinkRunner:
    """Owns one sink from open to close in a thread of its own. `send` and `send_audio` never block."""

    def __init__(
        self,
        sink: Sink,
        stream: StreamFormat,
        messages: MessageLog,
        clock: Clock,
        span_s: float = 4.0,
        left: "Callable[[SinkRunner], None] | None" = None,
    ) -> None:
        """`left` is called from its thread once the sink was closed at its far end."""
        self._sink = sink
        self._stream = stream
        self._messages = messages
        self._clock = clock
        self._delays = StageMeter(span_s)
        self._shown_capture_s = math.nan
        self._frames = Mailbox[Frame](sink.queue_frames)
        self._audio = Mailbox[tuple[npt.NDArray[np.float32], float]](AUDIO_BLOCKS)
        self._opened = threading.Event()
        self._error: InstrumentError | None = None
        self._sent = 0
        self._notice = ""
        self._left = left
        self.has_left = False
        """Whether it was closed at its far end."""
        self._thread = threading.Thread(target=self._run, name=f"sink {sink.label}", daemon=True)

    @property
    def label(self) -> str:
        """The sink's."""
        return self._sink.label

    @property
    def wants_audio(self) -> bool:
        """Whether sound is of use."""
        return self._sink.wants_audio and self._error is None

    def open(self, timeout_s: float = 15.0) -> None:
        """Start the thread and wait until the sink is open. Raises the sink's error, or OutputError's root."""
        self._thread.start()
        if not self._opened.wait(timeout_s):
            raise InstrumentError(f"{self._sink.label}: did not open within {timeout_s:g} s")
        if self._error is not None:
            raise self._error

    def send(self, frame: Frame) -> None:
        """Leave a frame for the sink."""
        self._frames.put(frame)

    def send_audio(self, samples: npt.NDArray[np.float32], capture_time_s: float) -> None:
        """Leave sound for the sink."""
        self._audio.put((samples, capture_time_s))
        self._frames.wake()

    def status(self) -> SinkStatus:
        """How it is; from any thread."""
        detail = str(self._error) if self._error is not None else self._notice
        lamp = Lamp.BAD if self._error is not None else Lamp.WARN if detail else Lamp.GOOD
        return SinkStatus(self._sink.label, lamp, self._sent, self._frames.dropped, detail)

    def usual_delay_s(self) -> float:
        """How long a frame usually waits before the sink takes it; 0 for one that takes them late on purpose."""
        return self._delays.median_s("hand-over") if self._sink.queue_frames == 1 else 0.0

    def stages(self) -> tuple[StageDelay, ...]:
        """Its own stage, from the frame's end to its being delivered, and the whole way from the sound."""
        return tuple(stage for stage in self._delays.stages() if stage.name != "hand-over")

    def close(self) -> None:
        """Let it finish what is waiting, then end it; bounded."""
        self._shut()
        if self._thread.is_alive():
            self._thread.join(CLOSING_S)
            if self._thread.is_alive():
                self._messages.say(Lamp.BAD, f"{self._sink.label}: still busy after {CLOSING_S:g} s; left behind")

    def _run(self) -> None:
        try:
            self._sink.open(self._stream)
            self._opened.set()
            self._deliver()
        except OutputLeftError as farewell:
            self._shut()
            self.has_left = True
            self._messages.say(Lamp.GOOD, str(farewell))
        except InstrumentError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 (top of a thread: one broken sink must not end the show)
            self._messages.broke(self._sink.label, error)
            self._fail(InstrumentError(f"{self._sink.label}: {error}"))
        finally:
            self._opened.set()
            self._close_sink()
        if self.has_left and self._left is not None:
            self._left(self)

    def _deliver(self) -> None:
        while not (self._frames.closed and self._nothing_waits()):
            frame = self._frames.get(LONGEST_WAIT_S)
            self._deliver_audio()
            if frame is not None:
                handed_s = self._clock.now_s()
                self._sink.send(frame)
                self._sent += 1
                self._note(frame, handed_s)
                if isinstance(self._sink, Remote):
                    self._watch(self._sink)

    def _note(self, frame: Frame, handed_s: float) -> None:
        now_s = self._clock.now_s()
        self._delays.note("hand-over", now_s, handed_s - frame.time_s)
        self._delays.note(self._sink.label, now_s, now_s - frame.time_s)
        # A frame without new sound says nothing of how old sound is when it is seen.
        if frame.capture_time_s != self._shown_capture_s and not math.isnan(frame.capture_time_s):
            self._delays.note(f"sound to {self._sink.label}", now_s, now_s - frame.capture_time_s)
        self._shown_capture_s = frame.capture_time_s

    def _watch(self, sink: Remote) -> None:
        """Tell what has come to be amiss there, or is no more, and how late the pictures are."""
        notice = sink.notice
        if notice != self._notice:
            self._notice = notice
            lamp, text = (Lamp.WARN, notice) if notice else (Lamp.GOOD, f"{self._sink.label}: well again")
            self._messages.say(lamp, text)
        if not math.isnan(sink.lag_s):
            self._delays.note(f"{self._sink.label} on the screen", self._clock.now_s(), sink.lag_s)

    def _nothing_waits(self) -> bool:
        return self._frames.empty and self._audio.empty

    def _deliver_audio(self) -> None:
        while (sound := self._audio.get(0.0)) is not None:
            self._sink.send_audio(*sound)

    def _fail(self, error: InstrumentError) -> None:
        self._error = error
        self._shut()
        if self._opened.is_set():
            self._messages.say(Lamp.BAD, str(error))

    def _shut(self) -> None:
        self._frames.close()
        self._audio.close()

    def _close_sink(self) -> None:
        try:
            self._sink.close()
        except InstrumentError as error:
            self._error = self._error or error
            self._messages.say(Lamp.BAD, str(error))
