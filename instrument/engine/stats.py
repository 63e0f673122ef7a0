"""Rates and percentiles of what has just happened."""

import statistics
import threading
from collections import deque
from collections.abc import Sequence

import numpy as np

from instrument.engine.snapshot import StageDelay, Timing


class TimingMeter:
    """Collects one entry a frame and tells rates over the last `span_s` seconds and over the whole run.

    `note` comes from the render thread, the readers from any.
    """

    def __init__(self, target_rate_hz: float, span_s: float = 4.0) -> None:
        self._asked_rate_hz = target_rate_hz
        self._target_rate_hz = target_rate_hz
        self._span_s = span_s
        self._lock = threading.Lock()
        self._recent: deque[tuple[float, float, float]] = deque()
        self._latencies_ms: deque[float] = deque(maxlen=200_000)
        self._first_s: float | None = None
        self._last_s = 0.0
        self._frames = 0
        self._late = 0

    def note(self, sent_s: float, latency_s: float, render_s: float) -> None:
        """One frame was handed to the sinks at `sent_s`; `latency_s` is NaN where no sound shaped it anew."""
        with self._lock:
            self._first_s = sent_s if self._first_s is None else self._first_s
            self._last_s = sent_s
            self._frames += 1
            self._recent.append((sent_s, latency_s * 1e3, render_s * 1e3))
            while self._recent[0][0] < sent_s - self._span_s:
                self._recent.popleft()
            if not np.isnan(latency_s):
                self._latencies_ms.append(latency_s * 1e3)

    def note_late(self) -> None:
        """The frame that was noted last came late."""
        with self._lock:
            self._late += 1

    def aim_at(self, target_rate_hz: float) -> None:
        """From now on `recent` compares with another rate; the whole run stays measured against the asked one."""
        self._target_rate_hz = target_rate_hz

    @property
    def first_s(self) -> float | None:
        """When the first frame was handed over, on the clock; None before."""
        return self._first_s

    @property
    def frames(self) -> int:
        """Frames since the start."""
        return self._frames

    def recent(self) -> Timing:
        """Over the last seconds."""
        with self._lock:
            rows = list(self._recent)
        if not rows:
            return Timing(target_rate_hz=self._target_rate_hz, frames=self._frames, late=self._late)
        times, latencies, renders = np.array(rows).T
        span_s = float(times[-1] - times[0])
        return self._timing(self._target_rate_hz, len(rows), span_s, latencies[~np.isnan(latencies)], renders)

    def overall(self) -> Timing:
        """Over the whole run."""
        with self._lock:
            latencies = np.array(self._latencies_ms)
            renders = np.array([row[2] for row in self._recent])
            span_s = self._last_s - (self._first_s or 0.0)
        return self._timing(self._asked_rate_hz, self._frames, span_s, latencies, renders)

    def _timing(
        self, target_rate_hz: float, frames: int, span_s: float, latencies_ms: np.ndarray, renders_ms: np.ndarray
    ) -> Timing:
        p50_ms, p95_ms = np.percentile(latencies_ms, (50, 95)) if latencies_ms.size else (0.0, 0.0)
        return Timing(
            frame_rate_hz=(frames - 1) / span_s if span_s > 0.0 else 0.0,
            target_rate_hz=target_rate_hz,
            latency_p50_ms=float(p50_ms),
            latency_p95_ms=float(p95_ms),
            render_ms=float(np.median(renders_ms)) if renders_ms.size else 0.0,
            frames=self._frames,
            late=self._late,
        )


class StageMeter:
    """Delays of the stages from sound to sink over the last `span_s` seconds; noted and read by any thread."""

    def __init__(self, span_s: float = 4.0, stages: Sequence[str] = ()) -> None:
        """`stages` come first, in this order."""
        self._span_s = span_s
        self._lock = threading.Lock()
        self._delays: dict[str, deque[tuple[float, float]]] = {stage: deque() for stage in stages}

    def note(self, stage: str, now_s: float, delay_s: float) -> None:
        """One thing went through `stage`, which took it `delay_s`."""
        with self._lock:
            delays = self._delays.setdefault(stage, deque())
            delays.append((now_s, delay_s))
            while delays[0][0] < now_s - self._span_s:
                delays.popleft()

    def median_s(self, stage: str) -> float:
        """The usual delay of a stage; 0 before anything went through it."""
        with self._lock:
            delays = [delay_s for _, delay_s in self._delays.get(stage, ())]
        return statistics.median(delays) if delays else 0.0

    def stages(self) -> tuple[StageDelay, ...]:
        """All that anything went through lately, in order."""
        with self._lock:
            rows = {stage: np.array(delays)[:, 1] * 1e3 for stage, delays in self._delays.items() if delays}
        return tuple(
            StageDelay(stage, *(float(value) for value in (*np.percentile(row, (50, 95)), row.max())))
            for stage, row in rows.items()
        )
