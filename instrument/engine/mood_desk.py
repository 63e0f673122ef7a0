"""What a player does to the moods while they play: teaches them, mines another one from a prompt, forgets it."""

from pathlib import Path

from instrument.engine.chain_maker import ChainMaker
from instrument.engine.eyes import Eyes
from instrument.engine.learning import keep_in_background, learn_in_background
from instrument.engine.messages import MessageLog
from instrument.engine.prompting import Prompting
from instrument.engine.snapshot import Lamp, PromptState
from instrument.errors import CheckpointError, InstrumentError
from instrument.mapping.moods import MOST
from instrument.mapping.repertoire import MinedMood, Repertoire


class MoodDesk:
    """Commands from any thread; none blocks, and what goes wrong becomes a message."""

    def __init__(self, eyes: Eyes, maker: ChainMaker, messages: MessageLog) -> None:
        self._eyes = eyes
        self._maker = maker
        self._messages = messages
        self._prompting = Prompting(messages)

    @property
    def prompt(self) -> PromptState:
        """What is being mined."""
        return self._prompting.state

    def hold(self, mood: str | None) -> None:
        """Collect the sound from now on as an example of `mood`; None lets go."""
        try:
            self._eyes.chain.teaching.hold(mood)
        except InstrumentError as error:
            self._messages.say(Lamp.WARN, str(error))

    def learn(self) -> None:
        """Learn what was collected, then play it; the old mapping is kept."""
        chain = self._eyes.chain
        learn_in_background(chain.teaching, self._maker.taught_shelf(chain.moods), self._messages)

    def undo_lesson(self) -> None:
        """Go back to the mapping before the last lesson."""
        chain = self._eyes.chain
        if chain.teaching.undo():
            keep_in_background(chain.teaching, self._maker.taught_shelf(chain.moods), self._messages)
            self._messages.say(Lamp.GOOD, "last lesson undone")
        else:
            self._messages.say(Lamp.WARN, "no lesson to undo")

    def toggle_taught(self) -> None:
        """Compare: change between the shipped mapping and the taught one."""
        if not self._eyes.chain.teaching.toggle():
            self._messages.say(Lamp.WARN, "nothing was taught yet")

    def mine(self, prompt: str, checkpoint: Path, scorer: str) -> None:
        """Mine a mood from `prompt` on the generator in the folder `checkpoint`; an empty one calls it off."""
        prompt = " ".join(prompt.split())
        if not prompt:
            self._prompting.cancel()
            return
        moods = self._eyes.chain.moods
        if len(moods.names) >= MOST:
            self._messages.say(Lamp.WARN, f"{MOST} moods are the most there can be: forget one first")
            return
        self._prompting.start(prompt, checkpoint, scorer, moods, lambda mood: self._add(mood, moods.fingerprint))

    def forget(self, mood: str) -> None:
        """Take a mood away that was mined during play."""
        try:
            self._change(self._eyes.chain.repertoire.without(mood), f"without {mood}")
        except CheckpointError as error:
            self._messages.say(Lamp.WARN, str(error))

    def close(self) -> None:
        """Call off what is still being mined."""
        self._prompting.cancel()

    def _add(self, mood: MinedMood, fingerprint: str) -> None:
        repertoire = self._eyes.chain.repertoire
        if repertoire.shipped.fingerprint != fingerprint:
            raise CheckpointError(f"{mood.name} was mined on the model that played before: mine it again")
        self._change(repertoire.with_mood(mood), mood.name)

    def _change(self, repertoire: Repertoire, label: str) -> None:
        chain = self._maker.changed(self._eyes.chain, repertoire)
        self._eyes.change_to(chain, label)
        shelf = self._maker.mined_shelf(repertoire.shipped)
        if shelf is not None:
            shelf.keep(repertoire.mined)
        if chain.teaching.taught:
            keep_in_background(chain.teaching, self._maker.taught_shelf(chain.moods), self._messages)
