"""Teaching by example, as far as it needs no process and no disk: collecting, learning's result, A/B and undo."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from instrument.errors import CheckpointError, candidates
from instrument.mapping.lesson import Lesson
from instrument.mapping.network import MoodNetwork

SETTLING_S = 1.0
"""Start of a hold that is not collected: what is heard there is partly the sound before."""
APART_S = 1.0 / 30.0
"""Two examples are no nearer in time; a higher frame rate does not teach more."""
MOST = 1800
"""Examples kept a mood, the newest: a minute."""

Inputs = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TeachingState:
    """What teaching is doing: the mood held, seconds collected for each mood, and whether a refit runs.

    `lessons` counts what was learned beside the shipped mapping, `playing_taught` tells which of the two plays.
    """

    held: str | None = None
    collected_s: tuple[float, ...] = ()
    learning: bool = False
    lessons: int = 0
    playing_taught: bool = False


class Teaching:
    """The networks of one checkpoint and the examples for the next. Commands from any thread; none blocks.

    `note` and `network` are for the render thread, which asks `network` before each frame and so changes over
    between two of them.
    """

    def __init__(self, shipped: MoodNetwork, taught: Sequence[MoodNetwork] = ()) -> None:
        """`taught` are earlier lessons' networks, oldest first; the newest plays."""
        self._names = shipped.names
        self._networks = [shipped, *taught]
        self._playing = len(taught)
        self._held: int | None = None
        self._held_s = 0.0
        self._since_s = 0.0
        self._examples: tuple[list[Inputs], ...] = tuple([] for _ in shipped.names)
        self._learning = False
        self._lock = threading.Lock()

    @property
    def network(self) -> MoodNetwork:
        """What plays."""
        return self._networks[self._playing]

    def hold(self, mood: str | None) -> None:
        """Collect what is heard from now on for `mood`; None lets go. Raises CheckpointError on an unknown one."""
        if mood is not None and mood not in self._names:
            raise CheckpointError(f"no mood {mood!r}; there are: {candidates(self._names)}")
        with self._lock:
            self._held = None if mood is None else self._names.index(mood)
            self._held_s, self._since_s = 0.0, APART_S

    def note(self, inputs: Inputs | None, dt_s: float) -> None:
        """What is heard now, `dt_s` after the last call; None in silence, which is no example."""
        with self._lock:
            if self._held is None or inputs is None:
                return
            self._held_s += dt_s
            self._since_s += dt_s
            if self._held_s < SETTLING_S or self._since_s < 0.9 * APART_S:
                return
            self._since_s = 0.0
            kept = self._examples[self._held]
            kept.append(inputs)
            del kept[:-MOST]

    def begin(self) -> tuple[MoodNetwork, Lesson]:
        """Take what was collected to learn it, and the network that is to learn it.

        Raises
        ------
        CheckpointError
            If nothing was collected, or an earlier lesson is still being learned.
        """
        with self._lock:
            if self._learning:
                raise CheckpointError("still learning the last lesson")
            if not any(self._examples):
                raise CheckpointError("nothing to learn: hold a mood while its sound plays, a few seconds at least")
            rows = [(row, mood) for mood, kept in enumerate(self._examples) for row in kept]
            self._learning = True
            self._held = None
            return self.network, Lesson(np.array([row for row, _ in rows]), np.array([mood for _, mood in rows]))

    def end(self, network: MoodNetwork | None) -> None:
        """The lesson is learned, or None: it failed, and its examples are kept for another try."""
        with self._lock:
            self._learning = False
            if network is not None:
                self._examples = tuple([] for _ in self._names)
                # What was learned on from an older one takes the place of the newer ones nobody plays.
                del self._networks[self._playing + 1 :]
                self._networks.append(network)
                self._playing = len(self._networks) - 1

    def undo(self) -> bool:
        """Forget the newest lesson and go back to what played before it; False if there is none."""
        with self._lock:
            if len(self._networks) == 1:
                return False
            self._networks.pop()
            self._playing = len(self._networks) - 1
            return True

    def toggle(self) -> bool:
        """Change between the shipped mapping and the newest taught one, to compare; False if there is none."""
        with self._lock:
            if len(self._networks) == 1:
                return False
            self._playing = 0 if self._playing else len(self._networks) - 1
            return True

    @property
    def taught(self) -> tuple[MoodNetwork, ...]:
        """The networks of the lessons, oldest first."""
        with self._lock:
            return tuple(self._networks[1:])

    def state(self) -> TeachingState:
        """For the surface."""
        with self._lock:
            return TeachingState(
                held=None if self._held is None else self._names[self._held],
                collected_s=tuple(len(kept) * APART_S for kept in self._examples),
                learning=self._learning,
                lessons=len(self._networks) - 1,
                playing_taught=self._playing > 0,
            )
