"""Records what is played: pictures and sound into one mp4, each at the time it really had."""

import logging
import math
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from instrument.clock import wall_time_stamp
from instrument.errors import OutputError
from instrument.outputs.mp4 import VIDEO_TICKS_HZ, Mp4Writer, sound_channels
from instrument.outputs.recording_file import RecordingFile
from instrument.outputs.sink import Frame, StreamFormat
from instrument.outputs.sound_line import SoundLine

FOLDER = Path("recordings")
"""Where recordings without a path go, below the current folder."""
CRF = 18
"""x264's constant quality: 18 is taken as visually lossless, 23 is x264's own default, +6 halves the size."""
PRESET = "ultrafast"
"""Least load beside the show: `superfast` saves 3 % of the size for 1.5 times the work, `veryfast` half for 1.8."""

_SILENT_AFTER_S = 2.0
_SILENCE_BEHIND_S = 1.0

logger = logging.getLogger(__name__)


class RecordSink:
    """An mp4 recorder. The first thing that comes, picture or sound, is at second zero of the file.

    The first picture stands from second zero even if sound came before it, so that both tracks begin together.
    """

    label = "record"
    queue_frames = 30
    wants_audio = True

    def __init__(self, path: Path | None = None, *, crf: int = CRF, preset: str = PRESET) -> None:
        self._wanted = path
        self._crf = crf
        self._preset = preset
        self._file: RecordingFile | None = None
        self._writer: Mp4Writer | None = None
        self._line: SoundLine | None = None

    @classmethod
    def from_argument(cls, argument: str) -> Self:
        """The sink behind ``record`` or ``record:PATH.mp4``."""
        return cls(Path(argument) if argument else None)

    @property
    def path(self) -> Path | None:
        """Where the finished recording is or will be; None before the first `open`."""
        return self._file.path if self._file else None

    def open(self, stream: StreamFormat) -> None:
        """Create the file, and its folder, and start the encoders. Raises OutputError in one line."""
        self._file = RecordingFile.claim(self._wanted or FOLDER / wall_time_stamp())
        try:
            self._writer = Mp4Writer(self._file.stream, stream, self._crf, self._preset)
        except OutputError as error:
            self._file.discard()
            raise OutputError(f"cannot record to {self._file.path}: {error}") from error
        self._line = SoundLine(stream.sample_rate, sound_channels(stream)) if sound_channels(stream) else None
        self._sample_rate = stream.sample_rate
        self._origin_s = math.nan
        self._ticks = -1
        logger.info("recording to %s", self._file.path)

    def send(self, frame: Frame) -> None:
        """Encode one frame; blocks meanwhile. Raises OutputError once, when the disk or the encoder fails."""
        writer = self._open_writer()
        media_s = self._since_origin_s(frame.time_s)
        first = self._ticks < 0
        self._ticks = 0 if first else max(round(media_s * VIDEO_TICKS_HZ), self._ticks + 1)
        try:
            writer.add_picture(frame.image, self._ticks)
            if self._line is not None and self._line.position_s < media_s - _SILENT_AFTER_S:
                # The source is paused or lost: the file must not wait for it with everything in memory.
                for piece in self._line.fill_to(media_s - _SILENCE_BEHIND_S):
                    writer.add_sound(piece)
        except OutputError as error:
            raise self._broken(error) from error

    def send_audio(self, samples: npt.NDArray[np.float32], capture_time_s: float) -> None:
        """Encode ``(n, channels)`` samples, the first two channels of them. Raises OutputError like `send`."""
        writer = self._open_writer()
        if self._line is None or not len(samples):
            return
        start_s = self._since_origin_s(capture_time_s - len(samples) / self._sample_rate)
        try:
            for piece in self._line.lay(samples[:, :2], start_s):
                writer.add_sound(piece)
        except OutputError as error:
            raise self._broken(error) from error

    def close(self) -> None:
        """Finish the file and give it its name; one without any content is removed. May be called twice.

        Raises OutputError if the end cannot be written; what there is then stays as ``PATH.mp4.part``.
        """
        writer, self._writer = self._writer, None
        if writer is None or self._file is None:
            return
        try:
            if math.isnan(self._origin_s):
                writer.abandon()
                self._file.discard()
                return
            writer.finish()
            self._file.finish()
        except (OutputError, OSError) as error:
            writer.abandon()
            raise self._broken(error) from error
        logger.info("recorded %s", self._file.path)

    def _open_writer(self) -> Mp4Writer:
        if self._writer is None:
            raise OutputError("the recorder is not open")
        return self._writer

    def _since_origin_s(self, time_s: float) -> float:
        if math.isnan(self._origin_s):
            self._origin_s = time_s
        return time_s - self._origin_s

    def _broken(self, error: Exception) -> OutputError:
        """Let go of everything and say why, and where what was recorded so far is."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.abandon()
        path, part = (self._file.path, self._file.part) if self._file else (None, None)
        return OutputError(f"recording {path} stopped: {error}; what there is plays from {part}")
