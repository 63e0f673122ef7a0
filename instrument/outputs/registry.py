"""Sinks by name: ``null``, ``window``, ``window:DISPLAY``, ``spout``, ``record:PATH.mp4`` and so on.

A back end is one row here and one file beside this one, which is imported only when somebody asks for it.
"""

import importlib
import importlib.util
import os
import sys
from dataclasses import dataclass
from typing import Protocol, cast

from instrument.errors import OutputError, candidates
from instrument.outputs.sink import Sink


@dataclass(frozen=True, slots=True)
class SinkRow:
    """How one kind of sink is found, and what it needs.

    `argument` names what may follow the colon (empty: nothing may); `library` is the third-party module it
    imports, `platform` the only ``sys.platform`` it runs on (empty: any), and `screen` says that it needs one.
    """

    name: str
    module: str
    class_name: str
    help: str
    argument: str = ""
    library: str = ""
    platform: str = ""
    screen: bool = False


SINKS: tuple[SinkRow, ...] = (
    SinkRow("null", "instrument.outputs.null", "NullSink", "counts frames and keeps none"),
    SinkRow(
        "spout",
        "instrument.outputs.spout",
        "SpoutSink",
        "shares frames with other programs on this Windows machine",
        argument="SENDER NAME",
        library="SpoutGL",
        platform="win32",
    ),
    SinkRow(
        "record",
        "instrument.outputs.record",
        "RecordSink",
        "writes pictures and sound to an mp4 file",
        argument="PATH.mp4",
        library="av",
    ),
    SinkRow(
        "window",
        "instrument.outputs.window",
        "WindowSink",
        "the picture alone, full screen on the second display",
        argument="DISPLAY",
        library="glfw",
        screen=True,
    ),
)

_PLATFORM_NAMES = {"win32": "Windows", "darwin": "macOS", "linux": "Linux"}


@dataclass(frozen=True, slots=True)
class SinkAvailability:
    """One kind of sink as ``doctor`` shows it; `reason` is why it cannot run here, empty if it can."""

    name: str
    help: str
    reason: str
    argument: str = ""

    @property
    def can_run(self) -> bool:
        """Whether it would open on this machine, as far as can be told without opening it."""
        return not self.reason


class _SinkClass(Protocol):
    def from_argument(self, argument: str) -> Sink: ...


def make_sink(text: str) -> Sink:
    """The sink that ``NAME`` or ``NAME:ARGUMENT`` stands for, not yet open.

    Raises OutputError for a name that is not in the table, or an argument where none belongs.

    >>> make_sink("null").label
    'null'
    """
    name, colon, argument = (part.strip() for part in text.partition(":"))
    row = next((row for row in SINKS if row.name == name), None)
    if row is None:
        raise OutputError(f"unknown output '{text}'; there are: {candidates(_spellings())}")
    if argument and not row.argument:
        raise OutputError(f"output '{name}' takes nothing after the colon, but got '{argument}'")
    if colon and row.argument and not argument:
        raise OutputError(f"output '{text}' lacks what follows the colon; write {name} or {name}:{row.argument}")
    sink_class = cast(_SinkClass, getattr(importlib.import_module(row.module), row.class_name))
    return sink_class.from_argument(argument)


def available() -> list[SinkAvailability]:
    """Every kind of sink, in the order of the table, and whether it can run here. Imports none of them."""
    return [SinkAvailability(row.name, row.help, _reason_against(row), row.argument) for row in SINKS]


def _spellings() -> list[str]:
    names = []
    for row in SINKS:
        names.append(row.name)
        if row.argument:
            names.append(f"{row.name}:{row.argument}")
    return names


def _reason_against(row: SinkRow) -> str:
    if row.platform and not sys.platform.startswith(row.platform):
        return f"needs {_PLATFORM_NAMES[row.platform]}"
    if row.library and importlib.util.find_spec(row.library) is None:
        return f"the Python package {row.library} is not installed"
    if row.screen and sys.platform == "linux" and not os.environ.get("DISPLAY"):
        return "no screen: DISPLAY is not set"
    return ""
