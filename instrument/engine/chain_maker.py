"""Makes picture chains: the moods of a checkpoint with what the player has taught them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from instrument.clock import Clock
from instrument.engine.messages import MessageLog
from instrument.engine.picturing import PictureChain
from instrument.engine.snapshot import Lamp
from instrument.generator.protocol import Generator
from instrument.mapping.mined_shelf import MinedShelf
from instrument.mapping.moods import MoodSet
from instrument.mapping.network import MoodNetwork
from instrument.mapping.repertoire import Repertoire, network_for
from instrument.mapping.shelf import TaughtShelf
from instrument.mapping.teaching import Teaching


@dataclass(frozen=True, slots=True)
class OwnFolders:
    """Where the player's own is kept: lessons and moods mined during play, of all checkpoints, and sound checks."""

    taught: Path
    mined: Path
    rooms: Path


@dataclass(frozen=True, slots=True)
class ChainMaker:
    """`own` None keeps nothing beyond the end of the show."""

    messages: MessageLog
    clock: Clock
    seed: int
    own: OwnFolders | None = None

    def make(self, repertoire: Repertoire, generator: Generator, size_px: int | None = None) -> PictureChain:
        """A chain for a model, with its lessons; those that cannot be played become a message."""
        shelf = self.taught_shelf(repertoire.moods)
        taught, trouble = shelf.load() if shelf else ((), "")
        if trouble:
            self.messages.say(Lamp.WARN, trouble)
        return self._chain(repertoire, generator, size_px, taught)

    def changed(self, chain: PictureChain, repertoire: Repertoire) -> PictureChain:
        """`chain` with other moods: lessons are kept, and heard in the moods that both have."""
        taught = [network_for(network, repertoire.moods.names) for network in chain.teaching.taught]
        return self._chain(repertoire, chain.generator, chain.size_px, taught)

    def taught_shelf(self, moods: MoodSet) -> TaughtShelf | None:
        """Where the lessons of these moods are kept."""
        return TaughtShelf(self.own.taught, moods) if self.own else None

    def mined_shelf(self, shipped: MoodSet) -> MinedShelf | None:
        """Where the moods mined beside these are kept."""
        return MinedShelf(self.own.mined, shipped) if self.own else None

    def _chain(
        self, repertoire: Repertoire, generator: Generator, size_px: int | None, taught: Sequence[MoodNetwork]
    ) -> PictureChain:
        teaching = Teaching(repertoire.full_network, taught)
        return PictureChain(repertoire, generator, self.seed, size_px, teaching, self.clock)
