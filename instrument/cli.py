"""The command line: one word picks the work, and every kind of trouble is one line and a non-zero exit."""

import importlib
import logging
import os
import sys
from collections.abc import Sequence

from instrument.background import end_at_once
from instrument.errors import InstrumentError

THREAD_WAITING = {"GOMP_SPINCOUNT": "10000", "KMP_BLOCKTIME": "0", "LP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Read by OpenMP as torch is imported, by Mesa where no card draws the surface, and by numpy. By default OpenMP's
threads burn the processor while they wait for each other, and Mesa's take every core: sound and picture starve beside
them. What numpy multiplies here is so small that the threads it starts for it only wait: fitting takes ten times as
long with them on busy cores."""

COMMANDS = {
    "play": ("instrument.app", "listen and play (the default)"),
    "render": ("instrument.tools.render", "make a video of a sound file, offline"),
    "import": (
        "instrument.tools.import_model",
        "turn a StyleGAN2-ADA or 3 snapshot into a checkpoint, executing nothing",
    ),
    "export-onnx": ("instrument.tools.export_onnx", "write a checkpoint's network as one ONNX file"),
    "fit": ("instrument.tools.fit", "teach a checkpoint's moods to listen, from music and a stated rule"),
    "distil": ("instrument.tools.distil.command", "make a shipped checkpoint anew: build it, train it on a teacher"),
    "mine": ("instrument.tools.mine", "find moods in a checkpoint by text"),
    "train-scorer": ("instrument.tools.scorer.command", "make the weights of the builtin text scorer anew"),
    "seed": ("instrument.tools.seed", "make a checkpoint of random weights from a seed"),
    "bench": ("instrument.tools.bench", "measure parts of the instrument on this machine"),
    "doctor": ("instrument.tools.doctor", "say what this machine has and what is missing"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0 when it did what was asked, 2 when it could not."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] in (["-h"], ["--help"]):
        sys.stdout.write(overview())
        return 0
    name = arguments.pop(0) if arguments and arguments[0] in COMMANDS else "play"
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for variable, value in THREAD_WAITING.items():
        os.environ.setdefault(variable, value)
    end_at_once()
    module = importlib.import_module(COMMANDS[name][0])
    try:
        return int(module.main(arguments))
    except InstrumentError as error:
        sys.stderr.write(f"instrument {name}: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def overview() -> str:
    """All commands, a line each."""
    rows = "".join(f"  {name:12} {text}\n" for name, (_, text) in COMMANDS.items())
    return f"The Latent Instrument. Commands (each answers --help):\n{rows}  test         run the whole test suite\n"
