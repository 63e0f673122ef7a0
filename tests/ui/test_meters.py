import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.features.vector import DESCRIPTORS, SILENT
from instrument.ui.draw.raster import traces
from instrument.ui.panels.listening import POINTS, columns_of, history_table, value_text
from instrument.ui.widgets.knobs import arc_points
from instrument.ui.widgets.meters import LEAST_SPAN, AutoRange, PeakHold, meter_position, span_of

UNIT = st.floats(0.0, 1.0)


@given(st.lists(UNIT, min_size=1, max_size=50))
def test_a_span_holds_every_value_and_stays_in_the_unit(values: list[float]) -> None:
    span = span_of(values)
    assert -1e-9 <= span.low <= min(values) + 1e-9
    assert max(values) - 1e-9 <= span.high <= 1.0 + 1e-9
    assert span.high - span.low >= LEAST_SPAN - 1e-9


def test_a_range_glides_to_a_small_signal_whatever_the_frame_rate() -> None:
    values = np.array([0.4, 0.6])
    quick, slow = AutoRange(), AutoRange()
    for _ in range(10):
        fine = quick.process(values, 0.02)
    coarse = slow.process(values, 0.2)
    assert fine.low == pytest.approx(coarse.low)
    assert 0.0 < coarse.low < 0.4
    assert slow.process(values, 60.0).low == pytest.approx(0.4)


def test_a_peak_is_held_then_falls_to_the_level() -> None:
    peak = PeakHold()
    assert peak.process(-6.0, 0.1) == -6.0
    assert peak.process(-40.0, 1.0) == -6.0
    assert peak.process(-40.0, 1.0) < -6.0
    for _ in range(40):
        last = peak.process(-40.0, 0.1)
    assert last == -40.0
    assert peak.process(-3.0, 0.1) == -3.0


@given(st.floats(-200.0, 20.0), st.floats(0.0, 60.0))
def test_the_meter_rises_with_the_level_and_stays_in_its_bar(level_db: float, more_db: float) -> None:
    assert 0.0 <= meter_position(level_db) <= meter_position(level_db + more_db) <= 1.0


@given(UNIT, UNIT)
def test_a_ring_runs_between_its_positions_on_its_circle(start: float, end: float) -> None:
    points = np.array(arc_points((50.0, 60.0), 20.0, start, end))
    assert np.hypot(points[:, 0] - 50.0, points[:, 1] - 60.0) == pytest.approx(20.0)
    assert len(points) >= 2


def test_a_knob_at_half_points_up() -> None:
    assert arc_points((0.0, 0.0), 1.0, 0.5, 0.5)[0] == pytest.approx([0.0, -1.0])


@given(st.lists(UNIT, max_size=2 * POINTS), st.integers(2, 300))
def test_a_trace_has_a_height_for_every_column_and_ends_with_the_newest(values: list[float], width: int) -> None:
    heights = columns_of(np.array(values), width)
    assert heights.shape == (width,)
    if values:
        assert heights[-1] == pytest.approx(values[-1])
        assert min(values) - 1e-9 <= heights.min() <= heights.max() <= max(values) + 1e-9


@given(st.integers(8, 90), st.integers(4, 120))
def test_a_trace_is_bright_where_its_line_is_and_dark_above(rows: int, columns: int) -> None:
    image = traces(np.full((2, columns), 0.5), (rows, columns), (0, 0, 0, 255), (100, 200, 50, 255))
    assert image.shape == (rows, 2 * columns, 3)
    brightest = image[:, columns // 2, 1].argmax()
    assert abs(brightest - rows / 2) <= 2
    assert image[0].max() == 0 or rows < 10
    assert image[-1].max() > 0


def test_the_past_is_a_table_in_the_order_of_the_descriptors() -> None:
    assert history_table(()).shape == (0, 5)
    assert history_table((SILENT, SILENT)).shape == (2, 5)


def test_values_carry_their_unit() -> None:
    assert value_text(DESCRIPTORS[0], 23.456) == "23.5 dB"
    assert value_text(DESCRIPTORS[1], 0.12345) == "0.123"
