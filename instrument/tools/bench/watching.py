"""What the benches see of a show: a sink that notes when a picture came and how bright it was, and a still picture."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.audio.source import AudioSource
from instrument.clock import Clock
from instrument.engine.engine import Engine
from instrument.model import Model
from instrument.outputs.sink import Frame, StreamFormat
from instrument.params.store import ParamStore
from instrument.params.table import (
    ACCENT_FLASH,
    ACCENT_PUNCH,
    ACCENT_PUSH,
    AUDIO_AMOUNT,
    MOTION_DRIFT,
    MOTION_RMS_DRIVE,
    MOTION_SPEED,
)

STILL = {
    MOTION_SPEED: 0.0, MOTION_RMS_DRIVE: 0.0, MOTION_DRIFT: 0.0, AUDIO_AMOUNT: 0.0,
    ACCENT_PUSH: 0.0, ACCENT_PUNCH: 0.0, ACCENT_FLASH: 1.0,
}  # fmt: skip
"""Values with which nothing but a flash changes the picture."""
EVERY = 4
"""Of the pixels, one in so many each way tells the brightness."""
WHOLE_RUN_S = 3600.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture: when the sink was given it, its mean brightness 0 to 255, and the time of the sound behind it."""

    sent_s: float
    brightness: float
    capture_s: float


class WatchingSink:
    """Notes every picture, and when the sound began. Read it after the show."""

    label = "sink"
    queue_frames = 1
    wants_audio = True

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seen: list[Seen] = []
        self.sound_began_s: float | None = None
        """Capture time of the very first sample, had nothing held the sound up since."""
        self._heard = 0
        self._sample_rate = 0

    def open(self, stream: StreamFormat) -> None:
        """Begin."""
        self._sample_rate = stream.sample_rate

    def send(self, frame: Frame) -> None:
        """Note one picture."""
        sent_s = self._clock.now_s()
        self.seen.append(Seen(sent_s, float(frame.image[::EVERY, ::EVERY].mean()), frame.capture_time_s))

    def send_audio(self, samples: npt.NDArray[np.float32], capture_time_s: float) -> None:
        """Note when the sound began: a source that was read too late has waited, so the newest block tells it best."""
        self._heard += len(samples)
        self.sound_began_s = capture_time_s - self._heard / self._sample_rate

    def close(self) -> None:
        """Nothing is held."""

    def times_s(self) -> npt.NDArray[np.float64]:
        """When each picture came, ``(n,)``."""
        return np.array([seen.sent_s for seen in self.seen])

    def brightness(self) -> npt.NDArray[np.float64]:
        """How bright each was, ``(n,)``."""
        return np.array([seen.brightness for seen in self.seen])


@contextmanager
def still_show(
    model: Model, source: AudioSource, clock: Clock, frame_rate_hz: float, hop_size: int, values: dict[str, float]
) -> Iterator[tuple[Engine, WatchingSink]]:
    """Play an open source to a `WatchingSink` with a picture that only flashes; `values` are set besides."""
    store = ParamStore(model.table)
    store.update(STILL | values, "bench")
    sink = WatchingSink(clock)
    engine = Engine(
        store, model.repertoire, model.generator, source, [sink], clock,
        frame_rate_hz=frame_rate_hz, hop_size=hop_size, seed=0, span_s=WHOLE_RUN_S,
    )  # fmt: skip
    try:
        engine.start()
        yield engine, sink
    finally:
        engine.close()


def stage_table(engine: Engine) -> str:
    """The stages of a run as lines of a table."""
    lines = [f"{'stage':>16} {'p50':>7} {'p95':>7} {'worst':>7}  ms"]
    lines += [
        f"{stage.name:>16} {stage.p50_ms:7.1f} {stage.p95_ms:7.1f} {stage.worst_ms:7.1f}" for stage in engine.stages()
    ]
    return "\n".join(lines) + "\n"


def percentiles(values: Sequence[float] | npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Median, 95th percentile and the largest; NaN where there are none."""
    if len(values) == 0:
        return (float("nan"),) * 3
    p50, p95 = np.percentile(values, (50, 95))
    return float(p50), float(p95), float(np.max(values))
