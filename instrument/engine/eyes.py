"""The render thread: paced, owns the picture chain, hands each frame to every sink."""

import math
import threading
from collections.abc import Callable, Sequence

from instrument.clock import Clock
from instrument.engine.giving_way import RateKeeper, is_late
from instrument.engine.messages import MessageLog
from instrument.engine.pacing import Pacer
from instrument.engine.picturing import PictureChain
from instrument.engine.sink_runner import SinkRunner
from instrument.engine.snapshot import Lamp
from instrument.engine.stats import TimingMeter
from instrument.features.vector import NormalizedFeatures
from instrument.generator.protocol import Warming
from instrument.mapping.mapper import MoodTarget
from instrument.outputs.sink import Frame
from instrument.params.store import ParamStore


class Eyes:
    """Renders at an even rate in a thread of its own; others read `frame` and `moods`."""

    def __init__(
        self,
        chain: PictureChain,
        store: ParamStore,
        hear: Callable[[float], NormalizedFeatures],
        clock: Clock,
        messages: MessageLog,
        frame_rate_hz: float,
    ) -> None:
        self._chain = chain
        self._next: tuple[PictureChain, str] | None = None
        self._lock = threading.Lock()
        self._store = store
        self._hear = hear
        self._clock = clock
        self._messages = messages
        self._pacer = Pacer(frame_rate_hz)
        self._keeper = RateKeeper(frame_rate_hz)
        self.meter = TimingMeter(frame_rate_hz)
        self._sinks: Sequence[SinkRunner] = ()
        self._frame: Frame | None = None
        self._moods: tuple[tuple[str, ...], MoodTarget] | None = None
        self._before_s: float | None = None
        self._shown_capture_s = math.nan
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="eyes", daemon=True)

    @property
    def frame(self) -> Frame | None:
        """The newest frame; None only before the first."""
        return self._frame

    @property
    def moods(self) -> tuple[tuple[str, ...], MoodTarget] | None:
        """Names and weights of the newest frame's moods."""
        return self._moods

    @property
    def chain(self) -> PictureChain:
        """What makes the pictures; it belongs to the render thread, others look at what does not change in it."""
        return self._chain

    def change_to(self, chain: PictureChain, label: str) -> None:
        """Go over to another model, called `label`, with the next frame; the last call counts.

        Any thread; does not block.
        """
        with self._lock:
            self._next = (chain, label)

    def start(self, sinks: Sequence[SinkRunner]) -> None:
        """Begin to render for `sinks`."""
        self._sinks = tuple(sinks)
        self._thread.start()

    def send_to(self, sinks: Sequence[SinkRunner]) -> None:
        """Hand the next frames to these. Any thread; does not block."""
        self._sinks = tuple(sinks)

    def render_once(self, now_s: float) -> Frame:
        """Render and hand over one frame. Only the owner: the render thread, or whoever warms it up before."""
        self._change_over()
        features = self._hear(now_s)
        dt_s = 0.0 if self._before_s is None else now_s - self._before_s
        self._before_s = now_s
        picture = self._chain.process(features, self._store.snapshot(), dt_s)
        done_s = self._clock.now_s()
        capture_s = features.capture_time_s or math.nan
        index = 0 if self._frame is None else self._frame.index + 1
        frame = Frame(picture.image, index, done_s, capture_s)
        for sink in self._sinks:
            sink.send(frame)
        self._frame, self._moods = frame, (self._chain.mood_names, picture.moods)
        news = capture_s != self._shown_capture_s
        self._shown_capture_s = capture_s
        self.meter.note(done_s, done_s - capture_s if news else math.nan, done_s - now_s)
        return frame

    def close(self) -> None:
        """Stop rendering; bounded."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        while not self._stop.is_set():
            due_s = self._pacer.next_deadline_s(self._clock.now_s())
            self._clock.sleep_until_s(due_s)
            try:
                began_s = self._clock.now_s()
                self._keep_pace(due_s, began_s, self.render_once(began_s).time_s)
            except Exception as error:  # noqa: BLE001 (top of a thread: the last picture stays up)
                self._messages.broke("rendering", error)
                self._stop.wait(self._pacer.period_s)

    def _change_over(self) -> None:
        with self._lock:
            change, self._next = self._next, None
        if change is not None:
            self._chain, label = change
            self._store.adopt(self._chain.table)
            self._messages.say(Lamp.GOOD, f"playing {label}")

    def _keep_pace(self, due_s: float, began_s: float, done_s: float) -> None:
        """Give way to a lower rate where this one is not held, come back when it is; say so."""
        # While a generator warms up, slow pictures are no reason to give way to a lower rate.
        generator = self._chain.generator
        if isinstance(generator, Warming) and generator.is_warming:
            self._keeper.rest(done_s)
            return
        if is_late(due_s, done_s, self._keeper.rate_hz):
            self.meter.note_late()
        change = self._keeper.note(due_s, began_s, done_s)
        if change is not None:
            self._pacer.set_rate(change.rate_hz)
            self.meter.aim_at(change.rate_hz)
            self._messages.say(Lamp.WARN if change.gives_way else Lamp.GOOD, change.text())
