"""The render thread on a clock of its own: a slow picture makes it give way, and it says so."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from instrument.clock import ManualClock
from instrument.engine.ears import NOTHING_HEARD, Hearing
from instrument.engine.eyes import Eyes
from instrument.engine.messages import MessageLog
from instrument.engine.pacing import Pacer
from instrument.engine.picturing import Picture
from instrument.engine.snapshot import Lamp
from instrument.features.rhythm import BeatState, Rhythm
from instrument.features.vector import SILENT
from instrument.mapping.mapper import MoodTarget
from instrument.motion.accents import Accents, Cue
from instrument.outputs.sink import Frame
from instrument.params.store import ParamStore
from instrument.params.table import build_table


class Slow:
    """A generator that is warm when it is told to."""

    def __init__(self, is_warming: Callable[[], bool]) -> None:
        self._is_warming = is_warming

    @property
    def is_warming(self) -> bool:
        return self._is_warming()

    def wait_until_fast(self, timeout_s: float) -> bool:
        raise AssertionError("nobody waits while playing")


class SlowChain:
    """Pictures that take as long as they are told to, on a manual clock."""

    def __init__(
        self, clock: ManualClock, render_s: Callable[[float], float], is_warming: Callable[[float], bool]
    ) -> None:
        self.clock, self.render_s = clock, render_s
        self.mood_names, self.generator = ("one",), Slow(lambda: is_warming(clock.now_s()))

    def close(self) -> None:
        pass

    def process(self, *_: object) -> Picture:
        self.clock.advance(self.render_s(self.clock.now_s()))
        return Picture(np.zeros((1, 1, 3), np.uint8), MoodTarget(*np.zeros((5, 1))))


def played(
    render_s: Callable[[float], float],
    until_s: float,
    wait_until: Callable[[Callable[[], bool]], None],
    is_warming: Callable[[float], bool] = lambda _: False,
) -> tuple[Eyes, MessageLog]:
    clock = ManualClock(1.0)
    messages = MessageLog(clock)
    eyes = Eyes(
        SlowChain(clock, render_s, is_warming),
        ParamStore(build_table(("one",))),
        lambda _: NOTHING_HEARD,
        clock,
        messages,
        30.0,
    )
    eyes.start(())
    wait_until(lambda: clock.now_s() > until_s)
    eyes.close()
    return eyes, messages


def test_gives_way_once_and_says_so(wait_until: Callable[[Callable[[], bool]], None]) -> None:
    eyes, messages = played(lambda _: 0.05, 20.0, wait_until)
    assert [(line.lamp, line.text) for line in messages.lines()] == [
        (Lamp.WARN, "this machine cannot hold 30 fps; playing 15")
    ]
    assert eyes.meter.recent().target_rate_hz == 15.0
    assert abs(eyes.meter.recent().frame_rate_hz - 15.0) < 0.5
    assert eyes.meter.overall().target_rate_hz == 30.0


def test_comes_back_and_says_so(wait_until: Callable[[Callable[[], bool]], None]) -> None:
    eyes, messages = played(lambda now_s: 0.05 if now_s < 12.0 else 0.004, 60.0, wait_until)
    assert messages.lines()[-1].text == "there is room again; playing 30 fps"
    assert messages.lines()[-1].lamp is Lamp.GOOD
    assert eyes.meter.recent().target_rate_hz == 30.0


def test_warming_up_is_no_reason(wait_until: Callable[[Callable[[], bool]], None]) -> None:
    def is_slow(now_s: float) -> bool:
        return now_s < 15.0

    _, messages = played(lambda now_s: 0.2 if is_slow(now_s) else 0.004, 40.0, wait_until, is_slow)
    assert messages.lines() == ()


class FlashingChain:
    """A real set of accents and no picture: notes how bright each frame would be. Renders in uneven time."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock, self.mood_names, self.generator = clock, ("one",), Slow(lambda: False)
        self.accents, self.rng = Accents(), np.random.default_rng(4)
        self.params = {name: spec.default for name, spec in build_table(("one",)).items()}

    def process(
        self, features: object, values: object, dt_s: float, cue: Cue, look_again: Callable[[], Cue]
    ) -> Picture:
        self.accents.process(cue, self.params, dt_s)
        self.clock.advance(0.020 + 0.004 * float(self.rng.standard_gamma(1.0)))
        flash = self.accents.process(look_again(), self.params, 0.0).flash
        return Picture(np.full((1, 1, 3), round(255 * flash), np.uint8), MoodTarget(*np.zeros((5, 1))))


class NotingSink:
    """Takes each frame a little later than it is handed over, as a thread does."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock, self.seen, self.delay_s = clock, [], 0.002

    def send(self, frame: Frame) -> None:
        self.seen.append((self.clock.now_s() + self.delay_s, float(frame.image.mean())))

    def usual_delay_s(self) -> float:
        return self.delay_s


@pytest.mark.parametrize("tempo_bpm", [93.0, 128.0])
@pytest.mark.parametrize("frame_rate_hz", [30.0, 24.0])
def test_the_bright_frame_is_sent_on_the_beat(tempo_bpm: float, frame_rate_hz: float) -> None:
    """Median under half a frame, 95 of 100 under one; the beats are known a period ahead, from sound 15 ms old."""
    clock = ManualClock(5.0)
    beat_s, period_s = 60.0 / tempo_bpm, 1.0 / frame_rate_hz

    def hear(now_s: float) -> Hearing:
        capture_s = now_s - 0.015
        last = np.floor(capture_s / beat_s)
        beat = BeatState(tempo_bpm, 0.9, last * beat_s, int(last) % 4, ((last + 1) * beat_s, (last + 2) * beat_s))
        return Hearing(replace(SILENT, capture_time_s=capture_s, gate_open=True), Rhythm(beat), now_s)

    sink, chain = NotingSink(clock), FlashingChain(clock)
    eyes = Eyes(chain, ParamStore(build_table(("one",))), hear, clock, MessageLog(clock), frame_rate_hz)
    eyes._sinks = (sink,)
    pacer = Pacer(frame_rate_hz)
    while clock.now_s() < 65.0:
        clock.sleep_until_s(pacer.next_deadline_s(clock.now_s()))
        eyes.render_once(clock.now_s())
    times_s, brightness = np.array(sink.seen).T
    bright = times_s[1:][np.diff(brightness) > 20.0]
    bright = bright[bright > 6.0]
    off_s = np.abs(bright - np.round(bright / beat_s) * beat_s)
    assert len(off_s) == pytest.approx(59.0 / beat_s, abs=2)
    assert np.median(off_s) < 0.5 * period_s
    assert np.percentile(off_s, 95) < period_s
    ears, waiting, picture = eyes.stages.stages()
    assert (ears.name, waiting.name, picture.name) == ("ears", "next frame", "picture")
    assert (ears.worst_ms, waiting.worst_ms) == pytest.approx((15.0, 0.0))
    assert 20.0 < picture.p50_ms < picture.p95_ms < picture.worst_ms
