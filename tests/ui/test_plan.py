from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.params.table import ROWS, ParamTable, build_table, mood_bias_row
from instrument.ui.faders import mood_row
from instrument.ui.flow import flow, sections_of
from instrument.ui.plan import REFERENCE_PX, Plan, fitting_scale, make_plan
from instrument.ui.rect import Rect

SIZES = [(1280, 800), (1440, 900), (1920, 1080), (1920, 1200), (2560, 1080), (2560, 1440), (3840, 2160)]
LEAST_PX = {
    "picture": (400, 400), "looks": (400, 150), "meter": (80, 110), "moods": (700, 60), "controls": (700, 130),
    "scope 0": (110, 110), "top": (1280, 56), "status": (1280, 40),
}  # fmt: skip


def table_of(moods: int, extra: int = 0) -> ParamTable:
    more = (replace(ROWS[0], name=f"picture.extra_{number}", group="picture") for number in range(extra))
    return ParamTable([*ROWS, *more, *(mood_bias_row(f"Mood {number}") for number in range(moods))])


def plan_of(
    width: float, height: float, moods: int = 3, extra: int = 0, page: int = 0, scale: float | None = None
) -> Plan:
    return make_plan(width, height, scale, moods, sections_of(table_of(moods, extra)), page)


def assert_sound(plan: Plan) -> None:
    panels = plan.panels()
    for name, rect in panels.items():
        assert plan.window.encloses(rect), name
        assert rect.width > 0, name
        assert rect.height > 0, name
    apart(list(panels.values()))
    inside(plan.looks, [plan.looks_header, *plan.pads])
    inside(plan.moods, [plan.mood_header, *plan.mood_rows])
    inside(plan.controls, [*(title.rect for title in plan.titles), *(cell.rect for cell in plan.cells)])
    if plan.pager is not None:
        inside(plan.controls, [plan.pager, *(cell.rect for cell in plan.cells)])


def inside(panel: Rect, parts: list[Rect]) -> None:
    for part in parts:
        assert panel.encloses(part), (panel, part)
    apart(parts)


def apart(rects: list[Rect]) -> None:
    for first, second in combinations(rects, 2):
        assert not first.overlaps(second), (first, second)


@given(
    width=st.integers(1280, 3840), height=st.integers(800, 2160), moods=st.integers(0, 12), extra=st.integers(0, 30),
    page=st.integers(0, 4), scale=st.one_of(st.none(), st.floats(0.5, 3.0)),
)  # fmt: skip
def test_nothing_overlaps_and_all_is_inside_whatever_the_window(
    width: int, height: int, moods: int, extra: int, page: int, scale: float | None
) -> None:
    assert_sound(plan_of(width, height, moods, extra, page, scale))


@given(width=st.integers(400, 1280), height=st.integers(300, 800))
def test_a_window_below_the_reference_shrinks_everything_alike(width: int, height: int) -> None:
    plan = plan_of(width, height)
    assert_sound(plan)
    assert plan.scale <= min(width / REFERENCE_PX[0], height / REFERENCE_PX[1])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("moods", [1, 3, 12])
def test_panels_and_controls_keep_their_least_sizes(size: tuple[int, int], moods: int) -> None:
    plan = plan_of(*size, moods=moods)
    for name, (width, height) in LEAST_PX.items():
        rect = plan.panels()[name]
        assert rect.width >= width * plan.scale - 2, name
        assert rect.height >= height * plan.scale - 2, name
    for rects, width, height in (
        (plan.pads, 96, 50),
        (plan.mood_rows, 340, 30),
        (tuple(cell.rect for cell in plan.cells), 96, 100),
    ):
        assert min(rect.width for rect in rects) >= width * plan.scale - 2
        assert min(rect.height for rect in rects) >= height * plan.scale - 2


@pytest.mark.parametrize("size", SIZES)
def test_the_shipped_controls_stand_on_two_pages_at_most(size: tuple[int, int]) -> None:
    pages = plan_of(*size, moods=12).pages
    assert pages <= 2
    cells = [cell for page in range(pages) for cell in plan_of(*size, moods=12, page=page).cells]
    assert {cell.name for cell in cells} == {row.name for row in ROWS}


@given(extra=st.integers(0, 60), moods=st.integers(0, 12))
def test_every_row_of_the_table_is_on_exactly_one_page(extra: int, moods: int) -> None:
    first = plan_of(1280, 800, moods, extra)
    names = [cell.name for page in range(first.pages) for cell in plan_of(1280, 800, moods, extra, page).cells]
    assert sorted(names) == sorted(name for name, row in table_of(moods, extra).items() if row.group != "mood")


def test_the_page_after_the_last_is_the_first() -> None:
    first = plan_of(1280, 800, extra=30)
    assert first.pages > 1
    assert plan_of(1280, 800, extra=30, page=first.pages).cells == first.cells


def test_scale_follows_the_window_and_never_exceeds_it() -> None:
    assert fitting_scale(1280, 800, None) == 1.0
    assert fitting_scale(3840, 2160, None) == pytest.approx(2.7)
    assert fitting_scale(3840, 2160, 1.5) == 1.5
    assert fitting_scale(1300, 2160, 3.0) == 1.0


@given(st.lists(st.integers(1, 12), max_size=8), st.integers(1, 9))
def test_flow_keeps_every_control_once_and_overfills_no_line(lengths: list[int], cells: int) -> None:
    rows = iter(ROWS * 20)
    sections = [
        replace(section, specs=tuple(next(rows) for _ in range(length)))
        for section, length in zip(sections_of(build_table(["A"])) * 2, lengths, strict=False)
    ]
    lines = flow(sections, cells)
    assert all(line.free() >= 0 for line in lines)
    placed = sum(len(section.specs) for line in lines for section in line.sections)
    assert placed == sum(len(section.specs) for section in sections)


@given(width=st.floats(330, 1800), height=st.floats(30, 120), scale=st.sampled_from([1.0, 1.35, 2.7]))
def test_the_parts_of_a_mood_row_stand_apart_inside_it(width: float, height: float, scale: float) -> None:
    row = Rect(10.0, 20.0, width * scale, height * scale)
    parts = mood_row(row, scale)
    inside(row, [parts.name, parts.track, parts.asked, parts.played, parts.percent])
    assert parts.track.width >= 80 * scale


@given(st.integers(1, 12), st.integers(200, 2000), st.integers(0, 10))
def test_columns_and_rows_fill_a_rectangle_on_whole_pixels(count: int, length: int, gap: int) -> None:
    rect = Rect(3.0, 5.0, float(length), float(length))
    for parts, edge in ((rect.columns(count, gap), "right"), (rect.rows(count, gap), "bottom")):
        inside(rect, list(parts))
        assert getattr(parts[-1], edge) == getattr(rect, edge)
        sizes = [part.width + part.height for part in parts]
        assert max(sizes) - min(sizes) <= 2
