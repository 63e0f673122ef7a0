"""The render thread: paced, owns the picture chain, hands each frame to every sink."""

import math
import statistics
import threading
from collections import deque
from collections.abc import Callable, Sequence

from instrument.clock import Clock
from instrument.engine.cores import CoreKeeper
from instrument.engine.ears import Hearing
from instrument.engine.giving_way import RateKeeper, is_late
from instrument.engine.messages import MessageLog
from instrument.engine.pacing import Pacer
from instrument.engine.picturing import PictureChain
from instrument.engine.sink_runner import SinkRunner
from instrument.engine.snapshot import Lamp
from instrument.engine.stats import StageMeter, TimingMeter
from instrument.generator.protocol import Warming
from instrument.mapping.mapper import MoodTarget
from instrument.motion.accents import Cue
from instrument.outputs.sink import Frame
from instrument.params.store import ParamStore

RENDERS = 15
"""Frames whose render times tell how long the next one will take."""


class Eyes:
    """Renders at an even rate in a thread of its own; others read `frame` and `moods`."""

    def __init__(
        self,
        chain: PictureChain,
        store: ParamStore,
        hear: Callable[[float], Hearing],
        clock: Clock,
        messages: MessageLog,
        frame_rate_hz: float,
        span_s: float = 4.0,
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
        self._cores = CoreKeeper()
        self.meter = TimingMeter(frame_rate_hz)
        self.stages = StageMeter(span_s, ("ears", "next frame", "picture"))
        self._sinks: Sequence[SinkRunner] = ()
        self._frame: Frame | None = None
        self._moods: tuple[tuple[str, ...], MoodTarget] | None = None
        self._before_s: float | None = None
        self._shown_capture_s = math.nan
        self._renders_s: deque[float] = deque(maxlen=RENDERS)
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
        heard = self._hear(now_s)
        dt_s = 0.0 if self._before_s is None else now_s - self._before_s
        self._before_s = now_s
        waiting_s = max((sink.usual_delay_s() for sink in self._sinks), default=0.0)

        def cue(begins_s: float, rendering_s: float, hearing: Hearing) -> Cue:
            sent_s = begins_s + rendering_s + waiting_s
            return Cue(sent_s, self._pacer.period_s, hearing.rhythm, hearing.features.gate_open)

        def look_again() -> Cue:
            drawn_s = self._clock.now_s()
            return cue(drawn_s, 0.0, self._hear(drawn_s))

        expected = cue(now_s, statistics.median(self._renders_s) if self._renders_s else 0.0, heard)
        picture = self._chain.process(heard.features, self._store.snapshot(), dt_s, expected, look_again)
        done_s = self._clock.now_s()
        self._renders_s.append(done_s - now_s)
        capture_s = heard.features.capture_time_s or math.nan
        index = 0 if self._frame is None else self._frame.index + 1
        frame = Frame(picture.image, index, done_s, capture_s)
        for sink in self._sinks:
            sink.send(frame)
        self._frame, self._moods = frame, (self._chain.mood_names, picture.moods)
        news = not math.isnan(capture_s) and capture_s != self._shown_capture_s
        self._shown_capture_s = capture_s
        self.meter.note(done_s, done_s - capture_s if news else math.nan, done_s - now_s)
        if news:
            self.stages.note("ears", done_s, heard.heard_s - capture_s)
            self.stages.note("next frame", done_s, now_s - heard.heard_s)
        self.stages.note("picture", done_s, done_s - now_s)
        return frame

    def close(self) -> None:
        """Stop rendering; bounded."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5.0)
        self._chain.close()

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
            chain, label = change
            self._cores.release()
            chain.go_on_from(self._chain)
            self._chain = chain
            self._store.adopt(self._chain.table)
            self._messages.say(Lamp.GOOD, f"playing {label}")

    def _keep_pace(self, due_s: float, began_s: float, done_s: float) -> None:
        """Give way to a lower rate where this one is not held, come back when it is; say so."""
        # While a generator warms up, slow pictures are no reason to give way to a lower rate.
        generator = self._chain.generator
        if isinstance(generator, Warming) and generator.is_warming:
            self._keeper.rest(done_s)
            return
        self._cores.note(done_s)
        if is_late(due_s, done_s, self._keeper.rate_hz):
            self.meter.note_late()
        change = self._keeper.note(due_s, began_s, done_s)
        if change is not None:
            self._pacer.set_rate(change.rate_hz)
            self.meter.aim_at(change.rate_hz)
            self._messages.say(Lamp.WARN if change.gives_way else Lamp.GOOD, change.text())
