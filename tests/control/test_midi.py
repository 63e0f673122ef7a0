"""Controllers that come, speak and go, as other processes on a real MIDI system."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from instrument.clock import ManualClock, SystemClock
from instrument.control.midi import LIST_S, REOPEN_S, RETRY_S, MidiInput
from instrument.errors import ControlError

NANO = "Fake nanoKONTROL"

UNDER_FIRE = """
import sys, threading
from instrument.clock import SystemClock
from instrument.control.midi import MidiInput
for _ in range(8):
    heard = threading.Semaphore(0)
    midi = MidiInput(SystemClock(), lambda event: heard.release())
    midi.start()
    print("listening", flush=True)
    for _ in range(20):
        assert heard.acquire(timeout=10.0)
    midi.close()
    assert not midi._thread.is_alive()
print("survived", flush=True)
"""


@pytest.mark.jack
def test_two_controls_swept_arrive_whole_and_in_order(plug, midi, ear, wait_until):
    controller = plug(NANO)
    wait_until(lambda: midi.connected == (controller.name,))
    assert midi.state == "1 controller"
    before_s = SystemClock().now_s()
    controller.say(*[(0xB0, 16 + (value % 2), value) for value in range(128)])
    events = ear.wait_for(128)
    assert [event.position for event in events] == [value / 127 for value in range(128)]
    assert [event.number for event in events] == [16, 17] * 64
    assert {(event.device, event.kind, event.channel) for event in events} == {(controller.name, "control", 0)}
    stamps = [event.time_s for event in events]
    assert before_s < stamps[0]
    assert stamps == sorted(stamps)
    assert stamps[-1] < SystemClock().now_s()


@pytest.mark.jack
def test_notes_are_pressed_and_released_and_other_messages_are_left_out(plug, midi, ear, wait_until):
    controller = plug(NANO)
    wait_until(lambda: midi.connected)
    controller.say((0x99, 36, 127), (0xE0, 1, 2), (0x99, 36, 0), (0x99, 37, 64), (0x89, 37, 64))
    events = ear.wait_for(4)
    assert [(event.kind, event.channel, event.number, event.position) for event in events] == [
        ("note", 9, 36, 1.0),
        ("note", 9, 36, 0.0),
        ("note", 9, 37, 64 / 127),
        ("note", 9, 37, 0.0),
    ]


@pytest.mark.jack
def test_unplugged_is_noticed_and_replugged_is_heard_again(plug, midi, ear, wait_until):
    other = plug("Fake pedal")
    for round_number in range(1, 3):
        controller = plug(NANO)
        wait_until(lambda: sorted(midi.connected) == [NANO + ":to_app", other.name])
        controller.say((0xB0, 16, round_number))
        assert ear.wait_for(2 * round_number - 1)[-1].position == round_number / 127
        controller.unplug()
        wait_until(lambda: midi.connected == (other.name,))
        other.say((0xB0, 64, 127))
        assert ear.wait_for(2 * round_number)[-1].device == other.name


@pytest.mark.jack
def test_a_burst_is_heard_whole(plug, midi, ear, wait_until):
    controller = plug(NANO)
    wait_until(lambda: midi.connected)
    controller.say(*[(0xB0, 1, value % 128) for value in range(1000)])
    assert [event.position for event in ear.wait_for(1000)] == [value % 128 / 127 for value in range(1000)]


@pytest.mark.jack
def test_closing_while_a_controller_speaks_neither_hangs_nor_crashes(plug, jack):
    controller = plug(NANO)
    child = subprocess.Popen([sys.executable, "-c", UNDER_FIRE], stdout=subprocess.PIPE, text=True, env=jack)
    said = []
    watchdog = threading.Timer(20.0, child.kill)
    watchdog.start()
    assert child.stdout is not None
    for line in child.stdout:
        said.append(line.strip())
        controller.say(*[(0xB0, 16, value % 128) for value in range(900)])
    watchdog.cancel()
    child.stdout.close()
    assert child.wait(10.0) == 0
    assert said == ["listening"] * 8 + ["survived"]


@pytest.mark.skipif(Path("/dev/snd/seq").exists(), reason="this machine has a MIDI system")
def test_no_midi_system_is_a_quiet_state(ear, monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    midi = MidiInput(SystemClock(), ear.hear)
    assert midi.state == "MIDI is off"
    midi.start()
    assert midi.state == "no MIDI system"
    assert midi.connected == ()
    midi.close()
    midi.close()
    assert midi.state == "MIDI is off"


def test_closing_one_that_was_never_started_is_nothing(ear):
    MidiInput(SystemClock(), ear.hear).close()


class ScriptedPort:
    def __init__(self) -> None:
        self.closed = False

    def read(self) -> None:
        return None

    def close(self) -> None:
        assert not self.closed
        self.closed = True


class ScriptedSystem:
    """Does what no real system can be made to do on demand: dies while it lists, or holds a port for another."""

    def __init__(self, api: str = "alsa") -> None:
        self.api = api
        self.names: list[str] = []
        self.dead = False
        self.busy: set[str] = set()
        self.opened: list[tuple[str, ScriptedPort]] = []
        self.connections = 0
        self.listed = threading.Semaphore(0)

    def connect(self) -> "ScriptedSystem":
        self.connections += 1
        return self

    def port_names(self) -> list[str]:
        self.listed.release()
        if self.dead:
            raise ControlError("the MIDI system went away")
        return self.names

    def open(self, name: str) -> ScriptedPort:
        if name in self.busy:
            raise ControlError(f"{name} cannot be opened")
        self.opened.append((name, ScriptedPort()))
        return self.opened[-1][1]

    def held(self) -> list[str]:
        return [name for name, port in self.opened if not port.closed]


@pytest.fixture
def clock():
    return ManualClock(100.0)


@pytest.fixture
def start(clock, ear):
    started = []

    def start_input(system: ScriptedSystem) -> MidiInput:
        started.append(MidiInput(clock, ear.hear, system=system.connect))
        started[-1].start()
        return started[-1]

    yield start_input
    for midi in started:
        midi.close()


def test_a_system_that_dies_is_tried_again_but_rarely(clock, start, wait_until):
    system = ScriptedSystem()
    system.names = ["K:K 20:0"]
    midi = start(system)
    assert midi.connected == ("K:K",)
    system.dead = True
    clock.advance(LIST_S)
    wait_until(lambda: midi.connected == ())
    assert midi.state == "the MIDI system went away"
    assert not system.opened[0][1].closed, "closing a port whose server died crashes"
    system.dead = False
    clock.advance(RETRY_S)
    wait_until(lambda: midi.connected == ("K:K",))
    assert system.connections == 2


def test_a_port_that_another_program_holds_is_said_and_opened_when_it_is_free(clock, start, wait_until):
    system = ScriptedSystem("winmm")
    system.names, system.busy = ["K 0", "L 1"], {"K 0"}
    midi = start(system)
    assert midi.connected == ("L",)
    assert midi.state == "1 controller; K 0 cannot be opened"
    system.busy = set()
    clock.advance(REOPEN_S)
    wait_until(lambda: sorted(midi.connected) == ["K", "L"])
    assert system.held() == ["L 1", "K 0"]


def test_one_of_two_like_controllers_pulled_leaves_the_other_heard(clock, start, wait_until):
    system = ScriptedSystem("winmm")
    system.names = ["K 0", "K 1"]
    midi = start(system)
    assert system.held() == ["K 0", "K 1"]
    system.names = ["K 0"]
    clock.advance(LIST_S)
    wait_until(lambda: len(system.opened) == 3)
    assert system.held() == ["K 0"]
    assert midi.connected == ("K",)


def test_what_fails_unforeseen_ends_in_a_state_and_not_in_silence(ear, clock, caplog):
    def broken() -> ScriptedSystem:
        raise TypeError("never thought of")

    midi = MidiInput(clock, ear.hear, system=broken)
    midi.start()
    assert midi.state == "MIDI failed: never thought of"
    assert "never thought of" in caplog.text
    midi.close()
