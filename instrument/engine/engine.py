"""The playing heart: ears, eyes and sinks started and stopped together, and seen through one snapshot."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from instrument.audio.source import AudioSource, SourceState
from instrument.clock import STARTED_S, Clock
from instrument.engine.behind import be_ready
from instrument.engine.chain_maker import ChainMaker, OwnFolders
from instrument.engine.ears import Ears, open_in_background
from instrument.engine.eyes import Eyes
from instrument.engine.messages import MessageLog
from instrument.engine.model_change import Playable, change_in_background
from instrument.engine.mood_desk import MoodDesk
from instrument.engine.picturing import PictureChain
from instrument.engine.rooms import RoomShelf
from instrument.engine.sink_change import SinkRack
from instrument.engine.sink_runner import SinkRunner
from instrument.engine.snapshot import Lamp, MoodState, SinkStatus, Snapshot, StageDelay, Timing
from instrument.features.rhythm import NO_RHYTHM
from instrument.features.vector import SILENT
from instrument.generator.protocol import Generator
from instrument.mapping.repertoire import Repertoire
from instrument.outputs.sink import Sink, StreamFormat
from instrument.params.store import ParamStore

SINK_AUDIO = (48_000, 2)
"""Rate and channels that recorders are given when the source's own are not known to last."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole run in figures."""

    first_frame_s: float
    """From the start of the process to the first frame handed to the sinks; NaN without one."""
    frames: int
    hops: int
    timing: Timing
    sinks: tuple[SinkStatus, ...]

    def text(self) -> str:
        """Readable in a terminal."""
        timing = self.timing
        lines = [
            f"first frame {self.first_frame_s:.2f} s after the start",
            f"{self.frames} frames at {timing.frame_rate_hz:.1f} fps (asked {timing.target_rate_hz:g}), "
            f"{timing.late} late, render {timing.render_ms:.1f} ms, {self.hops} hops heard",
            f"audio to frame: p50 {timing.latency_p50_ms:.1f} ms, p95 {timing.latency_p95_ms:.1f} ms",
        ]
        for sink in self.sinks:
            trouble = f", {sink.detail}" if sink.detail else ""
            lines.append(f"{sink.label}: {sink.sent} sent, {sink.dropped} dropped{trouble}")
        return "\n".join(lines)


class Engine:
    """Plays the same with or without a surface. Commands may come from any thread; `start` and `close` from one."""

    def __init__(
        self,
        store: ParamStore,
        repertoire: Repertoire,
        generator: Generator,
        source: AudioSource,
        sinks: Sequence[Sink],
        clock: Clock,
        *,
        frame_rate_hz: float,
        hop_size: int,
        seed: int,
        own: OwnFolders | None = None,
        span_s: float = 4.0,
        sink_gone: Callable[[str, bool], None] = lambda _label, _by_hand: None,
    ) -> None:
        """`own` is where lessons, mined moods and sound checks are kept; None forgets them at the end.

        `span_s` is how far back the delays of the stages reach. `sink_gone` as in `SinkRack`.
        """
        be_ready()
        self._clock = clock
        self.messages = MessageLog(clock)
        rooms = RoomShelf(own.rooms) if own else None
        self._ears = Ears(source, store, clock, self.messages, hop_size, rooms)
        self._maker = ChainMaker(self.messages, clock, seed, own)
        chain = self._maker.make(repertoire, generator)
        self._eyes = Eyes(chain, store, self._ears.current, clock, self.messages, frame_rate_hz, span_s)
        self.desk = MoodDesk(self._eyes, self._maker, self.messages)
        """Teaches and mines moods."""
        self._stream = StreamFormat(
            generator.resolution,
            generator.resolution,
            frame_rate_hz,
            source.sample_rate or SINK_AUDIO[0],
            SINK_AUDIO[1],
        )
        self._rack = SinkRack(self._stream, self.messages, self._send_to, clock, span_s, sink_gone)
        for sink in sinks:
            self._rack.add(sink)
        self._paused = False

    def start(self) -> None:
        """Open the sinks, warm the picture, then listen and render. Raises the first sink's InstrumentError."""
        sinks = self._rack.runners
        for sink in sinks:
            sink.open()
        self._ears.start(sinks, self._stream)
        self._eyes.start(sinks)

    def close(self) -> None:
        """End everything in the order that loses nothing; bounded. May be called twice."""
        self.desk.close()
        self._eyes.close()
        self._ears.close()
        for sink in self._rack.runners:
            sink.close()

    @property
    def ended(self) -> bool:
        """Whether the source has nothing more to give."""
        return self._ears.source.state is SourceState.ENDED

    @property
    def generator(self) -> Generator:
        """What draws the pictures now; it belongs to the render thread, others look at how it is."""
        return self._eyes.chain.generator

    @property
    def frames(self) -> int:
        """Frames rendered so far."""
        return self._eyes.meter.frames

    def set_paused(self, paused: bool) -> None:
        """Hold or go on with the sound; the picture lives on."""
        self._paused = paused
        self._ears.source.set_paused(paused)

    @property
    def paused(self) -> bool:
        """Whether the sound is held."""
        return self._paused

    def open_source(self, make: Callable[[], AudioSource], label: str) -> None:
        """Change over to another source as soon as it is open; a failure becomes a message. Does not block."""
        self._paused = False
        open_in_background(make, self._ears, self.messages, label)

    def change_model(self, load: Callable[[], Playable], label: str) -> None:
        """Change over to another model as soon as it is loaded; a failure leaves this one playing. Does not block."""

        def make() -> PictureChain:
            model = load()
            if model.notice:
                self.messages.say(Lamp.WARN, model.notice)
            return self._maker.make(model.repertoire, model.generator, self._stream.width_px)

        change_in_background(make, self._eyes, self.messages, label)

    def open_sink(self, make: Callable[[], Sink], label: str) -> None:
        """Send to another sink as soon as it is open; a failure becomes a message. Does not block."""
        self._rack.open(make, label)

    def close_sink(self, label: str) -> None:
        """Send no more to the sinks of that label. Does not block."""
        self._rack.close(label)

    def tap_tempo(self) -> None:
        """One tap on the beat, now. Does not block."""
        now_s = self._clock.now_s()
        self._ears.correct_beat(lambda beats: beats.tap(now_s))

    def halve_tempo(self) -> None:
        """The beat is half as fast as believed. Does not block."""
        self._ears.correct_beat(lambda beats: beats.halve())

    def double_tempo(self) -> None:
        """The beat is twice as fast as believed. Does not block."""
        self._ears.correct_beat(lambda beats: beats.double())

    def start_sound_check(self) -> None:
        """Listen to the room, then use its ranges and its noise floor. Does not block."""
        self._ears.start_sound_check()

    def undo_sound_check(self) -> None:
        """Call off the sound check, or go back to what was before the last. Does not block."""
        self._ears.undo_sound_check()

    def snapshot(self, midi: tuple[str, ...] = (), osc: str = "") -> Snapshot:
        """Everything at this moment; cheap enough for every frame of a surface."""
        heard = self._ears.latest()
        return Snapshot(
            frame=self._eyes.frame,
            source=self._ears.status(),
            features=heard.vector if heard else None,
            normalized=heard.normalized if heard else SILENT,
            moods=self._mood_state(),
            timing=self._eyes.meter.recent(),
            sinks=tuple(sink.status() for sink in self._rack.runners),
            messages=self.messages.lines(),
            generator=self._eyes.chain.generator.description,
            midi=midi,
            osc=osc,
            paused=self._paused,
            history=self._ears.history(),
            rhythm=heard.rhythm if heard else NO_RHYTHM,
            clipped=self._ears.clipped,
            sound_check=self._ears.sound_check,
            stages=self.stages(),
            teaching=self._eyes.chain.teaching.state(),
            prompt=self.desk.prompt,
        )

    def stages(self) -> tuple[StageDelay, ...]:
        """The way from sound to sink over the last seconds, stage by stage."""
        return (*self._eyes.stages.stages(), *(stage for sink in self._rack.runners for stage in sink.stages()))

    def summary(self) -> Summary:
        """The whole run so far."""
        first_s = self._eyes.meter.first_s
        return Summary(
            math.nan if first_s is None else first_s - STARTED_S,
            self._eyes.meter.frames,
            self._ears.hops,
            self._eyes.meter.overall(),
            tuple(sink.status() for sink in self._rack.runners),
        )

    def _send_to(self, sinks: Sequence[SinkRunner]) -> None:
        self._eyes.send_to(sinks)
        self._ears.record_to(sinks)

    def _mood_state(self) -> MoodState:
        if self._eyes.moods is None:
            names = self._eyes.chain.mood_names
            even = tuple(1.0 / len(names) for _ in names)
            return MoodState(names, even, even)
        names, moods = self._eyes.moods
        why = tuple(tuple(map(float, row)) for row in moods.why)
        return MoodState(names, tuple(map(float, moods.asked)), tuple(map(float, moods.played)), why)
