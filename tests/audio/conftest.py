"""A JACK server that may be taken away, and interfaces on it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

OWN_SERVER = f"vjlost{os.getpid()}"


@pytest.fixture
def jackd_of_its_own(
    new_jack_server: Callable[[str], "subprocess.Popen[bytes]"], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Call it to start a second server, for tests that take it away again; it is the default one meanwhile."""
    started: list[subprocess.Popen[bytes]] = []
    monkeypatch.setenv("JACK_DEFAULT_SERVER", OWN_SERVER)
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")

    def start() -> "subprocess.Popen[bytes]":
        started.append(new_jack_server(OWN_SERVER))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(10.0)


@pytest.fixture
def plug_in_own(interface_class: type) -> Iterator[Callable[..., Any]]:
    """As `plug_in`, on whatever server is the default one now."""
    plugged: list[Any] = []

    def plug(name: str, *arguments: str) -> Any:
        plugged.append(interface_class(name, *arguments))
        return plugged[-1]

    yield plug
    for interface in plugged:
        interface.unplug()
