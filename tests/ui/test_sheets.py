"""Sheets of models, read small."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dearpygui.dearpygui as dpg
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.disk.png import encode
from instrument.settings import DEFAULTS
from instrument.ui.windows.settings import LARGEST_SHEET_BYTES
from instrument.ui.windows.sheets import Sheets, read_sheet, shrunk

SIDES = st.integers(1, 90)


@given(SIDES, SIDES, SIDES, SIDES)
def test_a_shrunk_picture_keeps_its_mean_and_is_never_larger(rows: int, columns: int, width: int, height: int) -> None:
    image = np.random.default_rng(rows).integers(0, 256, (rows, columns, 3), np.uint8)
    small = shrunk(image, width, height)
    assert small.shape == (min(rows, height), min(columns, width), 3)
    assert small.min() >= max(int(image.min()) - 2, 0)
    assert small.max() <= image.max()


def test_halves_stay_where_they_are() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    image[:, 50:] = 200
    small = shrunk(image, 10, 10)
    assert small[:, :5].max() == 0
    assert small[:, 5:].min() == 200


def test_every_shipped_sheet_can_be_read() -> None:
    sheets = sorted(DEFAULTS.checkpoints_folder.glob("*/sheet.png"))
    assert sheets
    for sheet in sheets:
        image = read_sheet(sheet, (300, 200), LARGEST_SHEET_BYTES)
        assert image is not None
        assert image.shape == (200, 300, 3)
        assert image.std() > 10


def test_what_is_no_picture_or_too_large_is_none(tmp_path: Path) -> None:
    (tmp_path / "words.png").write_text("words")
    (tmp_path / "fine.png").write_bytes(encode(np.zeros((8, 8, 3), np.uint8)))
    assert read_sheet(tmp_path / "words.png", (4, 4), 1000) is None
    assert read_sheet(tmp_path / "gone.png", (4, 4), 1000) is None
    assert read_sheet(tmp_path / "fine.png", (4, 4), 10) is None
    assert read_sheet(tmp_path / "fine.png", (4, 4), 1000) is not None


@pytest.mark.display
def test_a_texture_comes_once_it_is_read(
    tmp_path: Path, wait_until: Callable[[Callable[[], bool]], None], person: Any
) -> None:
    path = tmp_path / "sheet.png"
    path.write_bytes(encode(np.full((60, 90, 3), 100, np.uint8)))
    sheets = Sheets((30, 20), 10_000)
    wait_until(lambda: sheets.texture(path) is not None)
    texture = sheets.texture(path)
    assert texture == sheets.texture(path)
    assert (dpg.get_item_width(texture), dpg.get_item_height(texture)) == (30, 20)
    sheets.close()
    person.frames(2)
