"""``bench``: figures of this machine, each with the command that gives it again."""

import argparse
import importlib
from collections.abc import Sequence

BENCHES = {
    "engine": "instrument.tools.bench.engine_table",
    "golden": "instrument.tools.bench.golden_table",
    "pacing": "instrument.tools.bench.pacing",
    "surface": "instrument.tools.bench.surface",
    "startup": "instrument.tools.bench.startup",
    "prompt": "instrument.tools.bench.prompt",
    "lesson": "instrument.tools.bench.lesson",
    "features": "instrument.tools.feature_table",
    "normaliser": "instrument.tools.bench.normaliser",
    "accents": "instrument.tools.bench.accents",
    "latency": "instrument.tools.bench.latency",
    "bass": "instrument.tools.bench.bass",
    "beats": "instrument.tools.bench.beats",
    "ablation": "instrument.tools.bench.ablation",
}
"""Modules whose ``main(arguments)`` measures and prints."""


def main(arguments: Sequence[str]) -> int:
    """Run one benchmark by name."""
    options = argparse.ArgumentParser("instrument bench", description=__doc__)
    options.add_argument("name", choices=BENCHES)
    given = options.parse_args(list(arguments[:1]))
    return int(importlib.import_module(BENCHES[given.name]).main(list(arguments[1:])))
