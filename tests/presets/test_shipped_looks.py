"""The looks that ship, for the moods of the shipped checkpoint."""

import pytest

from instrument.presets.bank import LookBank
from instrument.presets.look import load_look
from instrument.settings import PROJECT_FOLDER

FOLDER = PROJECT_FOLDER / "presets" / "looks"
SHIPPED = sorted(FOLDER.glob("*.json"))


def test_four_ship_on_the_first_pads():
    bank = LookBank(FOLDER)
    names = [look.name if look else None for look in bank.pads().values()]
    assert names[:4] == ["Follow", "Deep Water", "Ember", "Neon Rush"]
    assert bank.troubles == ()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_look_is_complete_and_recalls_exactly(path, store):
    look = load_look(path)
    assert set(look.values) == set(store.persisted())
    assert look.pad is not None
    report = LookBank(FOLDER).recall(look.pad, store)
    assert report.look == look
    assert (report.ignored, report.defaulted, report.limited) == ((), (), ())
    assert store.persisted() == dict(look.values)


def test_the_first_is_the_defaults_and_no_two_are_alike(store):
    looks = [load_look(path) for path in SHIPPED]
    assert next(look for look in looks if look.pad == 1).values == store.persisted()
    assert len({tuple(look.values.items()) for look in looks}) == len(looks)
