"""What a hand can ask for beside moving a control, declared once: for the keys, for OSC, and for the lists of both."""

import threading
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Protocol

from instrument.errors import ControlError, candidates
from instrument.params.store import ParamStore
from instrument.params.table import MASTER_FADE, MOTION_FREEZE

SAFE_PAD = 1


class Act(Enum):
    """One act: its name, and its help."""

    FREEZE = "freeze", "Freeze the picture, or let it move."
    BLACKOUT = "blackout", "Blackout: everything sent out fades to black, and back."
    PANIC = "panic", "The safe look (pad 1), moving, bright."
    TAP = "tap", "Tap the tempo."
    UNDO = "undo", "Undo the last recall, save or rename of a look."

    def __init__(self, word: str, told: str) -> None:
        self.address = f"/{word}"
        self.help = told


class NamedPad(Protocol):
    """A pad, counted from 1, and the name of the look on it; None where it is empty."""

    @property
    def pad(self) -> int:
        """Its number."""
        ...

    @property
    def name(self) -> str | None:
        """What is on it."""
        ...


class Stage(Protocol):
    """The instrument as acts see it. Any thread may call it."""

    @property
    def store(self) -> ParamStore:
        """The values."""
        ...

    def looks(self) -> Sequence[NamedPad]:
        """The pads, in order."""
        ...

    def recall_look(self, pad: int) -> None:
        """Play the look on `pad`; an empty pad does nothing."""
        ...

    def undo_look(self) -> None:
        """Take back the last recall, save or rename."""
        ...

    def tap_tempo(self) -> None:
        """One tap on the beat, now."""
        ...


class Acts:
    """Does them, whoever asks. Every method may be called from any thread."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._lock = threading.Lock()
        self._before_blackout = 1.0

    def do(self, act: Act, sender: str) -> None:
        """Do `act`; `sender` is who the parameter store says made the change."""
        doing: Mapping[Act, Callable[[], None]] = {
            Act.FREEZE: lambda: self._freeze(sender),
            Act.BLACKOUT: lambda: self._blackout(sender),
            Act.PANIC: lambda: self._panic(sender),
            Act.TAP: self._stage.tap_tempo,
            Act.UNDO: self._stage.undo_look,
        }
        with self._lock:
            doing[act]()

    def recall(self, which: float | str) -> None:
        """Play a look by its pad or its name, whatever its case. Raises ControlError for a name that no look has."""
        if not isinstance(which, str):
            self._stage.recall_look(round(which))
            return
        names = {pad.name: pad.pad for pad in self._stage.looks() if pad.name is not None}
        found = next((pad for name, pad in names.items() if name.casefold() == which.casefold()), None)
        if found is None:
            raise ControlError(f"no look is called {which[:40]!r}; there are: {candidates(names)}")
        self._stage.recall_look(found)

    def _freeze(self, sender: str) -> None:
        store, spec = self._stage.store, self._stage.store.spec(MOTION_FREEZE)
        frozen = spec.normalized_of(store.get(MOTION_FREEZE)) > 0.5
        store.set(MOTION_FREEZE, spec.minimum if frozen else spec.maximum, sender)

    def _blackout(self, sender: str) -> None:
        store = self._stage.store
        light = store.get(MASTER_FADE)
        if light > 0.0:
            self._before_blackout = light
        store.set(MASTER_FADE, 0.0 if light > 0.0 else self._before_blackout, sender)

    def _panic(self, sender: str) -> None:
        store = self._stage.store
        if any(look.pad == SAFE_PAD and look.name is not None for look in self._stage.looks()):
            self._stage.recall_look(SAFE_PAD)
        else:
            store.update({name: row.default for name, row in store.table.items() if row.persisted}, sender)
        store.update({MOTION_FREEZE: store.spec(MOTION_FREEZE).minimum, MASTER_FADE: 1.0}, sender)
