"""A mood mined from a prompt while a show plays: in a process of its own, which gives way to the show."""

import subprocess
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from instrument.background import last_words, start_child
from instrument.engine.messages import MessageLog
from instrument.engine.snapshot import Lamp, PromptState
from instrument.errors import CheckpointError, InstrumentError
from instrument.mapping.mined_shelf import load_mined
from instrument.mapping.moods import MoodSet, save_moods
from instrument.mapping.repertoire import MinedMood

CHILD_MODULE = "instrument.mining.live_child"


class Prompting:
    """One prompt at a time; a new one takes the place of the one before. Commands from any thread; none blocks."""

    def __init__(self, messages: MessageLog) -> None:
        self._messages = messages
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._number = 0
        self._state = PromptState()

    @property
    def state(self) -> PromptState:
        """What is being mined, and how far it is."""
        return self._state

    def start(
        self, prompt: str, checkpoint: Path, scorer: str, moods: MoodSet, done: Callable[[MinedMood], None]
    ) -> threading.Thread:
        """Mine a mood for `prompt` beside `moods`, then call `done` with it, in a thread of its own.

        `checkpoint` is the folder of the generator that the moods belong to.
        """
        number = self._next(PromptState(prompt))

        def work() -> None:
            try:
                mood, agreement = self._mine(number, prompt, checkpoint, scorer, moods)
                if number != self._number:
                    return
                done(mood)
                self._messages.say(Lamp.GOOD, f"{mood.name}: {agreement} of fresh pictures fit its prompt")
            except InstrumentError as error:
                self._complain(number, str(error))
            except Exception as error:  # noqa: BLE001 (top of a thread: the show goes on without the mood)
                self._messages.broke("mining a mood", error)
            finally:
                self._finish(number)

        thread = threading.Thread(target=work, name="prompt", daemon=True)
        thread.start()
        return thread

    def cancel(self) -> None:
        """Call off what is being mined, if anything is."""
        self._next(PromptState())

    def _next(self, state: PromptState) -> int:
        with self._lock:
            self._number += 1
            number, self._state = self._number, state
            child, self._child = self._child, None
        if child is not None:
            child.kill()
        return number

    def _mine(self, number: int, prompt: str, checkpoint: Path, scorer: str, moods: MoodSet) -> tuple[MinedMood, str]:
        with tempfile.TemporaryDirectory(prefix="instrument-prompt-") as name:
            present, out = Path(name) / "moods.safetensors", Path(name) / "mined.safetensors"
            save_moods(present, moods)
            arguments = {"checkpoint": checkpoint, "moods": present, "out": out, "prompt": prompt, "scorer": scorer}
            self._run_child(number, prompt, [f"--{option}={value}" for option, value in arguments.items()])
            (mood,), words = load_mined(out)
            if words.get("trouble"):
                self._messages.say(Lamp.WARN, words["trouble"])
            return mood, f"{float(words['agreement']):.0%}"

    def _run_child(self, number: int, prompt: str, arguments: list[str]) -> None:
        try:
            child = start_child(CHILD_MODULE, arguments)
        except OSError as error:
            raise CheckpointError(f"the prompt could not be mined: {error}") from error
        with self._lock:
            superseded = number != self._number
            if not superseded:
                self._child = child
        if superseded:
            child.kill()
        with child:
            assert child.stdout is not None
            assert child.stderr is not None
            for line in child.stdout:
                with suppress(ValueError):
                    self._advance(number, PromptState(prompt, float(line)))
            errors = child.stderr.read()
        if child.returncode != 0:
            raise CheckpointError(f"the prompt could not be mined: {last_words(child.returncode, errors)}")

    def _advance(self, number: int, state: PromptState) -> None:
        with self._lock:
            if number == self._number:
                self._state = state

    def _complain(self, number: int, text: str) -> None:
        # One that was called off fails, too; nobody needs to hear of that.
        if number == self._number:
            self._messages.say(Lamp.BAD, text)

    def _finish(self, number: int) -> None:
        with self._lock:
            if number == self._number:
                self._state, self._child = PromptState(), None
