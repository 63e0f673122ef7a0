"""Addresses: derived from the table, one for everything, and safe to ask with anything."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from instrument.control.acts import Act
from instrument.control.osc_book import HELP, NORMALIZED, QUERY, AddressBook, listing, number_of, text_lines
from instrument.errors import ControlError, ParameterError
from instrument.params.spec import Kind
from instrument.params.table import MOTION_SPEED, ROWS, ParamTable, build_table

TABLE = build_table(["Aggressive", "Deep Sea", "Calm"])
RESERVED = set(" #*,/?[]{}")


def test_a_name_reads_as_an_address() -> None:
    assert TABLE[MOTION_SPEED].address == "/motion/speed"
    assert [spec.address for spec in TABLE.group("mood")] == [
        "/mood/aggressive/bias", "/mood/deep_sea/bias", "/mood/calm/bias",
    ]  # fmt: skip


@given(st.lists(st.text(min_size=1), min_size=2, max_size=6, unique=True))
@example(["a/b", "a.b", "a%2Fb", "*", "\ud800"])
def test_whatever_moods_are_called_addresses_are_their_own_and_may_be_sent(moods: list[str]) -> None:
    try:
        table = build_table(moods)
    except ParameterError:
        assume(False)
    book = AddressBook(table)
    assert len(book.addresses) == 2 * len(table)
    for spec in table.values():
        assert spec.address.isascii()
        assert spec.address.isprintable()
        assert all(RESERVED.isdisjoint(part) for part in spec.address[1:].split("/"))
        (place,) = book.places(spec.address)
        assert (place.spec, place.normalized) == (spec, False)
        (place,) = book.places(spec.address + NORMALIZED)
        assert (place.spec, place.normalized) == (spec, True)


def test_nothing_else_has_the_address_of_a_parameter() -> None:
    assert set(HELP).isdisjoint(AddressBook(TABLE).addresses)
    assert len({act.address for act in Act}) == len(Act)


@pytest.mark.parametrize("spec", TABLE.values(), ids=lambda spec: spec.name)
@given(
    number=st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**63), 2**63 - 1), st.booleans())
)
def test_every_row_takes_any_number_and_stays_in_its_range(spec, number) -> None:
    value, travel = (place.value_of([number]) for place in map(only, (spec.address, spec.address + NORMALIZED)))
    assert value == spec.constrain(float(number))
    assert spec.minimum <= travel <= spec.maximum
    if spec.kind is Kind.SWITCH:
        assert {value, travel} <= {spec.minimum, spec.maximum}


def only(address: str):
    (place,) = AddressBook(TABLE).places(address)
    return place


@pytest.mark.parametrize(
    "arguments", [(), ("0.5",), (None,), (b"\0",), ([0.5],), (0.5, 0.5), (math.nan,), (math.inf,), ((1, 2, 3, 4),)]
)
def test_what_is_not_one_number_is_refused(arguments) -> None:
    with pytest.raises(ControlError):
        number_of(arguments)


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("/mood/*/bias", 3), ("/mood/*/bias/normalized", 3), ("/mood/[ac]*/bias", 2), ("/mood/cal?/bias", 1),
     ("/motion/*", 4), ("/*", 0), ("*", 0), ("/motion", 0), ("", 0), ("/mood/[/bias", 0),
     ("/mood/*/bias" + "*" * 200, 0)],
)  # fmt: skip
def test_patterns_move_what_they_fit(pattern: str, count: int) -> None:
    assert len(AddressBook(TABLE).places(pattern)) == count


@given(st.text(alphabet="/*?[]!-az.\\", max_size=100))
@example("/[z-a]*/*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b")
def test_no_pattern_is_too_much(pattern: str) -> None:
    assert set(AddressBook(TABLE).places(pattern)) <= {only(address) for address in AddressBook(TABLE).addresses}


def test_the_listing_and_the_text_tell_every_row_once() -> None:
    row = replace(ROWS[0], name="picture.glow", label="Glow")
    table = ParamTable([*TABLE.values(), row])
    values = {name: spec.default for name, spec in table.items()}
    said = listing(table, values)
    assert {address for address, _ in said} == {QUERY}
    rows = [arguments for _, arguments in said[: len(table)]]
    assert rows[-1] == ("/picture/glow", row.default, row.minimum, row.maximum, row.unit, "Glow")
    assert [arguments[0] for arguments in rows] == [spec.address for spec in table.values()]
    assert [arguments[0] for _, arguments in said[len(table) :]] == list(HELP)
    assert [line.split()[0] for line in text_lines(table)] == [spec.address for spec in table.values()] + list(HELP)
