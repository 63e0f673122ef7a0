"""What belongs to this machine and this start, not to the art: devices, sizes, rates, folders."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from instrument.errors import SettingsError, candidates

HOP_SIZES = (1024, 512, 256)
"""Analysis hops that can be chosen, in samples."""

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
"""Holds `presets/` and `checkpoints/`, beside the package."""


def config_folder() -> Path:
    """Folder of this user's machine settings and MIDI maps; not made here.

    `INSTRUMENT_CONFIG` in the environment replaces it (a second rig on one laptop, or a test).
    """
    override = os.environ.get("INSTRUMENT_CONFIG")
    return Path(override) if override else Path(platformdirs.user_config_path("latent-instrument"))


def cache_folder() -> Path:
    """Folder of what can be made again at any time; not made here. `INSTRUMENT_CACHE` replaces it."""
    override = os.environ.get("INSTRUMENT_CACHE")
    return Path(override) if override else Path(platformdirs.user_cache_path("latent-instrument"))


@dataclass(frozen=True, slots=True)
class Settings:
    """One start of the instrument, checked as a whole before anything opens.

    `outputs` are ``name`` or ``name:argument``; `source` is ``synth``, ``file:PATH`` or ``live:NAME``.
    `seconds` ends the show by itself; None plays until told to stop.
    """

    source: str = "synth"
    outputs: tuple[str, ...] = ()
    outputs_asked: bool = True
    """Whether they were asked for at this start: one that cannot open ends it. Remembered ones only miss it."""
    display: str = ""
    """Where the window goes: a name or a number; empty: the second one."""
    checkpoint: str = "default"
    checkpoints_folder: Path = PROJECT_FOLDER / "checkpoints"
    presets_folder: Path = PROJECT_FOLDER / "presets"
    config_folder: Path = PROJECT_FOLDER
    headless: bool = False
    seconds: float | None = None
    loop: bool = False
    monitor: bool = True
    """Whether a file or the demo is heard on the output device."""
    monitor_device: str = ""
    block_size: int = 1024
    hop_size: int = 1024
    frame_rate_hz: float = 30.0
    threads: int = 0
    """Threads of the synthesis; 0 leaves the choice to the engine."""
    engine: str = "auto"
    """A name from the table of engines; it is checked there, where the candidates are known."""
    midi: bool = True
    osc: str = ""
    """``PORT`` or ``HOST:PORT`` where OSC is listened to; empty: nowhere. It is checked where the port is opened."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.hop_size not in HOP_SIZES:
            raise SettingsError(f"hop {self.hop_size} is not one of: {candidates(map(str, HOP_SIZES))}")
        if self.block_size < 16:
            raise SettingsError(f"a block of {self.block_size} samples is too small; 16 or more")
        if not 1.0 <= self.frame_rate_hz <= 240.0:
            raise SettingsError(f"a frame rate of {self.frame_rate_hz:g} is not between 1 and 240")
        if self.seconds is not None and not self.seconds > 0.0:
            raise SettingsError(f"{self.seconds:g} seconds is not a length to play")


DEFAULTS = Settings()
"""What a start without any option is."""
