"""Names that outlast a replug, and the way from the ports held to the ports found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.control.port_names import CLIENT_NAME, controllers, port_change, stable_name

RAW = [
    ("alsa", "nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", "nanoKONTROL2:nanoKONTROL2 MIDI 1"),
    ("alsa", "MPK 49:MPK 49 MIDI 2 128:12", "MPK 49:MPK 49 MIDI 2"),
    ("jack", "Fake nanoKONTROL:to_app", "Fake nanoKONTROL:to_app"),
    ("jack", "Fake nanoKONTROL-01:to_app", "Fake nanoKONTROL:to_app"),
    ("jack", "a2j:MPK-49 [24] (capture): MPK-49 MIDI 1", "a2j:MPK-49 (capture): MPK-49 MIDI 1"),
    ("winmm", "nanoKONTROL2 1", "nanoKONTROL2"),
    ("winmm", "3- MPK 49 0", "MPK 49"),
    ("core", "nanoKONTROL2 SLIDER/KNOB", "nanoKONTROL2 SLIDER/KNOB"),
]


@pytest.mark.parametrize(("api", "raw", "name"), RAW)
def test_stable_names(api, raw, name):
    assert stable_name(raw, api) == name


@given(st.sampled_from(["alsa", "jack", "winmm", "core"]), st.text(min_size=1))
def test_a_name_never_becomes_nothing(api, raw):
    assert stable_name(raw, api)


def test_own_ports_and_the_loop_are_left_out():
    listed = [f"{CLIENT_NAME}:out", f"{CLIENT_NAME}-01:out", "Midi Through:Midi Through Port-0 14:0", "K:K 20:0"]
    assert controllers(listed, "alsa") == {"K:K": ("K:K 20:0",)}


PORTS = st.dictionaries(st.sampled_from("KLMN"), st.lists(st.sampled_from(["0", "1", "2"]), min_size=1).map(tuple))


@given(PORTS, PORTS)
def test_the_change_leads_from_what_is_held_to_what_is_found(held, found):
    change = port_change(held, found)
    after = {name: raws for name, raws in held.items() if name not in change.close}
    assert not set(after) & set(change.open)
    assert {**after, **{name: found[name] for name in change.open}} == found


@given(PORTS)
def test_nothing_is_touched_while_nothing_changes(held):
    change = port_change(held, dict(held))
    assert (change.close, change.open) == ((), ())
