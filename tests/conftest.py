"""Peers that stand for hardware, each real and in a process of its own, and a way to wait for what they do.

A JACK server without a sound card; interfaces and controllers are its clients. A screen that nobody sees.
"""

import contextlib
import ctypes
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from instrument.cli import THREAD_WAITING

for _variable, _value in THREAD_WAITING.items():
    # As in play, before the first test imports numpy.
    os.environ.setdefault(_variable, _value)

import numpy as np  # noqa: E402

from instrument.clock import SystemClock  # noqa: E402
from instrument.ui.display import x11_library  # noqa: E402

SERVER = f"vjtest{os.getpid()}"
"""Its own for each run: two suites on one machine must not take each other's server."""
PEERS = Path(__file__).with_name("peers")
INTERFACE = PEERS / "fake_interface.py"
CONTROLLER = PEERS / "fake_controller.py"
OSC_SENDER = PEERS / "osc_sender.py"
PATIENCE_S = 10.0
ALL_PLANES, Z_PIXMAP = 0xFFFFFFFF, 2


def jackd_running() -> bool:
    """Whether any JACK server runs on this machine, ours or not."""
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if comm.read_text().strip() == "jackd":
                return True
    return False


def start_jackd(name: str) -> "subprocess.Popen[bytes]":
    """Start a dummy server and wait until it answers. Skips the test where there is no jackd, or it will not run."""
    if shutil.which("jackd") is None or shutil.which("jack_wait") is None:
        pytest.skip("jackd is not installed")
    if not jackd_running():
        for stale in Path("/dev/shm").glob("jack*"):
            with contextlib.suppress(OSError):
                stale.unlink()
    dummy = ["-S", "-n", name, "-d", "dummy", "-r", "48000", "-p", "256"]
    for command in (["jackd", "-R", *dummy], ["jackd", "-r", *dummy]):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if answers(name, process):
            return process
        stop(process)
    pytest.skip("jackd does not start on this machine")


def answers(name: str, process: "subprocess.Popen[bytes]") -> bool:
    """Whether a server of that name does before `process` ends; asked often, where `jack_wait -w` asks each second."""
    clock, pause = SystemClock(), threading.Event()
    deadline_s = clock.now_s() + PATIENCE_S
    while process.poll() is None and clock.now_s() < deadline_s:
        asked = subprocess.run(["jack_wait", "-c", "-s", name], capture_output=True, check=False)
        if asked.stdout.splitlines()[-1:] == [b"running"]:
            return process.poll() is None
        pause.wait(0.02)
    return False


def stop(process: "subprocess.Popen[bytes]") -> None:
    """TERM, then KILL: a server that is killed never gives its name back."""
    process.terminate()
    try:
        process.wait(5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5.0)


@pytest.fixture(scope="session")
def jack_server() -> Iterator[str]:
    """Name of a running dummy server at 48 kHz, periods of 256; in the environment, so that children use it."""
    before = {key: os.environ.get(key) for key in ("JACK_DEFAULT_SERVER", "JACK_NO_START_SERVER")}
    os.environ.update(JACK_DEFAULT_SERVER=SERVER, JACK_NO_START_SERVER="1")
    process = start_jackd(SERVER)
    yield SERVER
    stop(process)
    for key, value in before.items():
        if value is None:
            os.environ.pop(key, None)
        else:
            os.environ[key] = value


@pytest.fixture(scope="session")
def new_jack_server() -> Callable[[str], "subprocess.Popen[bytes]"]:
    """Call it with a name to start a server of one's own; whoever does stops it."""
    return start_jackd


class FakeInterface:
    """A JACK client in its own process; see `fake_interface.py` for what it plays and records."""

    def __init__(self, name: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(INTERFACE), name, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", f"{name} did not start"

    def pid(self) -> int:
        return self._process.pid

    def unplug(self) -> None:
        """End it without a word to anybody."""
        self._process.kill()
        self._process.communicate()

    def stop(self) -> None:
        """Let it finish: a recording one writes its file."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.communicate(timeout=10.0)
        if self._process.poll() is None:
            self.unplug()


@pytest.fixture(scope="session")
def interface_class() -> type:
    """For tests that plug interfaces in on a server of their own."""
    return FakeInterface


@pytest.fixture
def plug_in(jack_server: str) -> Iterator[Callable[..., FakeInterface]]:
    """Call it with a name (and arguments of `fake_interface.py`) to plug an interface in; all go at the end."""
    plugged: list[FakeInterface] = []

    def plug(name: str, *arguments: str) -> FakeInterface:
        plugged.append(FakeInterface(name, *arguments))
        return plugged[-1]

    yield plug
    for interface in plugged:
        interface.stop()


class Controller:
    """A controller that can be played and unplugged."""

    def __init__(self, name: str) -> None:
        self.name = f"{name}:to_app"
        self._process = subprocess.Popen(
            [sys.executable, str(CONTROLLER), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "up\n"

    def say(self, *messages: tuple[int, int, int]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{status} {number} {value}\n" for status, number, value in messages))
        self._process.stdin.flush()

    def unplug(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait(PATIENCE_S)
        self._process.stdin.close()
        self._process.stdout.close()


@pytest.fixture
def plug(jack_server: str) -> Iterator[Callable[[str], Controller]]:
    """Plugs a controller in; what is still plugged at the end is unplugged."""
    plugged: list[Controller] = []

    def plug_in(name: str) -> Controller:
        plugged.append(Controller(name))
        return plugged[-1]

    yield plug_in
    for controller in plugged:
        controller.unplug()


class OscSender:
    """A surface that speaks OSC to a port of this machine, and hears what is answered."""

    def __init__(self, port: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(OSC_SENDER), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.heard: list[tuple[str, list[object]]] = []
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "up\n"
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def say(self, *packets: object) -> None:
        """Each is ``[address, arguments]``, a list of such (a bundle), or bytes in hex."""
        assert self._process.stdin is not None
        self._process.stdin.write("".join(json.dumps(packet) + "\n" for packet in packets))
        self._process.stdin.flush()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            address, arguments = json.loads(line)
            self.heard.append((address, arguments))


@pytest.fixture
def osc_sender() -> Iterator[Callable[[int], OscSender]]:
    """Call it with a port to have a second process that speaks to it; all end with the test."""
    senders: list[OscSender] = []

    def start(port: int) -> OscSender:
        senders.append(OscSender(port))
        return senders[-1]

    yield start
    for sender in senders:
        sender.stop()


@contextlib.contextmanager
def xvfb(log: Path) -> Iterator[str]:
    """The name of an X display of our own, whatever the machine has."""
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("needs Xvfb and xdotool")
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
    with log.open("wb") as errors:
        server = subprocess.Popen(command, pass_fds=(write_end,), stderr=errors)
    os.close(write_end)
    # The number and its newline come apart; and closing this end early would kill the server with SIGPIPE.
    with os.fdopen(read_end) as pipe:
        number = pipe.readline().strip()
        assert number, log.read_text()
        yield f":{number}"
        server.terminate()
        server.wait(PATIENCE_S)


@pytest.fixture(scope="session")
def x_display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A display that this process draws on; in the environment."""
    with xvfb(tmp_path_factory.mktemp("xvfb") / "log") as name, pytest.MonkeyPatch.context() as environment:
        environment.setenv("DISPLAY", name)
        yield name


@pytest.fixture
def other_display(tmp_path: Path) -> Iterator[str]:
    """A display for another process."""
    with xvfb(tmp_path / "xvfb.log") as name:
        yield name


TWO_DISPLAYS = """
Section "Device"
  Identifier "card"
  Driver "dummy"
  VideoRam 32000
EndSection
Section "Monitor"
  Identifier "any"
  HorizSync 5-1000
  VertRefresh 5-200
EndSection
Section "Screen"
  Identifier "screen"
  Device "card"
  Monitor "any"
  DefaultDepth 24
  SubSection "Display"
    Modes "800x600"
    Virtual 1600 600
  EndSubSection
EndSection
"""


class TwoDisplays:
    """An X server with a second display that can be unplugged: 800 x 600 each, side by side."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._xrandr("--addmode", "DUMMY1", "800x600")
        self.plug()

    def plug(self) -> None:
        self._xrandr("--output", "DUMMY1", "--mode", "800x600", "--right-of", "DUMMY0")

    def unplug(self) -> None:
        self._xrandr("--output", "DUMMY1", "--off")

    def _xrandr(self, *words: str) -> None:
        # The driver looks anew what is plugged in only when somebody asks.
        for command in (words, ("--query",)):
            subprocess.run(
                ["xrandr", "--display", self.name, *command], check=True, timeout=20, stdout=subprocess.DEVNULL
            )


@pytest.fixture
def two_displays(tmp_path: Path) -> Iterator[TwoDisplays]:
    """Xorg with its dummy driver: Xvfb has one display only."""
    if shutil.which("Xorg") is None or shutil.which("xrandr") is None or os.geteuid() != 0:
        pytest.skip("needs Xorg with the dummy driver, xrandr, and root")
    conf, log = tmp_path / "xorg.conf", tmp_path / "xorg.log"
    conf.write_text(TWO_DISPLAYS)
    read_end, write_end = os.pipe()
    command = ["Xorg", "-displayfd", str(write_end), "-config", str(conf), "-logfile", str(log), "-noreset"]
    command += ["-nolisten", "tcp", "-novtswitch", "-sharevts"]
    with (tmp_path / "xorg.out").open("wb") as out:
        server = subprocess.Popen(command, pass_fds=(write_end,), stdout=out, stderr=out)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        number = pipe.readline().strip()
        if not number:
            pytest.skip(f"Xorg does not start: {log.read_text()[-200:] if log.exists() else ''}")
        try:
            yield TwoDisplays(f":{number}")
        finally:
            stop(server)


class Screen:
    """What an X display shows, seen from outside; as long as it is open the server does not start over."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._x11 = x11_library()
        self._x11.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x11.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
        self._x11.XGetImage.restype = ctypes.POINTER(XImage)
        self._x11.XGetImage.argtypes = [
            ctypes.c_void_p,
            ctypes.c_ulong,
            *[ctypes.c_int] * 4,
            ctypes.c_ulong,
            ctypes.c_int,
        ]
        self._display = self._x11.XOpenDisplay(name.encode())
        assert self._display, f"{name} does not open"

    def picture(self, x: int, y: int, width: int, height: int) -> np.ndarray:
        """``(height, width, 3)`` uint8 RGB of that part."""
        root = self._x11.XDefaultRootWindow(self._display)
        image = self._x11.XGetImage(self._display, root, x, y, width, height, ALL_PLANES, Z_PIXMAP)
        assert image, "the screen cannot be read"
        assert image.contents.bits_per_pixel == 32
        size = image.contents.bytes_per_line * height
        pixels = np.frombuffer(ctypes.string_at(image.contents.data, size), np.uint8).reshape(height, -1, 4)
        self._x11.XFree(ctypes.c_void_p(image.contents.data))
        self._x11.XFree(image)
        return pixels[:, :width, 2::-1]

    def close(self) -> None:
        self._x11.XCloseDisplay(self._display)


class XImage(ctypes.Structure):
    """The beginning of Xlib's structure of that name."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("width", "height", "xoffset", "format")),
        ("data", ctypes.c_void_p),
        *((name, ctypes.c_int) for name in ("byte_order", "bitmap_unit", "bitmap_bit_order", "bitmap_pad")),
        *((name, ctypes.c_int) for name in ("depth", "bytes_per_line", "bits_per_pixel")),
    )


@pytest.fixture
def look_at() -> Iterator[Callable[[str], Screen]]:
    """Call it with the name of a display to see what is on it."""
    screens: list[Screen] = []

    def look(name: str) -> Screen:
        screens.append(Screen(name))
        return screens[-1]

    yield look
    for screen in screens:
        screen.close()


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Waits for a condition nobody announces, and fails if it does not come."""

    def wait(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        clock, pause = SystemClock(), threading.Event()
        deadline_s = clock.now_s() + patience_s
        while not condition():
            assert clock.now_s() < deadline_s, "it did not come about"
            pause.wait(0.01)

    return wait
