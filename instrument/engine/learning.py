"""A lesson learned while playing: in a process of its own, which gives way to the show, and kept on disk behind it."""

import subprocess
import tempfile
import threading
from pathlib import Path

from instrument.background import last_words, start_child
from instrument.engine.behind import behind
from instrument.engine.messages import MessageLog
from instrument.engine.snapshot import Lamp
from instrument.errors import CheckpointError
from instrument.mapping.lesson import Lesson, save_lesson
from instrument.mapping.network import MoodNetwork, load_network_alone, save_network
from instrument.mapping.shelf import TaughtShelf
from instrument.mapping.teaching import Teaching

CHILD_MODULE = "instrument.mapping.relearning_child"
PATIENCE_S = 30.0
"""A refit takes a second; a child that takes so long is stuck."""

_WRITING = threading.Lock()
"""One writer at a time: the last command's state is what stays on disk."""


def learn_in_background(teaching: Teaching, shelf: TaughtShelf | None, messages: MessageLog) -> threading.Thread | None:
    """Learn what was collected without keeping anybody waiting; a failure leaves everything as it is.

    None, and a message, if there is nothing to learn.
    """
    try:
        network, lesson = teaching.begin()
    except CheckpointError as error:
        messages.say(Lamp.WARN, str(error))
        return None

    def work() -> None:
        learned: MoodNetwork | None = None
        try:
            learned = relearn_apart(network, lesson)
        finally:
            teaching.end(learned)
        messages.say(Lamp.GOOD, f"learned {len(lesson.moods)} examples")
        _keep(teaching, shelf)

    return behind("learning", messages, work)


def keep_in_background(teaching: Teaching, shelf: TaughtShelf | None, messages: MessageLog) -> threading.Thread:
    """Bring the disk up to what is taught now, after an undo."""
    return behind("keeping what was taught", messages, lambda: _keep(teaching, shelf))


def relearn_apart(network: MoodNetwork, lesson: Lesson) -> MoodNetwork:
    """`relearn` in a child process: in this one it would hold the interpreter that the picture and sound need.

    Blocks for about a second. Raises CheckpointError if the child fails.
    """
    with tempfile.TemporaryDirectory(prefix="instrument-lesson-") as name:
        paths = [Path(name) / part for part in ("network.safetensors", "lesson.safetensors", "learned.safetensors")]
        save_network(paths[0], network)
        save_lesson(paths[1], lesson)
        _run_child([str(path) for path in paths])
        return load_network_alone(paths[2])


def _run_child(arguments: list[str]) -> None:
    try:
        child = start_child(CHILD_MODULE, arguments)
    except OSError as error:
        raise CheckpointError(f"the lesson could not be learned: {error}") from error
    with child:
        try:
            _, errors = child.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            child.kill()
            raise CheckpointError(f"the lesson could not be learned: {error}") from error
    if child.returncode != 0:
        raise CheckpointError(f"the lesson could not be learned: {last_words(child.returncode, errors)}")


def _keep(teaching: Teaching, shelf: TaughtShelf | None) -> None:
    if shelf is not None:
        with _WRITING:
            shelf.keep(teaching.taught)
