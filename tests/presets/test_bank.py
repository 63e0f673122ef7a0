"""Eight pads over one folder."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.errors import PresetError
from instrument.params.store import ParamStore
from instrument.params.table import MASTER_FADE, MOTION_SPEED, PAN_X, ZOOM, build_table
from instrument.presets.bank import LookBank
from instrument.presets.look import Look, load_look, save_look

MOODS = ("Aggressive", "Calm", "Vibrant")


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_that_is_not_there_is_an_empty_bank(tmp_path):
    bank = LookBank(tmp_path / "looks")
    assert bank.pads() == dict.fromkeys(range(1, 9))
    assert (bank.looks(), bank.troubles, bank.current) == ((), (), None)


@given(st.data())
def test_saved_and_recalled_is_the_same_to_the_bit(tmp_path_factory, data):
    store = ParamStore(build_table(MOODS))
    persisted = [spec for spec in store.table.values() if spec.persisted]
    values = {spec.name: data.draw(st.floats(spec.minimum, spec.maximum)) for spec in persisted}
    store.update(values, "hand")
    kept = store.persisted()
    folder = tmp_path_factory.mktemp("looks")
    LookBank(folder).save(8, "Kept", store)
    fresh = ParamStore(build_table(MOODS))
    report = LookBank(folder).recall(8, fresh)
    assert fresh.persisted() == kept
    assert (report.ignored, report.defaulted, report.limited) == ((), (), ())


def test_a_recall_is_one_change_from_the_look_and_leaves_the_room_alone(tmp_path, store):
    bank = LookBank(tmp_path)
    bank.save(1, "Start", store)
    store.update({PAN_X: 0.25, MASTER_FADE: 0.5}, "hand")
    version = store.version
    bank.recall(1, store)
    assert (store.get(PAN_X), store.get(MASTER_FADE)) == (0.0, 0.5)
    changes = list(store.changes_since(version))
    assert {change.name for change in changes} == set(store.persisted())
    assert {change.sender for change in changes} == {"look"}


def test_what_is_missing_gets_its_default_and_what_is_unknown_is_told(tmp_path, store):
    save_look(Look("Other", 2, {ZOOM: 9.0, "mood.sea.bias": 1.0, MASTER_FADE: 0.0}), tmp_path / "other.json")
    store.update({PAN_X: 0.3, MASTER_FADE: 0.5}, "hand")
    bank = LookBank(tmp_path)
    report = bank.recall(2, store)
    assert (store.get(ZOOM), store.get(PAN_X), store.get(MASTER_FADE)) == (2.0, 0.0, 0.5)
    assert report.ignored == ("mood.sea.bias", MASTER_FADE)
    assert report.limited == (ZOOM,)
    assert set(report.defaulted) == set(store.persisted()) - {ZOOM}
    assert report.text().startswith("look 2: Other; not known here: mood.sea.bias, output.master_fade; at default: ")
    assert not bank.edited(store)


def test_an_empty_pad_lists_the_others_and_changes_nothing(tmp_path, store):
    bank = LookBank(tmp_path)
    bank.save(1, "One", store)
    bank.save(4, "Four", store)
    version = store.version
    for pad in (5, 0, 9):
        with pytest.raises(PresetError, match=f"no look on pad {pad}; there are looks on: 1, 4"):
            bank.recall(pad, store)
    assert (store.version, bank.current) == (version, 4)


def test_edited_is_true_from_the_first_move_until_recalled_or_saved(tmp_path, store):
    bank = LookBank(tmp_path)
    assert not bank.edited(store)
    bank.save(3, "Ember", store)
    assert (bank.current, bank.edited(store)) == (3, False)
    store.set(MASTER_FADE, 0.2, "hand")
    assert not bank.edited(store), "the room is not part of a look"
    store.set(MOTION_SPEED, 2.0, "hand")
    assert bank.edited(store)
    bank.recall(3, store)
    assert not bank.edited(store)
    store.set(MOTION_SPEED, 2.0, "hand")
    bank.save(3, "Ember", store)
    assert not bank.edited(store)


def test_saving_under_the_same_name_rewrites_and_under_another_keeps_both(tmp_path, store):
    bank = LookBank(tmp_path)
    first = bank.save(1, "Ember", store)
    store.set(ZOOM, 2.0, "hand")
    bank.save(1, "Ember", store)
    assert files(tmp_path) == ["ember.json"]
    assert load_look(tmp_path / "ember.json").values[ZOOM] == 2.0 != first.values[ZOOM]
    bank.save(1, "Neon", store)
    assert files(tmp_path) == ["ember.json", "neon.json"]
    for same in (bank, LookBank(tmp_path)):
        assert [look.pad for look in same.looks()] == [None, 1]
        assert same.pads()[1] == bank.looks()[1]
        assert same.troubles == ()


def test_names_that_lead_to_one_file_name_get_files_of_their_own(tmp_path, store):
    bank = LookBank(tmp_path)
    for pad, name in enumerate(("Ember", "EMBER!", "ember"), start=1):
        bank.save(pad, name, store)
    assert files(tmp_path) == ["ember-2.json", "ember-3.json", "ember.json"]
    assert [look.name for look in LookBank(tmp_path).pads().values() if look] == ["Ember", "EMBER!", "ember"]


def test_of_two_looks_on_one_pad_the_newer_has_it(tmp_path, store):
    for name, time_s in (("old", 1000), ("new", 2000), ("oldest", 500)):
        save_look(Look(name, 6, {}), tmp_path / f"{name}.json")
        os.utime(tmp_path / f"{name}.json", (time_s, time_s))
    bank = LookBank(tmp_path)
    assert bank.pads()[6].name == "new"
    assert sorted((look.name, look.pad) for look in bank.looks() if look.pad is None) == [
        ("old", None),
        ("oldest", None),
    ]
    assert bank.troubles == tuple(
        f"{name}.json is kept without a pad: a newer look is on 6" for name in ("old", "oldest")
    )


def test_broken_files_are_told_left_alone_and_never_written_over(tmp_path, store):
    (tmp_path / "ember.json").write_text(json.dumps({"format": "latent-instrument look", "version": 99}))
    before = (tmp_path / "ember.json").read_bytes()
    bank = LookBank(tmp_path)
    (trouble,) = bank.troubles
    assert trouble.startswith("look left out: ember.json has version 99")
    bank.save(1, "Ember", store)
    assert (tmp_path / "ember.json").read_bytes() == before
    assert files(tmp_path) == ["ember-2.json", "ember.json"]


@pytest.mark.parametrize(("pad", "name"), [(0, "x"), (9, "x"), (1, " "), (1, "a\tb")])
def test_a_save_that_cannot_be_is_refused_whole(tmp_path, store, pad, name):
    bank = LookBank(tmp_path)
    with pytest.raises(PresetError):
        bank.save(pad, name, store)
    assert files(tmp_path) == []
    assert bank.current is None


def test_a_save_that_fails_on_disk_leaves_the_bank_as_it_was(tmp_path, store):
    (tmp_path / "looks").write_text("a file where the folder should be")
    bank = LookBank(tmp_path / "looks")
    with pytest.raises(PresetError, match="cannot be written"):
        bank.save(1, "Ember", store)
    assert (bank.current, bank.looks()) == (None, ())
