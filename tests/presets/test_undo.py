"""What was done to looks can be taken back, and a look keeps its picture."""

import numpy as np
import pytest

from instrument.errors import PresetError
from instrument.params.table import MOTION_SPEED, ZOOM
from instrument.presets.bank import LookBank
from instrument.presets.pictures import SIDE_PX, thumbnail

RED = np.full((256, 256, 3), (200, 10, 10), np.uint8)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_recall_is_taken_back_with_every_value(tmp_path, store):
    bank = LookBank(tmp_path)
    store.set(ZOOM, 1.5, "hand")
    bank.save(1, "Near", store)
    store.update({ZOOM: 0.7, MOTION_SPEED: 3.0}, "hand")
    before = store.snapshot()
    bank.recall(1, store)
    assert store.get(ZOOM) == 1.5
    assert bank.undo(store) == "recalling look 1"
    assert store.snapshot() == before


def test_a_save_over_another_look_is_taken_back_to_the_byte(tmp_path, store):
    bank = LookBank(tmp_path)
    bank.save(2, "Old", store, RED)
    before = contents(tmp_path)
    store.set(ZOOM, 1.5, "hand")
    bank.save(2, "Old", store, 255 - RED)
    bank.save(2, "New", store)
    assert contents(tmp_path) != before
    bank.undo(store)
    bank.undo(store)
    assert contents(tmp_path) == before
    assert bank.pads()[2].name == "Old"
    assert bank.picture(2)[0, 0].tolist() == [200, 10, 10]


def test_a_new_look_is_taken_back_to_nothing(tmp_path, store):
    bank = LookBank(tmp_path)
    bank.save(5, "Mist", store, RED)
    bank.undo(store)
    assert contents(tmp_path) == {}
    assert bank.pads()[5] is None
    with pytest.raises(PresetError, match="nothing to undo"):
        bank.undo(store)


def test_a_look_is_renamed_in_its_file_and_back(tmp_path, store):
    bank = LookBank(tmp_path)
    bank.save(3, "Mist", store, RED)
    bank.rename(3, " Fog ")
    assert bank.pads()[3].name == LookBank(tmp_path).pads()[3].name == "Fog"
    assert LookBank(tmp_path).picture(3) is not None
    bank.undo(store)
    assert bank.pads()[3].name == "Mist"


@pytest.mark.parametrize(("pad", "name"), [(7, "Fog"), (3, " "), (3, "two\nlines")])
def test_a_rename_that_cannot_be_changes_nothing(tmp_path, store, pad, name):
    bank = LookBank(tmp_path)
    bank.save(3, "Mist", store)
    before = contents(tmp_path)
    with pytest.raises(PresetError):
        bank.rename(pad, name)
    assert contents(tmp_path) == before
    assert bank.undo(store) == "saving look 3"


def test_a_picture_is_read_again_and_a_broken_one_is_none(tmp_path, store):
    LookBank(tmp_path).save(1, "Red", store, RED)
    np.testing.assert_array_equal(LookBank(tmp_path).picture(1), thumbnail(RED))
    (tmp_path / "red.png").write_bytes(b"no picture")
    bank = LookBank(tmp_path)
    assert bank.picture(1) is None
    assert bank.pads()[1].name == "Red"


@pytest.mark.parametrize("shape", [(256, 256, 3), (32, 500, 3), (96, 96, 3), (1, 1, 3)])
def test_a_thumbnail_has_its_size_and_the_mean_colour(shape):
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    small = thumbnail(image)
    assert small.shape == (SIDE_PX, SIDE_PX, 3)
    assert small.mean() == pytest.approx(image.mean(), abs=3.0)
