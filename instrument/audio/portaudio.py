"""PortAudio, by way of sounddevice: the listing and the two kinds of stream. Used in the audio child only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from instrument.audio.devices import Device, Direction
from instrument.audio.ring import SharedRing
from instrument.clock import Clock
from instrument.errors import AudioError

SANE_LATENCY_S = 0.5
"""Longer ones are not believed: for some JACK clients PortAudio reports a day."""

Fill = Callable[[npt.NDArray[np.float32]], None]
"""Writes the next ``(block_size, channels)`` to be heard into its argument."""


class Stream:
    """An open device with its signs of life. Owned by the child's main thread; the callback only stamps."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stream: Any = None
        self.last_callback_s = clock.now_s()
        self.last_sound_s = clock.now_s()
        """When the input last was anything but exact zeros."""
        self.heard = False
        """Whether it ever was."""

    @property
    def active(self) -> bool:
        """What PortAudio thinks of it; it may be wrong."""
        return bool(self._stream.active)

    def close(self) -> None:
        """Close the device. Can hang for minutes once the device has gone: call it from a thread that may be left."""
        self._stream.abort()
        self._stream.close()

    def open_input(self, device: Device, picked: tuple[int, ...], ring: SharedRing) -> None:
        """Record channels `picked` (from 0) of `device` into `ring`. Raises AudioError."""
        columns = list(picked)
        width = max(columns) + 1
        whole = columns == list(range(width))
        last_time_s = ring.last_time_s
        block_s = ring.shape.block_size / ring.shape.sample_rate

        def callback(indata: npt.NDArray[np.float32], _count: int, time: Any, _status: Any) -> None:
            nonlocal last_time_s
            now_s = self._clock.now_s()
            captured_s = now_s - input_delay_s(time.currentTime - time.inputBufferAdcTime, block_s)
            lost = 0
            if self.last_callback_s == opened_s and last_time_s is not None:
                lost = max(0, round((captured_s - last_time_s - block_s) * ring.shape.sample_rate))
            ring.write(indata if whole else indata[:, columns], captured_s, lost)
            ring.beat(now_s)
            self.last_callback_s = now_s
            if indata.any():
                self.last_sound_s, self.heard = now_s, True

        opened_s = self.last_callback_s
        self._start("InputStream", device, width, ring, callback)

    def open_output(self, device: Device, fill: Fill, ring: SharedRing) -> None:
        """Play what `fill` gives on the first two channels of `device`, or both mixed on its only one."""
        mono = device.output_channels == 1
        stereo = np.zeros((ring.shape.block_size, 2), np.float32)

        def callback(outdata: npt.NDArray[np.float32], _count: int, _time: Any, _status: Any) -> None:
            self.last_callback_s = self._clock.now_s()
            ring.beat(self.last_callback_s)
            if mono:
                fill(stereo)
                outdata[:, 0] = 0.5 * (stereo[:, 0] + stereo[:, 1])
            else:
                fill(outdata)

        self._start("OutputStream", device, 1 if mono else 2, ring, callback)

    def _start(self, kind: str, device: Device, channels: int, ring: SharedRing, callback: object) -> None:
        sd = _sounddevice()
        # Windows' shared mode refuses any rate but the mixer's unless asked to convert.
        converting = device.host_api == "Windows WASAPI"
        settings = sd.WasapiSettings(auto_convert=True) if converting else None
        with _foreign_errors(f"{device.name}: cannot open {channels} channels at {ring.shape.sample_rate} Hz"):
            self._stream = getattr(sd, kind)(
                device=device.index,
                channels=channels,
                samplerate=ring.shape.sample_rate,
                blocksize=ring.shape.block_size,
                dtype="float32",
                latency="low",
                extra_settings=settings,
                callback=callback,
            )
            self._stream.start()


def input_delay_s(reported_s: float, block_s: float) -> float:
    """How old the newest sample of a block is when the callback gets it.

    `reported_s` is the driver's word on the age of the oldest one; where that makes no sense the answer is 0.

    >>> round(input_delay_s(0.025, 0.020), 6)
    0.005
    >>> input_delay_s(89478.48, 0.020)
    0.0
    """
    delay_s = reported_s - block_s
    return delay_s if 0.0 <= delay_s < SANE_LATENCY_S else 0.0


def query_devices() -> tuple[Device, ...]:
    """All devices PortAudio found when this process initialised it. Raises AudioError without a PortAudio library."""
    sd = _sounddevice()
    with _foreign_errors("the sound devices cannot be listed"):
        apis = [api["name"] for api in sd.query_hostapis()]
        rows = list(sd.query_devices())
    defaults = {kind: _default_index(kind.value) for kind in Direction}
    return tuple(
        Device(
            index=index,
            name=row["name"],
            host_api=apis[row["hostapi"]],
            input_channels=row["max_input_channels"],
            output_channels=row["max_output_channels"],
            sample_rate=round(row["default_samplerate"]),
            is_default_input=index == defaults[Direction.INPUT],
            is_default_output=index == defaults[Direction.OUTPUT],
        )
        for index, row in enumerate(rows)
    )


def _default_index(kind: str) -> int:
    sd = _sounddevice()
    try:
        return int(sd.query_devices(kind=kind)["index"])
    except (sd.PortAudioError, ValueError):
        return -1


def _sounddevice() -> Any:
    try:
        import sounddevice
    except OSError as error:
        raise AudioError(f"no PortAudio library ({error}); on Debian and Ubuntu: apt install libportaudio2") from error
    return sounddevice


@contextmanager
def _foreign_errors(what: str) -> Iterator[None]:
    sd = _sounddevice()
    try:
        yield
    except (sd.PortAudioError, ValueError) as error:
        raise AudioError(f"{what}: {error}") from error
