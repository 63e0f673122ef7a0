"""The playing heart: ears, eyes and sinks started and stopped together, and seen through one snapshot."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from instrument.audio.source import AudioSource, SourceState
from instrument.clock import STARTED_S, Clock
from instrument.engine.ears import Ears, open_in_background
from instrument.engine.eyes import Eyes
from instrument.engine.learning import keep_in_background, learn_in_background
from instrument.engine.messages import MessageLog
from instrument.engine.model_change import Playable, change_in_background
from instrument.engine.picturing import PictureChain
from instrument.engine.sink_change import SinkRack
from instrument.engine.sink_runner import SinkRunner
from instrument.engine.snapshot import Lamp, MoodState, SinkStatus, Snapshot, Timing
from instrument.errors import InstrumentError
from instrument.features.vector import SILENT
from instrument.generator.protocol import Generator
from instrument.mapping.mapper import MoodMapper
from instrument.mapping.moods import MoodSet
from instrument.mapping.shelf import TaughtShelf
from instrument.mapping.teaching import Teaching
from instrument.outputs.sink import Sink, StreamFormat
from instrument.params.store import ParamStore
from instrument.params.table import ParamTable

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
        mapper: MoodMapper,
        generator: Generator,
        source: AudioSource,
        sinks: Sequence[Sink],
        clock: Clock,
        *,
        frame_rate_hz: float,
        hop_size: int,
        seed: int,
        taught_folder: Path | None = None,
    ) -> None:
        """`taught_folder` is where lessons are kept; None forgets them at the end."""
        self._clock = clock
        self.messages = MessageLog(clock)
        self._ears = Ears(source, store, clock, self.messages, hop_size)
        self._seed = seed
        self._taught_folder = taught_folder
        chain = self._chain(store.table, mapper, generator)
        self._eyes = Eyes(chain, store, self._ears.current, clock, self.messages, frame_rate_hz)
        self._stream = StreamFormat(
            generator.resolution,
            generator.resolution,
            frame_rate_hz,
            source.sample_rate or SINK_AUDIO[0],
            SINK_AUDIO[1],
        )
        self._rack = SinkRack(self._stream, self.messages, self._send_to)
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
        self._eyes.close()
        self._ears.close()
        for sink in self._rack.runners:
            sink.close()

    @property
    def ended(self) -> bool:
        """Whether the source has nothing more to give."""
        return self._ears.source.state is SourceState.ENDED

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
            return self._chain(model.table, model.mapper, model.generator, self._stream.width_px)

        change_in_background(make, self._eyes, self.messages, label)

    def open_sink(self, make: Callable[[], Sink], label: str) -> None:
        """Send to another sink as soon as it is open; a failure becomes a message. Does not block."""
        self._rack.open(make, label)

    def close_sink(self, label: str) -> None:
        """Send no more to the sinks of that label. Does not block."""
        self._rack.close(label)

    def hold_mood(self, mood: str | None) -> None:
        """Collect the sound from now on as an example of `mood`; None lets go. Does not block."""
        try:
            self._eyes.chain.teaching.hold(mood)
        except InstrumentError as error:
            self.messages.say(Lamp.WARN, str(error))

    def learn_taught(self) -> None:
        """Learn what was collected, then play it; the old mapping is kept. Does not block."""
        chain = self._eyes.chain
        learn_in_background(chain.teaching, self._shelf(chain.moods), self.messages)

    def undo_teaching(self) -> None:
        """Go back to the mapping before the last lesson. Does not block."""
        chain = self._eyes.chain
        if chain.teaching.undo():
            keep_in_background(chain.teaching, self._shelf(chain.moods), self.messages)
            self.messages.say(Lamp.GOOD, "last lesson undone")
        else:
            self.messages.say(Lamp.WARN, "no lesson to undo")

    def toggle_taught(self) -> None:
        """Compare: change between the shipped mapping and the taught one. Does not block."""
        if not self._eyes.chain.teaching.toggle():
            self.messages.say(Lamp.WARN, "nothing was taught yet")

    def snapshot(self, midi: tuple[str, ...] = ()) -> Snapshot:
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
            paused=self._paused,
            history=self._ears.history(),
            teaching=self._eyes.chain.teaching.state(),
        )

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

    def _chain(
        self, table: ParamTable, mapper: MoodMapper, generator: Generator, size_px: int | None = None
    ) -> PictureChain:
        shelf = self._shelf(mapper.moods)
        taught, trouble = shelf.load() if shelf else ((), "")
        if trouble:
            self.messages.say(Lamp.WARN, trouble)
        teaching = Teaching(mapper.network, taught)
        return PictureChain(table, mapper, generator, self._seed, size_px, teaching)

    def _shelf(self, moods: MoodSet) -> TaughtShelf | None:
        return TaughtShelf(self._taught_folder, moods) if self._taught_folder else None
