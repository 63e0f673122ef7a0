"""The parameter table, its store and its glides: every row is a case."""

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.errors import ParameterError
from instrument.params.smoothing import Smoother
from instrument.params.spec import Kind, ParamSpec, Warp
from instrument.params.store import ParamStore
from instrument.params.table import MASTER_FADE, MOTION_FREEZE, MOTION_SPEED, ROWS, ZOOM, build_table, mood_bias_name

MOODS = ("Aggressive", "Calm", "Vibrant")
TABLE = build_table(MOODS)
every_row = pytest.mark.parametrize("spec", TABLE.values(), ids=TABLE)
positions = st.floats(0.0, 1.0)


@every_row
def test_row_is_complete(spec: ParamSpec) -> None:
    assert spec.name.startswith(f"{spec.group}.") or spec.group == "mood"
    assert spec.label
    assert spec.help.endswith(".")


@every_row
@given(position=positions)
def test_value_and_normalized_are_inverse(spec: ParamSpec, position: float) -> None:
    value = spec.value_of(position)
    assert spec.minimum <= value <= spec.maximum
    assert spec.value_of(spec.normalized_of(value)) == pytest.approx(value, abs=1e-9 * (spec.maximum - spec.minimum))


@every_row
@given(low=positions, high=positions)
def test_travel_never_goes_back(spec: ParamSpec, low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert spec.value_of(low) <= spec.value_of(high)


@every_row
def test_bounds_and_default(spec: ParamSpec) -> None:
    assert spec.value_of(0.0) == spec.minimum
    assert spec.value_of(1.0) == pytest.approx(spec.maximum)
    assert spec.constrain(spec.default) == spec.default
    assert spec.constrain(math.nextafter(spec.maximum, math.inf) + 1.0) == spec.maximum


@every_row
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_not_a_number_is_refused(spec: ParamSpec, bad: float) -> None:
    with pytest.raises(ParameterError, match="is not a number"):
        spec.constrain(bad)


def test_square_warp_is_fine_near_the_minimum() -> None:
    spec = ParamSpec("g.x", "X", "g", 0.0, 0.0, 4.0, "Help.", warp=Warp.SQUARE)
    assert spec.value_of(0.5) == 1.0
    assert spec.normalized_of(1.0) == 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [({"minimum": 2.0}, "not below"), ({"default": 3.0}, "out of range"), ({"warp": Warp.EXPONENTIAL}, "above zero")],
)
def test_contradicting_row_is_refused(change: dict[str, float], message: str) -> None:
    row = {"default": 0.5, "minimum": 0.0, "maximum": 1.0} | change
    with pytest.raises(ParameterError, match=message):
        ParamSpec("g.x", "X", "g", help="", **row)


def test_moods_make_rows() -> None:
    assert [spec.label for spec in TABLE.group("mood")] == list(MOODS)
    assert len(TABLE) == len(ROWS) + len(MOODS)
    with pytest.raises(ParameterError, match="share a name"):
        build_table(["Calm", "calm"])


def test_unknown_name_lists_the_candidates() -> None:
    with pytest.raises(ParameterError, match=r"no parameter 'motion\.sped'; there are: motion\.speed"):
        ParamStore(TABLE).set("motion.sped", 1.0, "test")


def test_store_constrains_and_remembers_the_sender() -> None:
    store = ParamStore(TABLE)
    assert store.set(MOTION_SPEED, 99.0, "midi") == TABLE[MOTION_SPEED].maximum
    assert store.set_normalized(MOTION_FREEZE, 0.6, "key") == 1.0
    assert [(change.name, change.sender) for change in store.changes_since(0)] == [
        (MOTION_SPEED, "midi"),
        (MOTION_FREEZE, "key"),
    ]
    version = store.version
    assert list(store.changes_since(version)) == []
    assert store.reset(MOTION_SPEED, "test") == TABLE[MOTION_SPEED].default


def test_update_is_all_or_nothing() -> None:
    store = ParamStore(TABLE)
    before = store.snapshot()
    with pytest.raises(ParameterError):
        store.update({MOTION_SPEED: 2.0, ZOOM: math.nan}, "test")
    assert store.snapshot() == before
    assert store.version == 0


def test_looks_leave_the_room_alone() -> None:
    names = ParamStore(TABLE).persisted()
    assert mood_bias_name("Calm") in names
    assert MASTER_FADE not in names
    assert MOTION_FREEZE not in names


def test_snapshot_sees_whole_updates() -> None:
    store = ParamStore(TABLE)
    stop = threading.Event()

    def write() -> None:
        value = 0.0
        while not stop.is_set():
            value = (value + 0.001) % 0.5
            store.update({"picture.pan_x": value, "picture.pan_y": value}, "test")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(2000):
            values = store.snapshot()
            assert values["picture.pan_x"] == values["picture.pan_y"]
    finally:
        stop.set()
        writer.join()


@given(cuts=st.lists(st.floats(0.001, 0.2), min_size=1, max_size=8))
def test_glide_does_not_depend_on_how_time_is_cut(cuts: list[float]) -> None:
    start, goal = ParamStore(TABLE).snapshot(), ParamStore(TABLE).snapshot() | {ZOOM: 2.0}
    fine, coarse = Smoother(TABLE), Smoother(TABLE)
    fine.process(start, 0.0)
    coarse.process(start, 0.0)
    for dt_s in cuts:
        played = fine.process(goal, dt_s)
    assert played[ZOOM] == pytest.approx(coarse.process(goal, sum(cuts))[ZOOM], abs=1e-4)
    assert 1.0 < played[ZOOM] <= 2.0


def test_switches_follow_at_once_and_glides_arrive() -> None:
    smoother = Smoother(TABLE)
    values = ParamStore(TABLE).snapshot()
    smoother.process(values, 0.0)
    values |= {MOTION_FREEZE: 1.0, ZOOM: 0.5}
    assert smoother.process(values, 0.01)[MOTION_FREEZE] == 1.0
    assert smoother.process(values, 60.0)[ZOOM] == 0.5
    smoother.reset()
    assert smoother.process(values | {ZOOM: 2.0}, 0.0)[ZOOM] == 2.0


def test_switch_reads_as_on_and_off() -> None:
    spec = TABLE[MOTION_FREEZE]
    assert spec.kind is Kind.SWITCH
    assert (spec.text_of(1.0), spec.text_of(0.0)) == ("on", "off")


def test_another_checkpoints_rows_are_adopted_and_common_values_stay() -> None:
    store = ParamStore(build_table(("One", "Two")))
    store.set(MOTION_SPEED, 3.0, "hand")
    store.set(mood_bias_name("Two"), 1.5, "hand")
    version = store.version
    store.adopt(build_table(("Two", "Three")))
    assert store.version > version
    assert store.get(MOTION_SPEED) == 3.0
    assert store.get(mood_bias_name("Two")) == 1.5
    assert store.get(mood_bias_name("Three")) == 0.0
    assert mood_bias_name("One") not in store.persisted()
    assert mood_bias_name("One") in store.snapshot()  # for whoever still draws it
    with pytest.raises(ParameterError):
        store.set(mood_bias_name("One"), 1.0, "hand")
