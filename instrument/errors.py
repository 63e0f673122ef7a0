"""The errors that cross a part of the house: one root, a few children.

Every message is one line a performer can act on; where a name was not found it lists the candidates.
Foreign exceptions are turned into these at the edge that met them, with ``raise ... from``.
"""

from collections.abc import Iterable


class InstrumentError(Exception):
    """Root of everything the instrument raises on purpose."""


class AudioError(InstrumentError):
    """A sound source could not be opened, or broke."""


class CheckpointError(InstrumentError):
    """A model folder, a snapshot or a moods file cannot be played."""


class EngineError(InstrumentError):
    """An engine cannot run a network on this machine, or draws wrong pictures with it."""


class MiningError(InstrumentError):
    """Moods cannot be mined: a scorer is missing, or what it was asked makes no sense."""


class OutputError(InstrumentError):
    """A sink could not be opened, or broke."""


class OutputLeftError(OutputError):
    """Somebody closed a sink at its far end, on purpose: no fault."""


class ControlError(InstrumentError):
    """A controller, or its map, cannot be used."""


class ParameterError(InstrumentError):
    """An unknown parameter, or a value that is not one."""


class PresetError(InstrumentError):
    """A look on disk cannot be read or written."""


class DisplayError(InstrumentError):
    """There is no screen to draw on."""


class SettingsError(InstrumentError):
    """Machine settings or a command line that contradict themselves."""


def candidates(names: Iterable[str]) -> str:
    """List the names a message offers instead of the one that was not found.

    >>> candidates(["synth", "live"])
    'synth, live'
    >>> candidates([])
    'none'
    """
    return ", ".join(names) or "none"
