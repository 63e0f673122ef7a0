"""Stands in for a sound card: a JACK client in a process of its own that clicks at random and says when it did.

``python -m instrument.tools.bench.clicker NAME``; it writes ``ready``, clicks until its input is closed, and writes the
times of its clicks as one line of JSON. Needs the package JACK-Client.
"""

import json
import sys

import numpy as np
import numpy.typing as npt

from instrument.clock import SystemClock

FIRST_S = 2.5
SHORTEST_S, LONGEST_S = 0.6, 1.1
"""Between two clicks: uneven, so that they fall anywhere in hops and frames, and no beat is found in them."""
CLICK_S = 0.06
FLOOR = 1e-4


def click(sample_rate: int) -> npt.NDArray[np.float32]:
    """A drum-like knock, ``(n,)``: noise at first, then a low tone."""
    time_s = np.arange(round(CLICK_S * sample_rate)) / sample_rate
    noise = np.random.default_rng(2).standard_normal(len(time_s)) * np.exp(-300.0 * time_s)
    return (0.4 * noise.clip(-2.0, 2.0) + 0.5 * np.sin(2.0 * np.pi * 90.0 * time_s) * np.exp(-50.0 * time_s)).astype(
        np.float32
    )


class Clicker:
    """Fills periods with a noise floor and clicks. A sample of a period is as old as it would be from a sound card.

    A card hands a period over when its last sample has come: sample i of n has then been there for (n - i) / rate.
    """

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self._click = click(sample_rate)
        self._rng = np.random.default_rng(1)
        self._noise = (FLOOR * self._rng.standard_normal(sample_rate)).astype(np.float32)
        self._place = 0
        self._next = round(FIRST_S * sample_rate)
        self.times_s: list[float] = []

    def fill(self, out: npt.NDArray[np.float32], now_s: float) -> None:
        """Write one period ``(n,)`` that is handed over at `now_s`."""
        size = len(out)
        out[:] = self._noise[(self._place + np.arange(size)) % len(self._noise)]
        if self._next < self._place + size and self._next >= self._place:
            self.times_s.append(now_s - (self._place + size - self._next) / self._sample_rate)
        begin, end = max(self._next, self._place), min(self._next + len(self._click), self._place + size)
        if begin < end:
            out[begin - self._place : end - self._place] += self._click[begin - self._next : end - self._next]
        self._place += size
        if self._place >= self._next + len(self._click):
            self._next = self._place + round(self._rng.uniform(SHORTEST_S, LONGEST_S) * self._sample_rate)


def main(name: str) -> None:
    """Click until standard input is closed."""
    import jack

    client, clock = jack.Client(name, no_start_server=True), SystemClock()
    ports = [client.outports.register(f"in_{number}", is_physical=True, is_terminal=True) for number in (1, 2)]
    clicker = Clicker(client.samplerate)

    def process(_size: int) -> None:
        clicker.fill(ports[0].get_array(), clock.now_s())
        ports[1].get_array()[:] = ports[0].get_array()

    client.set_process_callback(process)
    with client:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()
    sys.stdout.write(json.dumps(clicker.times_s) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
