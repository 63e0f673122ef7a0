"""A whole show without a window, on the shipped checkpoint and folders of its own."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from instrument.clock import SystemClock
from instrument.settings import DEFAULTS, Settings
from instrument.show import Show


@pytest.fixture
def presets(tmp_path: Path) -> Path:
    """A copy of the shipped looks that a test may write to."""
    folder = tmp_path / "presets"
    shutil.copytree(DEFAULTS.presets_folder, folder)
    return folder


@pytest.fixture
def play(tmp_path: Path, presets: Path) -> Iterator[Callable[..., Show]]:
    """Call it with settings to start a show; all are closed at the end."""
    shows: list[Show] = []

    def start(**settings: Any) -> Show:
        given = {"midi": False, "monitor": False, "frame_rate_hz": 15.0} | settings
        folders = {"presets_folder": presets, "config_folder": tmp_path / "config"}
        shows.append(Show(Settings(**(given | folders)), SystemClock()))
        shows[-1].start()
        return shows[-1]

    yield start
    for show in shows:
        show.close()
