"""Another model while one plays: loaded behind the show, taken over between two frames."""

import threading
from collections.abc import Callable
from typing import Protocol

from instrument.engine.behind import behind
from instrument.engine.eyes import Eyes
from instrument.engine.messages import MessageLog
from instrument.engine.picturing import PictureChain
from instrument.generator.protocol import Generator
from instrument.mapping.repertoire import Repertoire


class Playable(Protocol):
    """What a checkpoint gives to play with."""

    @property
    def generator(self) -> Generator:
        """Draws."""
        ...

    @property
    def repertoire(self) -> Repertoire:
        """Its moods, and how the sound asks for them."""
        ...

    @property
    def notice(self) -> str:
        """What the performer should know of it; empty if it is all there."""
        ...


def change_in_background(
    make: Callable[[], PictureChain], eyes: Eyes, messages: MessageLog, label: str
) -> threading.Thread:
    """Load without keeping anybody waiting, then change over; a failure leaves the old model playing."""

    return behind(f"loading {label}", messages, lambda: eyes.change_to(make(), label))
