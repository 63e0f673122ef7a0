"""What this machine was set to, kept between starts: versioned JSON in the user's config folder.

A start is what the command line says; what it does not say is as remembered; what is not remembered is the default.
"""

from dataclasses import asdict, replace
from pathlib import Path

from instrument.disk.documents import DocumentKind
from instrument.errors import SettingsError
from instrument.settings import DEFAULTS, Settings

MACHINE_FILE = DocumentKind("latent-instrument machine settings", 1, SettingsError)
NAME = "machine.json"
KEPT: tuple[str, ...] = ("source", "outputs", "display", "checkpoint", "hop_size", "frame_rate_hz", "engine", "osc")
"""Fields of `Settings` that are remembered."""
PASSING = ("file:", "record")
"""How sources and outputs begin that were meant for one show."""


def remembered(folder: Path) -> tuple[Settings, tuple[str, ...]]:
    """The defaults of a start, and a line for everything in the file that could not be used. Never raises."""
    path, settings = folder / NAME, replace(DEFAULTS, config_folder=folder)
    if not path.exists():
        return settings, ()
    try:
        fields = MACHINE_FILE.read(path)
    except SettingsError as error:
        return settings, (str(error),)
    troubles = []
    for name in KEPT:
        if name in fields:
            try:
                settings = replace(settings, **{name: _checked(name, fields[name])})  # type: ignore[arg-type]
            except SettingsError as error:
                troubles.append(f"{NAME}: {error}")
    return settings, tuple(troubles)


def remember(settings: Settings) -> None:
    """Keep what a next start should begin with. Blocks for a small file; raises SettingsError."""
    fields = {name: value for name, value in asdict(settings).items() if name in KEPT}
    fields["outputs"] = [text for text in settings.outputs if not text.startswith(PASSING)]
    if settings.source.startswith(PASSING):
        del fields["source"]
    MACHINE_FILE.write(settings.config_folder / NAME, fields)


def _checked(name: str, value: object) -> object:
    """A value of the type that the field has. Raises SettingsError."""
    if name == "outputs" and isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    wanted = type(getattr(DEFAULTS, name))
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if name == "outputs" or not isinstance(value, wanted) or isinstance(value, bool):
        raise SettingsError(f"{name} is not what it should be")
    return value
