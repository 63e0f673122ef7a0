"""Sinks that come and go while the show plays: opened and closed behind it."""

import threading
from collections.abc import Callable, Sequence

from instrument.clock import Clock
from instrument.engine.behind import behind
from instrument.engine.messages import MessageLog
from instrument.engine.sink_runner import SinkRunner
from instrument.engine.snapshot import Lamp
from instrument.errors import InstrumentError
from instrument.outputs.sink import Sink, StreamFormat


class SinkRack:
    """The sinks in use. Commands from any thread; none blocks. `changed` is told of every new set."""

    def __init__(
        self,
        stream: StreamFormat,
        messages: MessageLog,
        changed: Callable[[Sequence[SinkRunner]], None],
        clock: Clock,
        span_s: float,
        gone: Callable[[str, bool], None] = lambda _label, _by_hand: None,
    ) -> None:
        """`span_s` is how far back the delays of the sinks reach.

        `gone` is told the label of a sink that is in use no longer without `close`, and whether by hand: closed at its
        far end, or it did not open. From another thread.
        """
        self._messages, self._changed, self._gone = messages, changed, gone
        self._runner: Callable[[Sink], SinkRunner] = lambda sink: SinkRunner(
            sink, stream, messages, clock, span_s, self._leave
        )
        self._runners: tuple[SinkRunner, ...] = ()
        self._opening: tuple[SinkRunner, ...] = ()
        self._lock = threading.Lock()

    @property
    def runners(self) -> tuple[SinkRunner, ...]:
        """All that are in use."""
        return self._runners

    def add(self, sink: Sink) -> SinkRunner:
        """Put a sink among the others, not yet open."""
        runner = self._runner(sink)
        with self._lock:
            self._runners = (*self._runners, runner)
        return runner

    def open(self, make: Callable[[], Sink], label: str) -> threading.Thread:
        """Open a sink in the background and send to it; a failure becomes a message."""
        return behind(f"open {label}", self._messages, lambda: self._open(make))

    def close(self, label: str) -> threading.Thread:
        """Send no more to the sinks of that label, and close them in the background; those that still open, then."""
        with self._lock:
            self._opening = tuple(runner for runner in self._opening if runner.label != label)
        leaving = tuple(runner for runner in self._runners if runner.label == label)
        self._drop(leaving)

        def work() -> None:
            for runner in leaving:
                runner.close()
                self._messages.say(Lamp.GOOD, f"{label}: closed")

        return behind(f"close {label}", self._messages, work)

    def _open(self, make: Callable[[], Sink]) -> None:
        runner = self._runner(make())
        with self._lock:
            self._opening = (*self._opening, runner)
        try:
            runner.open()
        except InstrumentError:
            with self._lock:
                self._opened(runner)
            self._gone(runner.label, False)
            raise
        with self._lock:
            wanted = self._opened(runner)
            self._runners = (*self._runners, runner) if wanted else self._runners
        if not wanted:
            runner.close()
            return
        self._changed(self._runners)
        self._messages.say(Lamp.GOOD, f"sending to {runner.label}")
        if runner.has_left:  # before it was among the others
            self._drop((runner,))

    def _opened(self, runner: SinkRunner) -> bool:
        """It opens no more; False if somebody closed it meanwhile. Under the lock."""
        wanted = runner in self._opening
        self._opening = tuple(other for other in self._opening if other is not runner)
        return wanted

    def _leave(self, runner: SinkRunner) -> None:
        """Send no more to one that was closed at its far end."""
        self._drop((runner,))
        self._gone(runner.label, True)

    def _drop(self, leaving: Sequence[SinkRunner]) -> None:
        with self._lock:
            self._runners = tuple(runner for runner in self._runners if runner not in leaving)
        self._changed(self._runners)
