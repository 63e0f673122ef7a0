"""Acts do the same, whoever asks."""

from dataclasses import dataclass

import pytest

from instrument.control.acts import Act, Acts
from instrument.errors import ControlError
from instrument.params.store import ParamStore
from instrument.params.table import MASTER_FADE, MOTION_DRIFT, MOTION_FREEZE, build_table


@dataclass
class Pad:
    pad: int
    name: str | None


class Stage:
    """A little instrument that notes what is asked of it."""

    def __init__(self) -> None:
        self.store = ParamStore(build_table(["Calm", "Vibrant"]))
        self.pads = [Pad(1, "Dawn"), Pad(2, None), Pad(3, "Straße")]
        self.asked: list[object] = []

    def looks(self) -> list[Pad]:
        return self.pads

    def recall_look(self, pad: int) -> None:
        self.asked.append(pad)

    def undo_look(self) -> None:
        self.asked.append("undo")

    def tap_tempo(self) -> None:
        self.asked.append("tap")


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def acts(stage: Stage) -> Acts:
    return Acts(stage)


@pytest.mark.parametrize("act", Act)
def test_every_act_does_something_and_tells_who_it_was(stage: Stage, acts: Acts, act: Act) -> None:
    acts.do(act, "somebody")
    assert act.help
    assert stage.asked or stage.store.version
    assert {change.sender for change in stage.store.changes_since(0)} <= {"somebody"}


def test_blackout_brings_back_the_light_that_was_and_freeze_turns_over(stage: Stage, acts: Acts) -> None:
    stage.store.set(MASTER_FADE, 0.7, "test")
    for light, frozen in ((0.0, 1.0), (0.7, 0.0)):
        acts.do(Act.BLACKOUT, "osc")
        acts.do(Act.FREEZE, "surface")
        assert stage.store.get(MASTER_FADE) == pytest.approx(light)
        assert stage.store.get(MOTION_FREEZE) == frozen


def test_panic_is_the_safe_look_or_the_defaults_moving_and_bright(stage: Stage, acts: Acts) -> None:
    stage.store.update({MASTER_FADE: 0.0, MOTION_FREEZE: 1.0, MOTION_DRIFT: 0.9}, "test")
    acts.do(Act.PANIC, "osc")
    assert stage.asked == [1]
    assert (stage.store.get(MASTER_FADE), stage.store.get(MOTION_FREEZE)) == (1.0, 0.0)
    stage.pads[0].name = None
    acts.do(Act.PANIC, "osc")
    assert stage.asked == [1]
    assert stage.store.get(MOTION_DRIFT) == 0.35


def test_looks_are_recalled_by_number_and_by_name_in_any_case(stage: Stage, acts: Acts) -> None:
    for which in (2, 3.0, "dawn", "STRASSE"):
        acts.recall(which)
    assert stage.asked == [2, 3, 1, 3]
    with pytest.raises(ControlError, match="no look is called 'dusk'; there are: Dawn, Straße"):
        acts.recall("dusk")
