from hypothesis import given
from hypothesis import strategies as st

from instrument.params.spec import Kind
from instrument.params.table import ROWS
from instrument.ui.draw import text
from instrument.ui.draw.theme import SMALL_PX
from instrument.ui.layout.controls import CELL_HEIGHT_PX, cell_width_px
from instrument.ui.widgets.knobs import FIGURES_SHARE, NAME_PX, figures

LINES = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F), max_size=60)


@given(LINES, st.floats(10.0, 60.0), st.floats(0.0, 400.0), st.booleans())
def test_an_elided_text_always_fits(content: str, size_px: float, room_px: float, bold: bool) -> None:
    shown = text.elide(content, size_px, room_px, bold)
    assert text.width_px(shown, size_px, bold) <= room_px
    assert shown == content or shown == "" or shown.endswith(text.ELLIPSIS)


@given(LINES, st.floats(30.0, 400.0), st.integers(1, 3))
def test_wrapped_lines_fit_and_are_no_more_than_allowed(content: str, room_px: float, lines: int) -> None:
    broken = text.wrap(content, 20.0, room_px, lines)
    assert len(broken) <= lines
    assert all(text.width_px(line, 20.0) <= room_px for line in broken)


def test_wrapping_with_room_loses_no_word() -> None:
    content = "How fast the picture travels to where the sound sends it, in silence and sound alike."
    assert " ".join(text.wrap(content, 20.0, 500.0, 2)) == content


def test_bold_is_wider_and_width_grows_with_size() -> None:
    assert text.width_px("Audio amount", 20.0, bold=True) > text.width_px("Audio amount", 20.0)
    assert text.width_px("x", 40.0) == 2.0 * text.width_px("x", 20.0)


def test_the_font_has_every_sign_the_surface_writes() -> None:
    for bold in (False, True):
        assert all(text.metrics(bold).has(sign) for sign in "…·–+-×÷0123456789%,.'äöüéñßø")


def test_every_shipped_label_and_value_fits_its_cell_uncut() -> None:
    for row in ROWS:
        assert text.width_px(row.label, SMALL_PX) <= cell_width_px(row.label) - 4, row.label
        if row.kind is Kind.CONTINUOUS:
            room_px = FIGURES_SHARE * (CELL_HEIGHT_PX - NAME_PX)
            for value in (row.minimum, row.default, row.maximum):
                assert text.width_px(figures(row, value), SMALL_PX) <= room_px, figures(row, value)


def test_the_licence_lies_beside_the_fonts() -> None:
    licence = (text.FONT_FOLDER / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL Open Font License" in licence
