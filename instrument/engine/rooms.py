"""Rooms on disk, one file an input in the user's own folder; and the sound check that fills it, run by the ears."""

import hashlib
import threading
from pathlib import Path

from instrument.disk.documents import DocumentKind, Fields, file_stem, finite
from instrument.engine.behind import behind
from instrument.engine.listening import ListeningChain
from instrument.engine.messages import MessageLog
from instrument.engine.snapshot import Lamp, SoundCheckState
from instrument.errors import AudioError, InstrumentError
from instrument.features.corpus import CORPUS
from instrument.features.room import Bounds, Room, believable

ROOM_FILE = DocumentKind("latent-instrument room", 1, AudioError)


class RoomShelf:
    """Keeps the room of every input by the input's name."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when something is kept."""
        self._folder = folder
        self._writing = threading.Lock()

    def path(self, label: str) -> Path:
        """Where the room of the input `label` is kept; names that look alike as files stay apart."""
        mark = hashlib.sha256(label.encode()).hexdigest()[:8]
        return self._folder / f"{file_stem(label)}-{mark}.json"

    def load(self, label: str) -> Room | None:
        """The room of an input; None if none was kept. Raises AudioError in one line for a file that is none."""
        path = self.path(label)
        if not path.exists():
            return None
        room = _room_of(ROOM_FILE.read(path))
        if room is None:
            raise AudioError(f"{path.name} holds no room that a sound check can have found")
        return room

    def keep(self, label: str, room: Room | None) -> None:
        """Keep a room, or forget it. Raises AudioError; blocks on the disk."""
        path = self.path(label)
        with self._writing:
            if room is not None:
                named = {corpus.name: bounds for corpus, bounds in zip(CORPUS, room.ranges, strict=False)}
                ROOM_FILE.write(
                    path,
                    {"input": label, "gate_db": room.gate_db, "auto_gain_db": room.auto_gain_db, "ranges": named},
                )
                return
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise AudioError(f"{path.name} cannot be removed: {error.strerror}") from error


def _room_of(fields: Fields) -> Room | None:
    gate_db, auto_gain_db, named = (fields.get(name) for name in ("gate_db", "auto_gain_db", "ranges"))
    gate, auto_gain = finite(gate_db), finite(auto_gain_db)
    if gate is None or auto_gain is None or not isinstance(named, dict):
        return None
    ranges: list[Bounds] = []
    for corpus in CORPUS if named else ():
        pair = named.get(corpus.name)
        numbers = [finite(value) for value in pair] if isinstance(pair, list) else []
        match numbers:
            case [float(low), float(high)]:
                ranges.append((low, high))
            case _:
                return None
    room = Room(gate, auto_gain, tuple(ranges))
    return room if believable(room) else None


class RoomKeeper:
    """Runs the sound check of what is listened to, and brings each input's own room with it.

    Owned by the ears' thread, but `state` may be read from any. Without a shelf nothing is kept.
    """

    def __init__(self, shelf: RoomShelf | None, messages: MessageLog) -> None:
        self._shelf = shelf
        self._messages = messages
        self._label = ""
        self._before: list[tuple[Room | None, tuple[Bounds, ...]]] = []
        self._at_start: tuple[Room | None, tuple[Bounds, ...]] = (None, ())
        self.state = SoundCheckState()
        """What is shown of it."""

    def welcome(self, chain: ListeningChain, label: str, gain_db: float) -> None:
        """Another input is listened to: bring its room."""
        self._label, self._before = label, []
        try:
            room = self._shelf.load(label) if self._shelf else None
        except InstrumentError as error:
            room = None
            self._messages.say(Lamp.WARN, f"sound check not used: {error}")
        if room is not None:
            chain.use_room(room, gain_db)
        self._show(chain)

    def start(self, chain: ListeningChain) -> None:
        """Begin a sound check."""
        self._at_start = chain.room, chain.bounds
        chain.start_check()
        self._messages.say(Lamp.GOOD, "sound check: listening to the room")
        self._show(chain)

    def follow(self, chain: ListeningChain, gain_db: float) -> None:
        """After every block: show how far it is, and end it when it is done."""
        progress = chain.check_progress
        if progress is not None and progress >= 1.0:
            room = chain.end_check(gain_db)
            assert room is not None  # one ran
            self._before.append(self._at_start)
            chain.use_room(room, gain_db)
            self._keep(room)
            self._messages.say(Lamp.GOOD, room_text(room))
        if progress is not None:
            self._show(chain)

    def undo(self, chain: ListeningChain) -> None:
        """Call off the check that runs; or else go back to what was before the last one."""
        if chain.check_progress is not None:
            chain.cancel_check()
            self._messages.say(Lamp.GOOD, "sound check called off")
        elif self._before:
            room, bounds = self._before.pop()
            chain.use_room(room)
            chain.use_bounds(bounds)
            self._keep(room)
            self._messages.say(Lamp.GOOD, "last sound check undone")
        elif chain.room is not None:
            chain.use_room(None)
            self._keep(None)
            self._messages.say(Lamp.GOOD, "sound check of another day forgotten")
        else:
            self._messages.say(Lamp.WARN, "no sound check to undo")
        self._show(chain)

    def _show(self, chain: ListeningChain) -> None:
        self.state = SoundCheckState(chain.check_progress, chain.room is not None)

    def _keep(self, room: Room | None) -> None:
        shelf, label = self._shelf, self._label
        if shelf is not None:
            behind("keeping the sound check", self._messages, lambda: shelf.keep(label, room))


def room_text(room: Room) -> str:
    """For the performer.

    >>> room_text(Room(-52.0, 0.0, ()))
    'sound check done: noise below -52 dB; no music was heard'
    """
    ranges = "ranges of the music set" if room.ranges else "no music was heard"
    return f"sound check done: noise below {room.gate_db:.0f} dB; {ranges}"
