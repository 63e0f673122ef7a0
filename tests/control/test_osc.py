"""OSC from another process, over real UDP: to the parameter, to the act, and back to whoever asks."""

import math
import re
import socket
import struct
import threading

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from instrument.clock import SystemClock
from instrument.control.acts import Acts
from instrument.control.complaints import MOST_SAID, Complaints
from instrument.control.events import OscEvent
from instrument.control.hands import Hands
from instrument.control.osc import BUNDLE, Endpoint, OscInput, endpoint_of, messages_of, packet_of
from instrument.control.osc_book import HELP, NORMALIZED, QUERY
from instrument.control.osc_router import OscRouter
from instrument.errors import ControlError
from instrument.params.store import ParamStore
from instrument.params.table import (
    ACCENT_BEAT,
    MASTER_FADE,
    MOTION_DRIFT,
    MOTION_FREEZE,
    MOTION_SPEED,
    PAN_X,
    build_table,
    mood_bias_name,
)

CALM = mood_bias_name("Calm")
NOW = bytes(7) + b"\1"


@pytest.fixture
def store() -> ParamStore:
    return ParamStore(build_table(["Calm", "Vibrant"]))


class Stage:
    """Looks and a tempo that note what is asked of them; the values are real."""

    def __init__(self, store: ParamStore) -> None:
        self.store = store
        self.asked: list[object] = []

    def looks(self) -> tuple[()]:
        return ()

    def recall_look(self, pad: int) -> None:
        self.asked.append(pad)

    def undo_look(self) -> None:
        self.asked.append("undo")

    def tap_tempo(self) -> None:
        self.asked.append("tap")


class Rig:
    """Hands that listen at a port of their own, and a surface in another process that speaks to it."""

    def __init__(self, store: ParamStore, folder, sender) -> None:
        self.store, self.stage, self.said = store, Stage(store), []
        self.hands = Hands(store, SystemClock(), folder, midi=False, acts=Acts(self.stage), say=self.said.append)
        self.hands.open_osc("0")
        self.hands.start()
        self.port = int(self.hands.osc_state.partition(": ")[0].rpartition(":")[2])
        self.sender = sender(self.port)
        self.say, self.heard = self.sender.say, self.sender.heard


@pytest.fixture
def rig(store, tmp_path, osc_sender):
    made = Rig(store, tmp_path, osc_sender)
    yield made
    made.hands.close()


def test_values_travel_switches_and_moods_are_moved_and_osc_is_who_did_it(rig, wait_until):
    rig.say(
        ["/motion/speed", [3.5]], ["/picture/pan_x/normalized", [0.75]], ["/motion/freeze", [True]],
        ["/accent/beat", [0]], ["/mood/calm/bias", [99]], ["/motion/drift", [1]],
    )  # fmt: skip
    wait_until(lambda: rig.store.get(MOTION_DRIFT) == 1.0)
    got = [rig.store.get(name) for name in (MOTION_SPEED, PAN_X, MOTION_FREEZE, ACCENT_BEAT, CALM)]
    assert got == pytest.approx([3.5, 0.25, 1.0, 0.0, 6.0])
    assert {change.sender for change in rig.store.changes_since(0)} == {"osc"}
    assert rig.said == []


def test_a_bundle_and_a_pattern_are_one_word_and_no_time_tag_is_waited_for(rig, wait_until):
    rig.say([["/mood/*/bias", [2.0]], ["/motion/speed", [5]]])
    wait_until(lambda: rig.store.get(MOTION_SPEED) == 5.0)
    assert [rig.store.get(spec.name) for spec in rig.store.table.group("mood")] == [2.0, 2.0]
    assert rig.hands.osc_state.endswith(": 2 messages")


def test_acts_and_looks_at_a_press_and_not_at_a_release(rig, wait_until):
    rig.store.set(MASTER_FADE, 0.7, "test")
    rig.say(["/tap", [1.0]], ["/tap", [0.0]], ["/tap", []], ["/blackout", [1]], ["/blackout", [0]], ["/undo", [True]])
    rig.say(["/look/recall", [3]])
    wait_until(lambda: 3 in rig.stage.asked)
    assert rig.stage.asked == ["tap", "tap", "undo", 3]
    assert rig.store.get(MASTER_FADE) == 0.0
    rig.say(["/look/recall", [0.0]], ["/look/recall", [2.5]], ["/look/recall", ["Dusk"]])
    wait_until(lambda: len(rig.said) == 2)
    assert rig.stage.asked == ["tap", "tap", "undo", 3]
    assert rig.said[0] == "OSC: '/look/recall': it wants the number or the name of a look"
    assert rig.said[1] == "OSC: '/look/recall': no look is called 'Dusk'; there are: none"


def test_what_was_said_before_an_act_counts_before_it(store):
    router = OscRouter(store, Acts(Stage(store)), Complaints(print))
    fade, blackout = ("/output/master_fade", (0.4,)), ("/blackout", ())
    router.process([OscEvent(*said, 0.0) for said in (fade, blackout, ("/motion/drift", (0.9,)))])
    assert (store.get(MASTER_FADE), store.get(MOTION_DRIFT)) == (0.0, 0.9)
    router.process([OscEvent(*blackout, 0.0)])
    assert store.get(MASTER_FADE) == 0.4


def test_what_is_not_understood_is_counted_said_once_and_moves_nothing(rig, wait_until):
    hostile = [
        "ff00", "", b"/motion/speed\0\0\0,".hex(), (BUNDLE + NOW + struct.pack(">i", -4) + b"/abc").hex(),
        (b"/motion/speed\0\0\0,f\0\0" + struct.pack(">f", math.nan)).hex(),
        ["/motion/speed", ["fast"]], ["/motion/speed", [1.0, 2.0]], ["/motion/sped", [1.0]],
        [["/motion/speed", ["slow"]], ["/nowhere", []]],
    ]  # fmt: skip
    before = rig.store.version
    rig.say(*hostile, *hostile, *hostile, ["/motion/drift", [0.5]])
    wait_until(lambda: rig.store.get(MOTION_DRIFT) == 0.5)
    assert rig.store.version == before + 1
    assert len(rig.said) == 5
    assert set(rig.said) == {
        "OSC: '/motion/sped': there is no such address; /query lists them",
        "OSC: '/motion/speed': it wants one number",
        "OSC: '/nowhere': there is no such address; /query lists them",
        "OSC from 127.0.0.1: a bundle that ends too soon",
        "OSC from 127.0.0.1: not a message",
    }
    # Every broken packet counts; of what one address was told, the newest word does.
    refused = re.search(r", (\d+) not understood$", rig.hands.osc_state)
    assert refused is not None
    assert 3 * 4 + 3 <= int(refused[1]) <= 3 * 10
    assert rig.hands.troubles == ()


def test_all_faders_swept_at_once_end_where_the_hand_left_them(rig, wait_until):
    """As many as a system with its usual buffers keeps for us, however long this thread waits for its turn."""
    faders = [spec.address + NORMALIZED for spec in rig.store.table.values()]
    rig.say(*[[address, [step / 16]] for step in range(17) for address in faders])
    wait_until(lambda: all(rig.store.get(name) == spec.maximum for name, spec in rig.store.table.items()))
    assert rig.hands.inbox.dropped == 0


def test_who_asks_is_told_every_address_its_value_and_its_range(rig, wait_until):
    rig.store.set(MOTION_SPEED, 2.5, "surface")
    rig.say([QUERY, [1]], [QUERY, [0]])
    wait_until(lambda: len(rig.heard) == len(rig.store.table) + len(HELP))
    assert {address for address, _ in rig.heard} == {QUERY}
    assert rig.heard[0][1] == ["/motion/speed", 2.5, pytest.approx(0.02), 12.0, "/s", "Speed"]
    assert [arguments[0] for _, arguments in rig.heard][-len(HELP) :] == list(HELP)


def test_a_subscriber_is_told_everything_then_what_others_change_then_another_table(rig, wait_until):
    rig.say(["/subscribe", []])
    wait_until(lambda: len(rig.heard) == 2 * len(rig.store.table))
    assert ("/motion/drift/normalized", [pytest.approx(0.35)]) in rig.heard
    rig.heard.clear()
    rig.say(["/motion/speed", [7.0]])
    wait_until(lambda: rig.store.get(MOTION_SPEED) == 7.0)
    rig.store.set(PAN_X, 0.25, "midi")
    wait_until(lambda: len(rig.heard) == 2)
    assert rig.heard == [("/picture/pan_x", [0.25]), ("/picture/pan_x/normalized", [0.75])]
    rig.heard.clear()
    rig.store.adopt(build_table(["Dusk"]))
    wait_until(lambda: len(rig.heard) == 2 * len(rig.store.table))
    assert ("/mood/dusk/bias", [0.0]) in rig.heard
    rig.say(["/mood/calm/bias", [1.0]], ["/mood/dusk/bias", [1.0]])
    wait_until(lambda: rig.store.get(mood_bias_name("Dusk")) == 1.0)
    assert rig.said == ["OSC: '/mood/calm/bias': there is no such address; /query lists them"]


def test_a_subscriber_may_hear_at_another_port(rig):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.settimeout(10.0)
        rig.say(["/subscribe", [elsewhere.getsockname()[1]]])
        assert messages_of(elsewhere.recv(9000))[0][0] == "/motion/speed"
    rig.store.set(MOTION_SPEED, 2.0, "midi")  # nobody hears it any more, and nothing breaks
    rig.say(["/subscribe", [0]])


def test_a_port_is_closed_opened_elsewhere_and_given_back(rig, wait_until):
    rig.hands.open_osc(str(rig.port))
    rig.say(["/motion/speed", [4.0]])
    wait_until(lambda: rig.store.get(MOTION_SPEED) == 4.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        with pytest.raises(ControlError, match=r"OSC cannot listen at 127.0.0.1:\d+: .* in use"):
            rig.hands.open_osc(str(other.getsockname()[1]))
    assert rig.hands.osc_state == ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", rig.port))


def test_nobody_listens_unless_asked(store, tmp_path):
    hands = Hands(store, SystemClock(), tmp_path, midi=False)
    hands.start()
    assert hands.osc_state == ""
    assert not any(thread.name == "osc" for thread in threading.enumerate())
    hands.close()


@pytest.mark.parametrize(
    "text", ["", "x", "9000x", ":9000", "localhost:", "127.0.0.1:70000", "-1", "٣", "9000 ", "9" * 5000]
)
def test_what_is_no_place_to_listen_is_said(text):
    with pytest.raises(ControlError, match="is not PORT or HOST:PORT"):
        endpoint_of(text)


@pytest.mark.parametrize("host", ["a" * 80, "192.0.2.1"])
def test_a_host_that_is_not_here_is_one_line(host, store):
    with pytest.raises(ControlError, match="OSC cannot listen at"):
        OscInput(Endpoint(host, 0), store, SystemClock(), lambda event, name: None, Complaints(print))


@st.composite
def packets(draw: st.DrawFn) -> bytes:
    """From any bytes to nearly good messages, in bundles of any shape."""
    text = st.text(max_size=9).map(lambda said: said.encode("utf-8", "surrogatepass"))
    padded = text.map(lambda said: said + bytes(4 - len(said) % 4))
    types = st.text(alphabet="ifhdsbrmtTFN[]xI", max_size=20).map(lambda said: b"," + said.encode())
    message = st.tuples(padded, types.map(lambda said: said + bytes(4 - len(said) % 4)), st.binary(max_size=80)).map(
        lambda parts: b"/" + parts[0][1:] + parts[1] + parts[2]
    )
    size = st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1))
    packet = st.recursive(
        st.one_of(st.binary(max_size=60), message),
        lambda inner: st.lists(st.tuples(inner, size), max_size=4).map(
            lambda parts: BUNDLE + NOW + b"".join(
                struct.pack(">i", len(part) if size is None else size) + part for part, size in parts
            )
        ),
    )  # fmt: skip
    return draw(packet)


@given(packets())
@example(BUNDLE + NOW + struct.pack(">i", -4) + b"/abc")
@example(BUNDLE + NOW + struct.pack(">i", 0) * 2000)
@example((BUNDLE + NOW + struct.pack(">i", 8000)) * 400)
@example(b"/\xff\0\0,i\0\0\0\0\0\1")
@example(b"/a\0\0," + b"f" * 8000)
@example(b"/a\0\0,b\0\0" + struct.pack(">i", -9))
@example(b"/a\0\0,t\0\0" + b"\xff" * 8)
@example(b"/" * 9000)
def test_no_packet_does_more_than_be_refused(packet):
    try:
        messages = messages_of(packet)
    except ControlError:
        return
    for address, arguments in messages:
        assert address.startswith("/")
        assert isinstance(arguments, tuple)


@given(
    st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=20), st.floats(width=32, allow_nan=False)
)
def test_what_is_packed_is_read_back(name, value):
    assert messages_of(packet_of(("/" + name, (value, "x")))) == [("/" + name, (value, "x"))]


def test_a_stranger_cannot_fill_the_log():
    said: list[str] = []
    complaints = Complaints(said.append)
    for number in range(100):
        complaints.add(f"nonsense {number}")
    assert (len(said), complaints.count) == (MOST_SAID, 100)
