"""The analysis thread: reads the source, keeps what was heard last, feeds the recorders."""

import math
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from instrument.audio.source import AudioBlock, AudioSource, SourceState
from instrument.clock import Clock
from instrument.engine.beat_news import BeatNews
from instrument.engine.behind import behind
from instrument.engine.listening import EarSettings, Heard, ListeningChain
from instrument.engine.messages import MessageLog
from instrument.engine.rooms import RoomKeeper, RoomShelf
from instrument.engine.sink_runner import SinkRunner
from instrument.engine.snapshot import Lamp, SoundCheckState, SourceStatus
from instrument.engine.tap import AudioTap
from instrument.errors import InstrumentError
from instrument.features.beats import Beats
from instrument.features.hops import listening_kernel
from instrument.features.rhythm import NO_RHYTHM, Rhythm
from instrument.features.vector import SILENT, NormalizedFeatures
from instrument.outputs.sink import StreamFormat
from instrument.params.store import ParamStore
from instrument.params.table import INPUT_GAIN

READ_TIMEOUT_S = 0.1
STALE_S = 0.5
"""Without a new hop for this long the source counts as silent."""
HISTORY_S = 6.0
KERNEL_AFTER_S = 30.0
"""Sound that is heard before the ears ask for their kernel: the first picture and the first sound come first, and by
then the pictures have their own."""
LAMPS = {
    SourceState.PLAYING: Lamp.GOOD,
    SourceState.PAUSED: Lamp.WARN,
    SourceState.ENDED: Lamp.WARN,
    SourceState.LOST: Lamp.BAD,
    SourceState.CLOSED: Lamp.OFF,
}
CLIP_REST_S = 10.0
"""Clipping that comes again within this is the same occurrence."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the picture follows now, and when it was made out."""

    features: NormalizedFeatures
    rhythm: Rhythm
    heard_s: float


NOTHING_HEARD = Hearing(SILENT, NO_RHYTHM, 0.0)


class Ears:
    """Owns the open source and the listening chain in a thread of its own; others read `latest` and `history`."""

    def __init__(
        self,
        source: AudioSource,
        store: ParamStore,
        clock: Clock,
        messages: MessageLog,
        hop_size: int,
        rooms: RoomShelf | None = None,
    ) -> None:
        self._source = source
        self._store = store
        self._clock = clock
        self._messages = messages
        self._hop_size = hop_size
        self._chain = ListeningChain(source.sample_rate, hop_size)
        self._next_source: AudioSource | None = None
        self._recorders: Sequence[SinkRunner] = ()
        self._tap = AudioTap(source.sample_rate, source.channels)
        self._heard: tuple[Heard, float] | None = None
        self._wishes: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._rooms = RoomKeeper(rooms, messages)
        self._beat_news = BeatNews(messages)
        self._clipped = False
        self._clip_told_s = -math.inf
        self._history = self._new_history()
        self._hops = 0
        self._asked_for_kernel = False
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ears", daemon=True)
        self._rooms.welcome(self._chain, source.label, store.get(INPUT_GAIN))

    def start(self, recorders: Sequence[SinkRunner], stream: StreamFormat) -> None:
        """Begin to listen; sound also goes to `recorders` in the form `stream` promises."""
        self._recorders = tuple(recorders)
        self._tap = AudioTap(stream.sample_rate, stream.channels)
        self._thread.start()

    def record_to(self, recorders: Sequence[SinkRunner]) -> None:
        """Lead the sound to these from now on. Any thread; does not block."""
        self._recorders = tuple(recorders)

    def listen_to(self, source: AudioSource) -> None:
        """Change over to `source`, which is open; the old one is closed. Any thread; does not block."""
        with self._lock:
            superseded, self._next_source = self._next_source, source
        if superseded is not None:
            superseded.close()

    @property
    def source(self) -> AudioSource:
        """What is being listened to."""
        return self._source

    @property
    def hops(self) -> int:
        """Hops heard since the start."""
        return self._hops

    def latest(self) -> Heard | None:
        """What was heard last."""
        return self._heard[0] if self._heard else None

    def current(self, now_s: float) -> Hearing:
        """What the picture should follow now: silence when nothing new came for `STALE_S`."""
        if self._heard is None:
            return NOTHING_HEARD
        heard, heard_s = self._heard
        features = heard.normalized
        if now_s - heard.vector.capture_time_s > STALE_S:
            features = replace(SILENT, capture_time_s=heard.vector.capture_time_s)
        return Hearing(features, heard.rhythm, heard_s)

    @property
    def clipped(self) -> bool:
        """Whether the input was at full scale during the last second."""
        return self._clipped

    @property
    def sound_check(self) -> SoundCheckState:
        """How the sound check is."""
        return self._rooms.state

    def correct_beat(self, correction: Callable[[Beats], object]) -> None:
        """Let a hand correct the beat, e.g. by a tap. Any thread; does not block."""
        self._wishes.put(lambda: correction(self._chain.beats))

    def start_sound_check(self) -> None:
        """Listen to the room from now on. Any thread; does not block."""
        self._wishes.put(lambda: self._rooms.start(self._chain))

    def undo_sound_check(self) -> None:
        """Call off the sound check, or go back to what was before the last. Any thread; does not block."""
        self._wishes.put(lambda: self._rooms.undo(self._chain))

    def history(self) -> tuple[NormalizedFeatures, ...]:
        """The last seconds, oldest first."""
        with self._lock:
            return tuple(self._history)

    def status(self) -> SourceStatus:
        """How the source is."""
        source = self._source
        position_s = getattr(source, "position_s", None)
        return SourceStatus(
            source.label, source.state.value, LAMPS[source.state], source.sample_rate, position_s, source.duration_s
        )

    def close(self) -> None:
        """Stop listening and give the source back; bounded."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5.0)
        if self._next_source is not None:
            self._next_source.close()
        self._source.close()

    def _run(self) -> None:
        state = self._source.state
        while not self._stop.is_set():
            try:
                self._change_over()
                self._grant_wishes()
                block = self._source.read(READ_TIMEOUT_S)
                if block is not None:
                    self._hear(block)
            except Exception as error:  # noqa: BLE001 (top of a thread: the picture goes on without new sound)
                self._messages.broke("listening", error)
                self._stop.wait(READ_TIMEOUT_S)
            state = self._tell(state)

    def _change_over(self) -> None:
        with self._lock:
            source, self._next_source = self._next_source, None
        if source is None:
            return
        try:
            chain = ListeningChain(source.sample_rate, self._hop_size)
        except InstrumentError as error:
            source.close()
            self._messages.say(Lamp.BAD, f"{source.label}: {error}")
            return
        self._source.close()
        self._source, self._chain, self._asked_for_kernel = source, chain, False
        self._rooms.welcome(chain, source.label, self._store.get(INPUT_GAIN))
        with self._lock:
            self._history = self._new_history()
        self._messages.say(Lamp.GOOD, f"listening to {source.label}")

    def _hear(self, block: AudioBlock) -> None:
        settings = EarSettings.of(self._store.snapshot())
        heard = self._chain.process(block, settings)
        if heard:
            now_s = self._clock.now_s()
            self._heard = heard[-1], now_s
            self._hops += len(heard)
            self._beat_news.follow(heard[-1].rhythm.beat, now_s)
            with self._lock:
                self._history.extend(hop.normalized for hop in heard)
        self._speed_up()
        self._rooms.follow(self._chain, settings.gain_db)
        self._tell_clipping()
        if any(recorder.wants_audio for recorder in self._recorders):
            tapped = self._tap.process(block, self._source.sample_rate)
            for recorder in self._recorders:
                if recorder.wants_audio and len(tapped.samples):
                    recorder.send_audio(tapped.samples, tapped.capture_time_s)

    def _speed_up(self) -> None:
        """Once a chain, as soon as nothing else has to be ready."""
        heard_s = self._hops * self._hop_size / self._source.sample_rate
        if not self._asked_for_kernel and heard_s >= KERNEL_AFTER_S:
            self._asked_for_kernel = True
            self._chain.speed_up(listening_kernel())

    def _grant_wishes(self) -> None:
        try:
            while True:
                self._wishes.get_nowait()()
        except Empty:
            return

    def _tell_clipping(self) -> None:
        """Once an occurrence: the line would otherwise push everything else out of sight."""
        self._clipped = self._chain.clipped
        now_s = self._clock.now_s()
        if self._clipped:
            if now_s - self._clip_told_s > CLIP_REST_S:
                self._messages.say(
                    Lamp.WARN, f"{self._source.label}: the input clips; turn it down before the instrument"
                )
            self._clip_told_s = now_s

    def _tell(self, before: SourceState) -> SourceState:
        state = self._source.state
        if state is not before and state in (SourceState.LOST, SourceState.ENDED):
            self._messages.say(LAMPS[state], f"{self._source.label}: {state.value}")
        if state is SourceState.PLAYING and before is SourceState.LOST:
            self._messages.say(Lamp.GOOD, f"{self._source.label}: back")
        return state

    def _new_history(self) -> deque[NormalizedFeatures]:
        return deque(maxlen=max(2, round(HISTORY_S * self._source.sample_rate / self._hop_size)))


def open_in_background(
    make: Callable[[], AudioSource], ears: Ears, messages: MessageLog, label: str
) -> threading.Thread:
    """Open a source without keeping anybody waiting, then change over to it; a failure leaves the old one playing."""

    def work() -> None:
        source = make()
        source.open()
        ears.listen_to(source)

    return behind(f"opening {label}", messages, work)
