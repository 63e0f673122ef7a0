"""Writes the filters that ship with the ears, after another librosa: ``python -m instrument.tools.ship_filters``."""

import sys
from importlib.metadata import version

import numpy as np

from instrument.features.banks import ask_librosa, shipped_path

RATES = (44_100, 48_000)
WINDOW_SIZE = 2048


def main() -> int:
    """Ask librosa once for each of the usual rates."""
    for sample_rate in RATES:
        path = shipped_path(sample_rate, WINDOW_SIZE)
        filters = ask_librosa(sample_rate, WINDOW_SIZE)
        np.savez_compressed(path, allow_pickle=False, librosa=version("librosa"), **filters)
        sys.stdout.write(f"{path}: {path.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
