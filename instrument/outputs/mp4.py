"""One mp4 file: H.264 pictures at times of their own, AAC sound beside them. The only file that knows PyAV."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.audio import AudioStream
from av.container import OutputContainer
from av.video import VideoStream
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter

from instrument.errors import OutputError
from instrument.outputs.sink import StreamFormat

VIDEO_TICKS_HZ = 90_000
"""Picture times are whole numbers of these."""
AAC_RATES_HZ = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_OTHER_RATE_HZ = 48000
_SOUND_BITS_PER_S = 192_000
"""Plenty for the encoder's fast way, which takes a quarter of the usual one's time."""
_ENCODER_THREADS = 2
_KEYFRAME_S = 1.0

# Fragments make the growing file playable up to the last one; when it is finished the same file gets an ordinary
# index (hybrid), which every player and editor wants. delay_moov keeps the encoder's 1024 samples of lead-in out of
# the sound's start, which is 21 ms of offset otherwise.
_MOV_FLAGS = "frag_keyframe+delay_moov+hybrid_fragmented"


class Mp4Writer:
    """Encodes into an open binary file. One thread; every method may block for as long as the disk does.

    Memory stays as it is but for the index of the finished file: 27 MB an hour at 60 frames a second.

    Raises OutputError with the bare reason when the encoder or the file fails; only `abandon` is left to call then.
    """

    def __init__(self, file: io.RawIOBase, stream: StreamFormat, crf: int, preset: str) -> None:
        with _failures_as_output_error():
            self._container = av.open(file, "w", format="mp4", options={"movflags": _MOV_FLAGS})
            self._video = _add_video(self._container, stream, crf, preset)
            self._audio = _add_audio(self._container, stream) if sound_channels(stream) else None
            self._container.start_encoding()
        self._file = file
        self._reformatter = VideoReformatter()
        self._sample_rate = stream.sample_rate
        self._samples = 0

    def add_picture(self, image: npt.NDArray[np.uint8], ticks: int) -> None:
        """Show ``(height, width, 3)`` RGB from `ticks` on, which must grow. Another size is scaled to the file's."""
        with _failures_as_output_error():
            rgb = av.VideoFrame.from_ndarray(with_even_sides(image), format="rgb24")
            frame = self._reformatter.reformat(
                rgb,
                width=self._video.width,
                height=self._video.height,
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
            )
            frame.pts, frame.time_base = ticks, Fraction(1, VIDEO_TICKS_HZ)
            self._container.mux(self._video.encode(frame))

    def add_sound(self, samples: npt.NDArray[np.float32]) -> None:
        """Append ``(n, channels)`` samples, in as many channels as `sound_channels` says."""
        if self._audio is None or not len(samples):
            return
        with _failures_as_output_error():
            # A NaN would make the encoder give up; more than full scale would make the player clip.
            planar = np.nan_to_num(samples.T, nan=0.0).clip(-1.0, 1.0)
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(planar), format="fltp", layout=self._audio.layout.name
            )
            frame.sample_rate = self._sample_rate
            frame.pts, frame.time_base = self._samples, Fraction(1, self._sample_rate)
            self._samples += len(samples)
            self._container.mux(self._audio.encode(frame))

    def finish(self) -> None:
        """Write what the encoders still hold, and the index. The file itself stays open."""
        with _failures_as_output_error():
            self._container.mux(self._video.encode())
            if self._audio is not None:
                self._container.mux(self._audio.encode())
            self._container.close()

    def abandon(self) -> None:
        """Let go without an index, and close the file: what is in it stays playable."""
        self._file.close()  # first: a writer whose file is closed does not try to write its index
        with suppress(av.FFmpegError, OSError, ValueError):
            self._container.close()


def sound_channels(stream: StreamFormat) -> int:
    """Channels that are recorded: the first two at most, since players expect no more; 0 if there is no sound."""
    return min(stream.channels, 2) if stream.sample_rate else 0


def with_even_sides(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """`image` with its last row and column doubled where their number is odd: colour is stored for 2x2 pixels.

    >>> with_even_sides(np.zeros((3, 5, 3), np.uint8)).shape
    (4, 6, 3)
    """
    height_px, width_px = image.shape[:2]
    if height_px % 2 or width_px % 2:
        return np.pad(image, ((0, height_px % 2), (0, width_px % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(image)


def _add_video(container: OutputContainer, stream: StreamFormat, crf: int, preset: str) -> VideoStream:
    rate = Fraction(stream.frame_rate_hz).limit_denominator(1001)
    options = {"preset": preset, "crf": str(crf), "bf": "0"}
    video = container.add_stream("libx264", rate=rate, options=options)
    video.width = stream.width_px + stream.width_px % 2
    video.height = stream.height_px + stream.height_px % 2
    video.pix_fmt = "yuv420p"
    context = video.codec_context
    context.time_base = Fraction(1, VIDEO_TICKS_HZ)
    context.gop_size = max(round(stream.frame_rate_hz * _KEYFRAME_S), 1)
    context.thread_count = _ENCODER_THREADS
    # Said in the file, or players guess from the size and get the colours of small pictures wrong.
    context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return video


def _add_audio(container: OutputContainer, stream: StreamFormat) -> AudioStream:
    rate = stream.sample_rate if stream.sample_rate in AAC_RATES_HZ else _OTHER_RATE_HZ
    audio = container.add_stream("aac", rate=rate, options={"aac_coder": "fast"})
    audio.codec_context.layout = "mono" if sound_channels(stream) == 1 else "stereo"
    audio.bit_rate = _SOUND_BITS_PER_S
    return audio


@contextmanager
def _failures_as_output_error() -> Iterator[None]:
    try:
        yield
    except (av.FFmpegError, OSError, ValueError) as error:
        raise OutputError(str(getattr(error, "strerror", None) or error)) from error
