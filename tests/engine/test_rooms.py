"""A sound check from its beginning to the next start, and files that are none."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from instrument.audio.source import AudioBlock
from instrument.clock import ManualClock
from instrument.engine.listening import EarSettings, ListeningChain
from instrument.engine.messages import MessageLog
from instrument.engine.rooms import RoomKeeper, RoomShelf
from instrument.engine.snapshot import Lamp, SoundCheckState
from instrument.errors import AudioError
from instrument.features.corpus import CORPUS
from instrument.features.room import CHECK_S, Room

RATE, HOP_SIZE = 8_000, 1024
RANGES = tuple((corpus.domain(corpus.low), corpus.domain(corpus.high)) for corpus in CORPUS)
ROOM = Room(-48.0, 2.0, RANGES)
WaitUntil = Callable[[Callable[[], bool]], None]


@pytest.fixture
def messages() -> MessageLog:
    return MessageLog(ManualClock())


def play(chain: ListeningChain, keeper: RoomKeeper, seconds: float) -> None:
    """Noise of a wandering level, as the ears play it."""
    rng = np.random.default_rng(2)
    for _ in range(round(seconds * RATE / HOP_SIZE) + 1):
        block = rng.uniform(0.05, 0.3) * rng.standard_normal((HOP_SIZE, 1))
        chain.process(AudioBlock(block.astype(np.float32), 0.0), EarSettings())
        keeper.follow(chain, 0.0)


def test_a_room_comes_back_as_it_was(tmp_path: Path) -> None:
    shelf = RoomShelf(tmp_path / "rooms")
    assert shelf.load("Scarlett: Line 1/2") is None
    shelf.keep("Scarlett: Line 1/2", ROOM)
    shelf.keep("scarlett line 1 2", Room(-50.0, 0.0, ()))
    assert shelf.load("Scarlett: Line 1/2") == ROOM
    assert shelf.load("scarlett line 1 2") == Room(-50.0, 0.0, ())
    shelf.keep("Scarlett: Line 1/2", None)
    shelf.keep("Scarlett: Line 1/2", None)
    assert shelf.load("Scarlett: Line 1/2") is None


@pytest.mark.parametrize(
    "change",
    [
        {"gate_db": None}, {"gate_db": -10.0}, {"gate_db": True}, {"auto_gain_db": "loud"}, {"ranges": [1, 2]},
        {"ranges": {"rms": [-30.0, -10.0]}}, {"version": 2}, {"format": "something else"},
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_and_told(
    tmp_path: Path, messages: MessageLog, change: dict[str, object]
) -> None:
    shelf = RoomShelf(tmp_path)
    shelf.keep("in", ROOM)
    path = shelf.path("in")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(AudioError):
        shelf.load("in")
    chain, keeper = ListeningChain(RATE, HOP_SIZE), RoomKeeper(shelf, messages)
    keeper.welcome(chain, "in", 0.0)
    assert chain.room is None
    assert messages.lines()[-1].lamp is Lamp.WARN


def test_thirty_seconds_then_in_use_then_back_at_the_next_start(
    tmp_path: Path, messages: MessageLog, wait_until: WaitUntil
) -> None:
    shelf = RoomShelf(tmp_path)
    chain, keeper = ListeningChain(RATE, HOP_SIZE), RoomKeeper(shelf, messages)
    keeper.welcome(chain, "in", 0.0)
    assert keeper.state == SoundCheckState(None, in_use=False)
    play(chain, keeper, 2.0)
    before = chain.bounds
    keeper.start(chain)
    assert keeper.state.progress == 0.0
    play(chain, keeper, 0.5 * CHECK_S)
    assert keeper.state.progress == pytest.approx(0.5, abs=0.02)
    play(chain, keeper, 0.5 * CHECK_S)
    assert keeper.state == SoundCheckState(None, in_use=True)
    assert messages.lines()[-1].text.startswith("sound check done: noise below")
    room = chain.room
    assert room is not None
    assert len(room.ranges) == len(CORPUS)
    wait_until(lambda: shelf.path("in").exists())
    assert shelf.load("in") == room

    again, other = ListeningChain(RATE, HOP_SIZE), RoomKeeper(shelf, messages)
    other.welcome(again, "in", 0.0)
    assert other.state.in_use
    # A range is never narrower than a share of the corpus range; its middle stays.
    np.testing.assert_allclose(np.mean(again.bounds, axis=1), np.mean(room.ranges, axis=1))
    other.welcome(ListeningChain(RATE, HOP_SIZE), "another input", 0.0)
    assert not other.state.in_use

    keeper.undo(chain)
    assert keeper.state == SoundCheckState(None, in_use=False)
    np.testing.assert_allclose(chain.bounds, before)
    wait_until(lambda: not shelf.path("in").exists())


def test_undo_calls_off_what_runs_then_goes_back_then_has_nothing(messages: MessageLog) -> None:
    chain, keeper = ListeningChain(RATE, HOP_SIZE), RoomKeeper(None, messages)
    keeper.welcome(chain, "in", 0.0)
    chain.use_room(ROOM)
    keeper.start(chain)
    keeper.undo(chain)
    assert messages.lines()[-1].text == "sound check called off"
    assert chain.room == ROOM
    keeper.undo(chain)
    assert chain.room is None
    keeper.undo(chain)
    assert messages.lines()[-1].text == "no sound check to undo"


def test_a_folder_that_cannot_be_written_is_told_and_the_room_plays_on(
    tmp_path: Path, messages: MessageLog, wait_until: WaitUntil
) -> None:
    (tmp_path / "rooms").write_text("a file where the folder should be")
    chain, keeper = ListeningChain(RATE, HOP_SIZE), RoomKeeper(RoomShelf(tmp_path / "rooms"), messages)
    keeper.welcome(chain, "in", 0.0)
    keeper.start(chain)
    play(chain, keeper, CHECK_S)
    assert keeper.state.in_use
    wait_until(lambda: any("cannot be written" in line.text for line in messages.lines()))
