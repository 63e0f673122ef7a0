"""Everything the surface may ask of the instrument behind it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from instrument.control.acts import Act
from instrument.engine.snapshot import Snapshot
from instrument.params.store import ParamStore

PADS = 8
"""Looks within reach of one hand: keys 1 to 8."""


@dataclass(frozen=True, slots=True)
class LookPad:
    """One pad, counted from 1, and the name of the look on it; None where it is empty.

    `picture` is how the look looked when it was saved, ``(height, width, 3)`` uint8; None if that is not known.
    """

    pad: int
    name: str | None
    picture: npt.NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model that could be played: its name, and the sheet of its pictures, if it has one."""

    name: str
    sheet: Path | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen by `name`; `reason` says why it cannot be used here, empty if it can."""

    name: str
    help: str
    reason: str = ""
    argument: str = ""
    """What may be said beside the name, such as a path; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What belongs to this machine. Hop and frame rate are those of the next start."""

    model: str
    engine: str
    engines: tuple[Choice, ...]
    outputs: tuple[Choice, ...]
    sending: tuple[str, ...]
    """Outputs in use, by name."""
    hop_size: int
    hop_sizes: tuple[int, ...]
    frame_rate_hz: float
    osc: str = ""
    """Where OSC is listened to; empty: nowhere."""
    displays: tuple[Choice, ...] = ()
    """Displays as last seen, the main one first."""
    display: str = ""
    """The one that the window fills, by name; empty: the second."""


class Deck(Protocol):
    """The instrument as the surface sees it. Called from the main thread only; no method may block."""

    @property
    def store(self) -> ParamStore:
        """The values the controls show and write."""
        ...

    def snapshot(self) -> Snapshot:
        """The newest picture of the engine."""
        ...

    def act(self, act: Act, sender: str) -> None:
        """Do what a key can ask for; `sender` is who the store says made the change."""
        ...

    def toggle_pause(self) -> None:
        """Hold the source, or let it go on."""
        ...

    def open_source(self, text: str) -> None:
        """Change to ``synth``, ``file:PATH`` or ``live:NAME``; what goes wrong arrives as a message."""
        ...

    def models(self) -> tuple[ModelCard, ...]:
        """Models that could be played."""
        ...

    def open_model(self, name: str) -> None:
        """Change to another model; what goes wrong arrives as a message, and the old one plays on."""
        ...

    def machine(self) -> Machine:
        """What belongs to this machine, as it is set."""
        ...

    def change_engine(self, name: str) -> None:
        """Run the network on another engine; what goes wrong arrives as a message, and the old one plays on."""
        ...

    def set_output(self, name: str, argument: str, on: bool) -> None:
        """Send to an output, or no longer; what goes wrong arrives as a message."""
        ...

    def set_osc(self, text: str) -> None:
        """Listen to OSC at ``PORT`` or ``HOST:PORT``, or, where that is empty, no longer; what goes wrong arrives as a
        message."""
        ...

    def toggle_window(self) -> bool:
        """The picture alone on the chosen display, or no longer; False where there is no second display."""
        ...

    def choose_display(self, name: str) -> None:
        """Where the window goes; empty: the second display. One that is open moves there."""
        ...

    def set_next_start(self, hop_size: int, frame_rate_hz: float) -> None:
        """The hop and the frame rate of the next start."""
        ...

    def input_names(self) -> tuple[str, ...]:
        """Inputs that could be opened, as last known: looking anew may happen behind it."""
        ...

    def looks(self) -> tuple[LookPad, ...]:
        """The pads, in order."""
        ...

    def save_look(self, pad: int, name: str) -> None:
        """Keep the present values on `pad` as `name`."""
        ...

    def rename_look(self, pad: int, name: str) -> None:
        """Give the look on `pad` another name; an empty pad does nothing."""
        ...

    def undo_look(self) -> None:
        """Take back the last recall, save or rename; a message says which, or that there is none."""
        ...

    def recall_look(self, pad: int) -> None:
        """Play the look on `pad`; an empty pad does nothing."""
        ...

    def current_look(self) -> tuple[int | None, bool]:
        """The pad recalled or saved last, and whether a hand has changed a value since."""
        ...

    def learn(self, parameter: str | None) -> None:
        """Bind the next controller that moves to `parameter`; None calls it off."""
        ...

    def learning(self) -> str | None:
        """The parameter that waits for a controller."""
        ...

    def bindings(self, parameter: str) -> str:
        """What moves `parameter`, as a short badge such as ``CC 16``; empty if nothing does."""
        ...

    def forget(self, parameter: str) -> None:
        """Take every controller off `parameter`."""
        ...

    def hold_mood(self, mood: str | None) -> None:
        """Collect the sound from now on as an example of `mood`; None lets go. `Snapshot.teaching` shows it."""
        ...

    def learn_taught(self) -> None:
        """Learn what was collected, in the background; what goes wrong arrives as a message."""
        ...

    def undo_teaching(self) -> None:
        """Go back to the mapping before the last lesson."""
        ...

    def toggle_taught(self) -> None:
        """Change between the shipped mapping and the taught one, to compare."""
        ...

    def mine_prompt(self, text: str) -> None:
        """Mine a mood from `text` in the background: `Snapshot.prompt` shows how far it is, and then its row appears
        in `store.table`. An empty text calls off what is being mined. What goes wrong arrives as a message."""
        ...

    def forget_mood(self, mood: str) -> None:
        """Take a mood that was mined live away again; one that the checkpoint brought stays, and a message says so."""
        ...

    def tap_tempo(self) -> None:
        """One tap on the beat, now."""
        ...

    def halve_tempo(self) -> None:
        """The beat is half as fast as believed."""
        ...

    def double_tempo(self) -> None:
        """The beat is twice as fast as believed."""
        ...

    def start_sound_check(self) -> None:
        """Listen to the room for 30 s, then use its ranges and its noise floor; `Snapshot.sound_check` shows it."""
        ...

    def undo_sound_check(self) -> None:
        """Go back to the ranges before the last sound check; one that still runs is called off."""
        ...
