from dataclasses import fields, replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.params.table import ROWS, ParamTable, mood_bias_row
from instrument.ui.layout.flow import Section, balanced, flow, mixing
from instrument.ui.layout.moods import mood_row
from instrument.ui.layout.plan import Plan, make_plan
from instrument.ui.layout.rect import Rect, between
from instrument.ui.layout.scaling import REFERENCE_PX, fitting_scale

SIZES = [(1280, 800), (1440, 900), (1920, 1080), (1920, 1200), (2560, 1080), (2560, 1440), (3840, 2160)]
LEAST_PX = {
    "picture": (400, 400), "looks": (400, 190), "listening": (800, 140), "moods": (800, 200), "controls": (800, 100),
    "top": (1280, 48), "status": (1280, 34),
}  # fmt: skip
NEW_LABELS = ("Beat accent", "Onset accent", "Drop accent", "Hold", "Auto gain", "Drop switch", "Hue", "Saturation")


def table_of(moods: int, extra: int = 0) -> ParamTable:
    more = (
        replace(
            ROWS[0], name=f"extra.{number}", group=("accents", "picture", "audio")[number % 3],
            label=NEW_LABELS[number % len(NEW_LABELS)],
        )
        for number in range(extra)
    )  # fmt: skip
    return ParamTable([*ROWS, *more, *(mood_bias_row(f"Mood {number}") for number in range(moods))])


def plan_of(
    width: float, height: float, moods: int = 3, extra: int = 0, page: int = 0, scale: float | None = None
) -> Plan:
    return make_plan(width, height, scale, table_of(moods, extra), page)


def assert_sound(plan: Plan) -> None:
    panels = plan.panels()
    for name, rect in panels.items():
        assert plan.window.encloses(rect), name
        assert rect.width > 0, name
        assert rect.height > 0, name
    apart(list(panels.values()))
    inside(plan.looks.panel, [plan.looks.header, *plan.looks.pads])
    listening, moods, controls = plan.listening, plan.moods, plan.controls
    inside(listening.panel, [*listening.scopes, listening.meter, *parts_of(listening.rhythm)])
    pad = [] if moods.pad is None else [moods.pad]
    inside(moods.panel, [moods.header, *moods.mix, *moods.places, *pad, *moods.whys, *parts_of(moods.teach)])
    for place, row in zip(moods.places, moods.rows, strict=True):
        inside(place, parts_of(row))
    pager = [] if controls.pager is None else [controls.pager]
    inside(
        controls.panel, [*(title.rect for title in controls.titles), *(cell.rect for cell in controls.cells), *pager]
    )


def parts_of(part: object) -> list[Rect]:
    return [getattr(part, field.name) for field in fields(part)]  # type: ignore[arg-type]


def inside(panel: Rect, parts: list[Rect]) -> None:
    for part in parts:
        assert panel.encloses(part), (panel, part)
    apart(parts)


def apart(rects: list[Rect]) -> None:
    for first, second in combinations(rects, 2):
        assert not first.overlaps(second), (first, second)


@settings(deadline=None)
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
        (plan.looks.pads, 96, 60),
        (plan.moods.places, 270, 30),
        (plan.listening.scopes, 76, 110),
        (tuple(cell.rect for cell in plan.controls.cells), 70, 70),
    ):
        assert min(rect.width for rect in rects) >= width * plan.scale - 2
        assert min(rect.height for rect in rects) >= height * plan.scale - 2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("moods", "extra"), [(3, 0), (3, 6)])
def test_the_shipped_controls_and_some_more_stand_on_one_page(size: tuple[int, int], moods: int, extra: int) -> None:
    plan = plan_of(*size, moods=moods, extra=extra)
    assert plan.controls.pages == 1
    expected = {name for name, row in table_of(moods, extra).items() if row.group not in ("mood", "mapping")}
    assert {cell.name for cell in plan.controls.cells} == expected


@settings(deadline=None)
@given(extra=st.integers(0, 60), moods=st.integers(0, 12))
def test_every_row_of_the_table_has_exactly_one_place(extra: int, moods: int) -> None:
    table, first = table_of(moods, extra), plan_of(1280, 800, moods, extra)
    pages = [plan_of(1280, 800, moods, extra, page).controls for page in range(first.controls.pages)]
    knobs = [cell.name for page in pages for cell in page.cells]
    assert len(first.moods.mix) == len(mixing(table))
    assert len(first.moods.rows) == moods
    beside = [row.name for row in (*mixing(table), *table.group("mood"))]
    assert sorted([*knobs, *beside]) == sorted(table)


def test_the_page_after_the_last_is_the_first() -> None:
    first = plan_of(1280, 800, extra=40)
    assert first.controls.pages > 1
    assert plan_of(1280, 800, extra=40, page=first.controls.pages).controls.cells == first.controls.cells


def test_scale_follows_the_window_and_never_exceeds_it() -> None:
    assert fitting_scale(1280, 800, None) == 1.0
    assert fitting_scale(3840, 2160, None) == pytest.approx(2.7)
    assert fitting_scale(3840, 2160, 1.5) == 1.5
    assert fitting_scale(1300, 2160, 3.0) == 1.0


@given(st.lists(st.lists(st.floats(60, 140), min_size=1, max_size=12), max_size=8), st.floats(200, 1200))
def test_flow_keeps_every_control_once_and_overfills_no_line(groups: list[list[float]], room_px: float) -> None:
    sections = [Section(str(index), ROWS[: len(widths)], tuple(widths)) for index, widths in enumerate(groups)]
    lines = flow(sections, room_px, 10.0)
    assert all(line.wanted_px <= room_px or len(line.sections[0].specs) == 1 for line in lines)
    placed = [(section.title, width) for line in lines for section in line.sections for width in section.widths_px]
    assert sorted(placed) == sorted((section.title, width) for section in sections for width in section.widths_px)


@given(st.lists(st.lists(st.floats(60, 140), min_size=1, max_size=8), min_size=1, max_size=8), st.floats(1100, 1600))
def test_lines_are_balanced_without_more_of_them_and_without_losing_a_control(
    groups: list[list[float]], room_px: float
) -> None:
    sections = [Section(str(index), ROWS[: len(widths)], tuple(widths)) for index, widths in enumerate(groups)]
    plain, even = flow(sections, room_px, 10.0), balanced(sections, room_px, 10.0)
    assert len(even) == len(plain)
    assert max(line.wanted_px for line in even) <= max(line.wanted_px for line in plain)
    placed = [(section.title, width) for line in even for section in line.sections for width in section.widths_px]
    assert sorted(placed) == sorted((section.title, width) for section in sections for width in section.widths_px)


@pytest.mark.parametrize("size", SIZES)
def test_the_shipped_controls_leave_no_line_nearly_empty(size: tuple[int, int]) -> None:
    plan = plan_of(*size)
    lines: dict[float, float] = {}
    for cell in plan.controls.cells:
        lines[cell.rect.y] = lines.get(cell.rect.y, 0.0) + cell.rect.width
    assert min(lines.values()) > 0.8 * plan.controls.panel.width


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("moods", range(1, 13))
def test_faders_are_long_and_names_whole_however_many_moods(size: tuple[int, int], moods: int) -> None:
    plan = plan_of(*size, moods=moods)
    for row in plan.moods.rows:
        assert row.track.width >= 158 * plan.scale
        assert row.name.width >= 130 * plan.scale
        assert row.track.height >= 6 * plan.scale
    assert len(plan.moods.whys) == 1 or moods > 1
    assert len(plan_of(1280, 800, moods=3).moods.whys) == 2


@given(width=st.integers(270, 1800), height=st.integers(30, 120), scale=st.sampled_from([1.0, 1.35, 2.7]))
def test_the_parts_of_a_mood_row_stand_apart_inside_it(width: int, height: int, scale: float) -> None:
    row = Rect(10.0, 20.0, float(round(width * scale)), float(round(height * scale)))
    parts = mood_row(row, scale)
    inside(row, parts_of(parts))
    assert parts.track.width >= 150 * scale


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 30))
def test_what_is_between_panels_and_the_panels_fill_the_window(columns: int, rows: int, gap: int) -> None:
    window = Rect(0.0, 0.0, 640.0, 480.0)
    panels = [cell for row in window.inset(gap).rows(rows, gap) for cell in row.columns(columns, gap)]
    strips = between(window, panels)
    apart([*strips, *panels])
    assert sum(rect.width * rect.height for rect in (*strips, *panels)) == pytest.approx(640 * 480)


@given(st.integers(1, 12), st.integers(200, 2000), st.integers(0, 10))
def test_columns_and_rows_fill_a_rectangle_on_whole_pixels(count: int, length: int, gap: int) -> None:
    rect = Rect(3.0, 5.0, float(length), float(length))
    for parts, edge in ((rect.columns(count, gap), "right"), (rect.rows(count, gap), "bottom")):
        inside(rect, list(parts))
        assert getattr(parts[-1], edge) == getattr(rect, edge)
        sizes = [part.width + part.height for part in parts]
        assert max(sizes) - min(sizes) <= 2
