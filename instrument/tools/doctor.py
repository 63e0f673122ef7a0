"""``doctor``: what this machine has, what is missing, and what that means for a show."""

import argparse
import importlib.metadata
import platform
import sys
from collections.abc import Iterator, Sequence

from instrument.audio.devices import Direction, list_devices
from instrument.clock import SystemClock
from instrument.control.midi import MidiInput
from instrument.control.osc_book import NORMALIZED, text_lines
from instrument.errors import InstrumentError
from instrument.generator.checkpoint import list_checkpoints
from instrument.generator.engines import available as engines_available
from instrument.generator.engines import choose
from instrument.mapping.moods import mood_names
from instrument.model import MOODS_FILE
from instrument.outputs.registry import available
from instrument.outputs.window_process import list_displays
from instrument.params.table import build_table
from instrument.remembered import remembered
from instrument.settings import DEFAULTS, config_folder
from instrument.ui.display import display_problem

PACKAGES = ("torch", "numpy", "librosa", "numba", "dearpygui", "glfw", "sounddevice", "mido", "python-osc", "av")


def main(arguments: Sequence[str]) -> int:
    """Print the report. Always 0: a missing part is a finding, not a failure."""
    argparse.ArgumentParser("instrument doctor", description=__doc__).parse_args(list(arguments))
    for title, lines in (
        ("machine", machine()),
        ("packages", (f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)),
        ("display", (display_problem() or "a window can be opened",)),
        ("displays", displays()),
        ("inputs", inputs()),
        ("MIDI", midi()),
        ("OSC", osc()),
        ("outputs", (f"{row.name}: {row.reason or 'can run here'} ({row.help})" for row in available())),
        ("engines", engines()),
        ("checkpoints", [folder.name for folder in list_checkpoints(DEFAULTS.checkpoints_folder)]),
        ("folders", (f"settings and MIDI maps: {config_folder()}", f"looks: {DEFAULTS.presets_folder / 'looks'}")),
    ):
        sys.stdout.write(f"{title}\n" + "".join(f"  {line}\n" for line in lines))
    return 0


def machine() -> Iterator[str]:
    """Processor, system, and what torch makes of them."""
    import torch  # late: a second of start-up that the other commands do not need

    yield f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    yield f"torch: {torch.get_num_threads()} threads, CUDA {'yes' if torch.cuda.is_available() else 'no'}"


def engines() -> Iterator[str]:
    """Every engine and whether it can run here, then the one that plays unless told otherwise."""
    for row in engines_available():
        yield f"{row.name}: {row.reason or 'can run here'} ({row.help})"
    choice = choose()
    yield f"chosen: {choice.name} ({choice.reason})"


def displays() -> list[str]:
    """Displays that the window can fill, or why there are none."""
    try:
        return [f"{number} {row.name}, {row.size}" for number, row in enumerate(list_displays(), 1)]
    except InstrumentError as error:
        return [str(error)]


def inputs() -> list[str]:
    """Live inputs, or why there are none."""
    try:
        found = [device.label for device in list_devices() if device.channels(Direction.INPUT)]
        return found or ["none; the demo and files play all the same"]
    except InstrumentError as error:
        return [str(error)]


def midi() -> list[str]:
    """Connected controllers, or the quiet state."""
    hands = MidiInput(SystemClock(), lambda _event: None)
    hands.start()
    try:
        return [hands.state, *hands.connected]
    finally:
        hands.close()


def osc() -> Iterator[str]:
    """Whether a port is opened at the start, and every address, with the moods of the checkpoint that plays then."""
    settings, _ = remembered(config_folder())
    yield (
        f"listens at {settings.osc} from the start on" if settings.osc else "off; --osc PORT or HOST:PORT opens a port"
    )
    try:
        moods = mood_names(settings.checkpoints_folder / settings.checkpoint / MOODS_FILE)
    except InstrumentError:
        moods = ()
    yield from text_lines(build_table(moods))
    yield f"with {NORMALIZED} behind it each of these parameters takes 0 to 1"
