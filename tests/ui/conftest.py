"""A real window under Xvfb, a small instrument behind it, and a person's hands in front of it."""

import math
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache

import dearpygui.dearpygui as dpg
import numpy as np
import pytest

from instrument.clock import ManualClock
from instrument.control.acts import Act, Acts
from instrument.engine.snapshot import (
    Lamp,
    Message,
    MoodState,
    PromptState,
    SinkStatus,
    Snapshot,
    SoundCheckState,
    SourceStatus,
    StageDelay,
    Timing,
)
from instrument.errors import InstrumentError
from instrument.features.rhythm import BEATS_IN_BAR, BeatState, DropState, Onset, Rhythm
from instrument.features.vector import FeatureVector, NormalizedFeatures
from instrument.mapping.attribution import CAUSES
from instrument.mapping.teaching import TeachingState
from instrument.outputs.sink import Frame
from instrument.params.store import ParamStore
from instrument.params.table import build_table, mood_bias_name
from instrument.settings import DEFAULTS
from instrument.ui.deck import PADS, Choice, LookPad, Machine, ModelCard
from instrument.ui.hand.pointer import DOUBLE_CLICK_S
from instrument.ui.layout.rect import Rect
from instrument.ui.surface import Surface
from instrument.ui.view import Target

MOODS = ("Aggressive", "Calm", "Vibrant")
FRAME_S = 1.0 / 30.0
HISTORY = 200
SHEET = DEFAULTS.checkpoints_folder / "default" / "sheet.png"
HOP_S = 1024 / 48_000


@cache
def polar(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Radius and angle of every pixel, ``(size, size)`` float32."""
    y, x = (side.astype(np.float32) for side in np.mgrid[-1.0 : 1.0 : size * 1j, -1.0 : 1.0 : size * 1j])
    return np.hypot(x, y), np.arctan2(y, x)


def picture(size: int, time_s: float) -> np.ndarray:
    """A colourful image that moves: ``(size, size, 3)`` uint8."""
    radius, angle = polar(size)
    waves = [np.sin(6.0 * radius - (1.0 + 0.3 * k) * time_s + (k + 1.0) * angle + 2.0 * k) for k in range(3)]
    image = 127.5 * (1.0 + np.stack(waves, axis=-1)) * np.exp(-0.6 * radius)[..., None]
    return np.ascontiguousarray(image.astype(np.uint8))


@lru_cache(maxsize=4 * HISTORY)
def features_of_hop(hop: int) -> NormalizedFeatures:
    """What is heard at the hop `hop`: a beat, and slow waves."""
    time_s = HOP_S * hop
    beat = math.exp(-5.0 * (time_s % 0.5))
    return NormalizedFeatures(
        spectral_contrast=0.5 + 0.2 * math.sin(1.7 * time_s),
        spectral_flatness=0.3 + 0.05 * math.sin(9.1 * time_s) + 0.1 * beat,
        onset_strength=beat,
        zero_crossing_rate=0.45 + 0.3 * math.sin(0.8 * time_s) * math.sin(5.0 * time_s),
        chroma_variance=0.6 + 0.04 * math.sin(0.5 * time_s),
        level=0.3 + 0.6 * beat,
        gate_open=True,
        capture_time_s=time_s,
    )


def softmax(logits: Sequence[float]) -> tuple[float, ...]:
    parts = np.exp(np.array(logits) - max(logits))
    return tuple(float(part) for part in parts / parts.sum())


class DemoDeck:
    """A whole little instrument: real parameters, moving snapshots, looks in memory, and a note of every wish."""

    def __init__(self, moods: Sequence[str] = MOODS, size: int = 128) -> None:
        self.store = ParamStore(build_table(moods))
        self.moods = tuple(moods)
        self.size = size
        self.time_s = 0.0
        self.paused = False
        self.opened: list[str] = []
        self.inputs: tuple[str, ...] = ("Scarlett 2i2 USB", "Built-in Microphone")
        self.names: dict[int, str] = {1: "Dawn", 2: "Drift", 3: "Pulse", 6: "Abyss"}
        self.values: dict[int, dict[str, float]] = {pad: self.store.persisted() for pad in self.names}
        self.pad: int | None = None
        self.version = 0
        self.armed: str | None = None
        self.bound: dict[str, str] = {"motion.speed": "CC 16"}
        self.messages: tuple[Message, ...] = (Message(0.0, Lamp.GOOD, "ready"),)
        self.source = SourceStatus("song.flac", "playing", Lamp.GOOD, 48_000, 83.0, 245.0)
        self.sinks: tuple[SinkStatus, ...] = (
            SinkStatus("spout", Lamp.GOOD, 900, 0),
            SinkStatus("window", Lamp.WARN, 880, 3),
        )
        self.midi: tuple[str, ...] = ("nanoKONTROL2",)
        self.warm = True
        self.broken = False
        self.pictures = {pad: picture(96, 3.0 * pad) for pad in self.names}
        self.undone = 0
        self.teaching = TeachingState(collected_s=tuple(0.0 for _ in self.moods))
        self.prompt = PromptState()
        self.check = SoundCheckState()
        self.tempo_bpm, self.by_hand, self.taps = 126.0, False, 0
        self.clipped = False
        self.engine, self.sending, self.next_start = "auto", ("null",), (1024, 30.0)
        self.drop = DropState.WATCHING
        self.osc = ""
        self.acts = Acts(self)
        self.displays: tuple[Choice, ...] = ()
        self.display, self.window_on = "", False

    def advance(self, dt_s: float) -> None:
        """Time goes by: what is under way goes on."""
        self.time_s += dt_s
        if self.teaching.held is not None:
            collected = list(self.teaching.collected_s)
            collected[self.moods.index(self.teaching.held)] += dt_s
            self.teaching = replace(self.teaching, collected_s=tuple(collected))
        if self.prompt.text:
            self.prompt = replace(self.prompt, progress=min(self.prompt.progress + dt_s / 4.0, 1.0))
            if self.prompt.progress >= 1.0:
                self.add_mood(self.prompt.text)
        if self.check.progress is not None:
            done = self.check.progress + dt_s / 30.0
            self.check = SoundCheckState(None, True) if done >= 1.0 else SoundCheckState(done)

    def add_mood(self, name: str) -> None:
        self.moods, self.prompt = (*self.moods, name), PromptState()
        self.teaching = TeachingState(collected_s=tuple(0.0 for _ in self.moods))
        self.store.adopt(build_table(self.moods))

    def rhythm(self) -> Rhythm:
        """Beats at an even tempo since time 0, an onset on each."""
        period_s = 60.0 / self.tempo_bpm
        count = math.floor(self.time_s / period_s)
        beat = BeatState(
            self.tempo_bpm, 0.9, count * period_s, count % BEATS_IN_BAR,
            tuple((count + step) * period_s for step in (1, 2, 3)), self.by_hand,
        )  # fmt: skip
        return Rhythm(beat, Onset(count * period_s, 0.8), self.drop)

    def why(self) -> tuple[tuple[float, ...], ...]:
        """Shares of the causes that wander, different for each mood."""
        rows = []
        for mood in range(len(self.moods)):
            parts = [1.2 + math.sin(0.4 * self.time_s + 1.3 * mood + 2.1 * cause) for cause in range(len(CAUSES))]
            rows.append(tuple(part / sum(parts) for part in parts))
        return tuple(rows)

    def mood_state(self) -> MoodState:
        logits = [1.5 * math.sin(0.7 * self.time_s + 2.1 * index) for index in range(len(self.moods))]
        biased = [logit + self.store.get(mood_bias_name(name)) for logit, name in zip(logits, self.moods, strict=True)]
        return MoodState(self.moods, softmax(logits), softmax(biased), self.why())

    def snapshot(self) -> Snapshot:
        if self.broken:
            raise InstrumentError("the engine is upset")
        hop = math.floor(self.time_s / HOP_S)
        now = features_of_hop(hop)
        index = round(self.time_s / FRAME_S)
        frame = Frame(picture(self.size, self.time_s), index, self.time_s, self.time_s)
        vector = FeatureVector(
            12.0 + 20.0 * now.spectral_contrast, 0.2 * now.spectral_flatness, 8.0 * now.onset_strength,
            0.3 * now.zero_crossing_rate, 0.1 * now.chroma_variance, 0.5 * now.level**2, self.time_s, index,
        )  # fmt: skip
        history = tuple(features_of_hop(hop - back) for back in range(HISTORY - 1, -1, -1))
        return Snapshot(
            frame if self.warm else None, self.source, vector, now, self.mood_state(),
            Timing(29.8, 30.0, 38.2, 51.7, 21.0), self.sinks, self.messages, "stylegan3-t 256", self.midi,
            self.paused, history, self.teaching, self.rhythm(), self.clipped, self.check, self.prompt,
            (StageDelay("capture to features", 21.3, 28.0), StageDelay("features to picture", 17.0, 23.7)),
            f"OSC at 127.0.0.1:{self.osc}: 3 messages" if self.osc else "",
        )  # fmt: skip

    def act(self, act: Act, sender: str) -> None:
        self.acts.do(act, sender)

    def toggle_pause(self) -> None:
        self.paused = not self.paused

    def open_source(self, text: str) -> None:
        self.opened.append(text)
        self.source = replace(self.source, label=text)

    def models(self) -> tuple[ModelCard, ...]:
        return (ModelCard("default", SHEET), ModelCard("other", None))

    def open_model(self, name: str) -> None:
        self.opened.append(f"model:{name}")

    def machine(self) -> Machine:
        return Machine(
            "default", self.engine, (Choice("auto", "the best of these"), Choice("torch", "any processor")),
            (Choice("null", "counts frames"), Choice("record", "writes a file", argument="PATH.mp4"),
             Choice("spout", "shares frames", "needs Windows")),
            self.sending, self.next_start[0], (1024, 512, 256), self.next_start[1], self.osc, self.displays,
            self.display,
        )  # fmt: skip

    def change_engine(self, name: str) -> None:
        self.engine = name

    def set_output(self, name: str, argument: str, on: bool) -> None:
        self.sending = (*self.sending, name) if on else tuple(other for other in self.sending if other != name)

    def set_osc(self, text: str) -> None:
        self.osc = text

    def toggle_window(self) -> bool:
        self.window_on = not self.window_on and len(self.displays) > 1
        return len(self.displays) > 1

    def choose_display(self, name: str) -> None:
        self.display = name

    def set_next_start(self, hop_size: int, frame_rate_hz: float) -> None:
        self.next_start = (hop_size, frame_rate_hz)

    def input_names(self) -> tuple[str, ...]:
        return self.inputs

    def looks(self) -> tuple[LookPad, ...]:
        return tuple(LookPad(pad, self.names.get(pad), self.pictures.get(pad)) for pad in range(1, PADS + 1))

    def save_look(self, pad: int, name: str) -> None:
        self.names[pad], self.values[pad] = name, self.store.persisted()
        self.pictures[pad] = picture(96, self.time_s)
        self.pad, self.version = pad, self.store.version

    def rename_look(self, pad: int, name: str) -> None:
        self.names[pad] = name

    def undo_look(self) -> None:
        self.undone += 1

    def recall_look(self, pad: int) -> None:
        if pad in self.values:
            self.store.update(self.values[pad], "look")
            self.pad, self.version = pad, self.store.version

    def current_look(self) -> tuple[int | None, bool]:
        return self.pad, self.pad is not None and self.store.version != self.version

    def learn(self, parameter: str | None) -> None:
        self.armed = parameter

    def learning(self) -> str | None:
        return self.armed

    def bindings(self, parameter: str) -> str:
        return self.bound.get(parameter, "")

    def forget(self, parameter: str) -> None:
        self.bound.pop(parameter, None)

    def hold_mood(self, mood: str | None) -> None:
        self.teaching = replace(self.teaching, held=mood)

    def learn_taught(self) -> None:
        nothing = tuple(0.0 for _ in self.moods)
        self.teaching = TeachingState(None, nothing, False, self.teaching.lessons + 1, True)

    def undo_teaching(self) -> None:
        self.teaching = replace(self.teaching, lessons=max(self.teaching.lessons - 1, 0), playing_taught=False)

    def toggle_taught(self) -> None:
        if self.teaching.lessons:
            self.teaching = replace(self.teaching, playing_taught=not self.teaching.playing_taught)

    def mine_prompt(self, text: str) -> None:
        self.prompt = PromptState(text)

    def forget_mood(self, mood: str) -> None:
        self.moods = tuple(name for name in self.moods if name != mood)
        self.teaching = TeachingState(collected_s=tuple(0.0 for _ in self.moods))
        self.store.adopt(build_table(self.moods))

    def tap_tempo(self) -> None:
        self.taps += 1
        self.by_hand = True

    def halve_tempo(self) -> None:
        self.tempo_bpm, self.by_hand = self.tempo_bpm / 2.0, True

    def double_tempo(self) -> None:
        self.tempo_bpm, self.by_hand = self.tempo_bpm * 2.0, True

    def start_sound_check(self) -> None:
        self.check = SoundCheckState(0.0)

    def undo_sound_check(self) -> None:
        self.check = SoundCheckState()


class SwitchingDeck:
    """Stands before the surface for the whole session; each test puts its own `DemoDeck` behind it."""

    def __init__(self) -> None:
        self.demo = DemoDeck()

    def __getattr__(self, name: str) -> object:
        return getattr(self.demo, name)


class Person:
    """Sees the window and touches it, as a person would: through the X server."""

    def __init__(self, surface: Surface, deck: SwitchingDeck) -> None:
        self.surface, self._switch = surface, deck
        self.clock = ManualClock()
        self.start(DemoDeck())

    @property
    def deck(self) -> DemoDeck:
        return self._switch.demo

    def start(self, deck: DemoDeck) -> DemoDeck:
        """Another instrument behind the same window."""
        self._switch.demo = deck
        return deck

    def frames(self, count: int) -> None:
        for _ in range(count):
            self.clock.advance(FRAME_S)
            self.deck.advance(FRAME_S)
            assert self.surface.step(self.clock.now_s())

    def until(self, condition: Callable[[], bool], frames: int = 90) -> None:
        for _ in range(frames):
            if condition():
                return
            self.frames(1)
        raise AssertionError(f"not within {frames} frames")

    def target(self, name: str) -> Target:
        return next(target for target in self.surface.targets if target.name == name)

    def xdotool(self, *words: object) -> None:
        subprocess.run(["xdotool", *(str(word) for word in words)], check=True, timeout=20)

    def move(self, x: float, y: float) -> None:
        left, top = dpg.get_viewport_pos()
        self.xdotool("mousemove", round(left + x), round(top + y))
        self.frames(3)

    def over(self, place: str | Rect) -> None:
        rect = self.target(place).rect if isinstance(place, str) else place
        self.move(*rect.centre)

    def press(self, button: int = 1) -> None:
        self.xdotool("mousedown", button)
        self.frames(3)

    def release(self, button: int = 1) -> None:
        self.xdotool("mouseup", button)
        self.frames(3)

    def click(self, place: str | Rect, button: int = 1) -> None:
        self.over(place)
        self.press(button)
        self.release(button)

    def drag(self, name: str, dx: float, dy: float) -> None:
        x, y = self.target(name).rect.centre
        self.move(x, y)
        self.press()
        self.move(x + dx / 2, y + dy / 2)
        self.move(x + dx, y + dy)
        self.release()

    def key(self, name: str) -> None:
        self.xdotool("keydown", name)
        self.frames(3)
        self.xdotool("keyup", name)
        self.frames(3)

    def type(self, text: str) -> None:
        for character in text:
            self.key({".": "period", "-": "minus", " ": "space"}.get(character, character))

    def held(self, key: str, act: Callable[[], None]) -> None:
        self.xdotool("keydown", key)
        self.frames(3)
        act()
        self.xdotool("keyup", key)
        self.frames(3)

    def screen(self) -> np.ndarray:
        """What is on the window now: ``(height, width, 4)`` float32."""
        seen: list[np.ndarray] = []

        def take(_sender: object, buffer: object, _data: object) -> None:
            shape = (buffer.get_height(), buffer.get_width(), 4)  # type: ignore[attr-defined]
            seen.append(np.frombuffer(buffer, np.float32).reshape(shape).copy())  # type: ignore[call-overload]

        self.frames(3)
        dpg.output_frame_buffer(callback=take)
        self.until(lambda: bool(seen))
        return seen[0]

    def seen(self, rect: Rect) -> np.ndarray:
        """The part of the screen at `rect`, ``(height, width, 3)``."""
        x, y, right, bottom = (round(edge) for edge in (rect.x, rect.y, rect.right, rect.bottom))
        return self.screen()[y:bottom, x:right, :3]

    def settle(self, width: int = 1280, height: int = 800) -> None:
        """Hands off everything, the window at its usual size."""
        self.surface._hands.cancel()
        for button in (1, 3):
            self.xdotool("mouseup", button)
        self.xdotool("keyup", "Control_L", "keyup", "Shift_L")
        dpg.set_viewport_width(width)
        dpg.set_viewport_height(height)
        self.move(4, height / 2)
        # Longer than a double click, so that a test's first press is a first press.
        self.clock.advance(DOUBLE_CLICK_S)
        self.deck.advance(DOUBLE_CLICK_S)
        self.until(lambda: (dpg.get_viewport_client_width(), dpg.get_viewport_client_height()) == (width, height))
        self.frames(3)


@pytest.fixture(scope="session")
def window(x_display: str) -> Iterator[Person]:
    """One surface for the whole session: Dear PyGui allows one context a process."""
    deck = SwitchingDeck()
    surface = Surface(deck)  # type: ignore[arg-type]
    surface.open()
    person = Person(surface, deck)
    person.frames(5)
    yield person
    surface.close()


@pytest.fixture
def person(window: Person) -> Person:
    """Somebody in front of a freshly started instrument."""
    window.start(DemoDeck())
    window.settle()
    return window


@pytest.fixture(scope="session")
def make_deck() -> Callable[..., DemoDeck]:
    return DemoDeck
