"""When the ears ask for their kernel."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from instrument.audio.registry import make_source
from instrument.audio.source import SourceState
from instrument.clock import ManualClock
from instrument.engine import ears
from instrument.engine.ears import KERNEL_AFTER_S, Ears
from instrument.engine.messages import MessageLog
from instrument.features.hops import listening_kernel
from instrument.kernels import KernelLoader
from instrument.outputs.sink import StreamFormat
from instrument.params.store import ParamStore
from instrument.params.table import build_table

RATE, HOP_SIZE = 8000, 1024
WaitUntil = Callable[[Callable[[], bool]], None]


@pytest.mark.parametrize(("seconds", "times"), [(KERNEL_AFTER_S - 1.0, 0), (KERNEL_AFTER_S + 4.0, 1)])
def test_the_kernel_is_asked_for_once_the_show_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait_until: WaitUntil, seconds: float, times: int
) -> None:
    asked: list[int] = []

    def counted() -> KernelLoader:
        asked.append(listener.hops)
        return listening_kernel()

    monkeypatch.setattr(ears, "listening_kernel", counted)
    sound = np.random.default_rng(0).uniform(-0.3, 0.3, round(seconds * RATE)).astype(np.float32)
    soundfile.write(tmp_path / "sound.wav", sound, RATE, subtype="FLOAT")
    clock = ManualClock()
    source = make_source(f"file:{tmp_path / 'sound.wav'}", clock, block_size=HOP_SIZE)
    source.open()
    listener = Ears(source, ParamStore(build_table(())), clock, MessageLog(clock), HOP_SIZE)
    listener.start((), StreamFormat(64, 64, 30.0, RATE, 1))
    wait_until(lambda: source.state is SourceState.ENDED and listener.hops >= len(sound) // HOP_SIZE)
    listener.close()
    assert len(asked) == times
    assert all(hops * HOP_SIZE >= KERNEL_AFTER_S * RATE for hops in asked)
    assert listener.hops >= len(sound) // HOP_SIZE, "it went on hearing"
