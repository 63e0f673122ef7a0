"""A sound file played as if it were live: wav, flac, ogg, mp3 and whatever else libsndfile reads."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from instrument.audio.player import Listener, PlayedSource
from instrument.clock import Clock
from instrument.errors import AudioError


class SoundFile:
    """A `Recording` that is decoded as it is read, so that a long file opens at once. Values that are not finite
    become silence.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None
        self.label = path.name
        self.sample_rate = 0
        self.channels = 0
        self.length = 0

    def open(self) -> None:
        """Open the file. Raises AudioError naming it and the reason."""
        self.close()
        if not self._path.exists():
            raise AudioError(f"{self._path}: there is no such file")
        if not self._path.is_file():
            raise AudioError(f"{self._path}: is not a file")
        soundfile = _soundfile()
        try:
            self._file = soundfile.SoundFile(self._path)
        except (soundfile.SoundFileError, OSError, TypeError) as error:
            raise AudioError(f"{self._path}: is not a sound file that can be read ({_reason(error)})") from error
        self.sample_rate, self.channels = self._file.samplerate, self._file.channels
        self.length = self._file.frames
        if len(self.read(1)) == 0:
            self.close()
            raise AudioError(f"{self._path}: there is no sound in it")
        self.rewind()

    def read(self, count: int) -> npt.NDArray[np.float32]:
        """The next samples, ``(count, channels)``; fewer only at the end. Raises AudioError."""
        soundfile = _soundfile()
        try:
            samples: npt.NDArray[np.float32] = self._file.read(count, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            raise AudioError(f"{self._path}: broken from here on ({_reason(error)})") from error
        return np.nan_to_num(samples, copy=False, posinf=0.0, neginf=0.0)

    def rewind(self) -> None:
        """Go back to the beginning. Raises AudioError."""
        soundfile = _soundfile()
        try:
            self._file.seek(0)
        except soundfile.SoundFileError as error:
            raise AudioError(f"{self._path}: cannot go back to its beginning ({_reason(error)})") from error

    def close(self) -> None:
        """Close the file. May be called twice."""
        file, self._file = self._file, None
        if file is not None:
            file.close()


class FileSource(PlayedSource):
    """The file at `path` as an `AudioSource`, in blocks of `block_size`; see `PlayedSource` for the timing."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        block_size: int,
        loop: bool = False,
        monitor: Listener | None = None,
    ) -> None:
        super().__init__(SoundFile(path), clock, block_size, loop, monitor)


def _soundfile() -> Any:
    try:
        import soundfile
    except OSError as error:
        raise AudioError(f"no libsndfile library ({error}); on Debian and Ubuntu: apt install libsndfile1") from error
    return soundfile


def _reason(error: Exception) -> str:
    return str(getattr(error, "error_string", error)).rstrip(".")
