"""Sound files whose beats somebody noted, as sets for beat tracking are handed around: `song.wav` and `song.beats`."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.audio.file import SoundFile
from instrument.errors import InstrumentError
from instrument.features.extractor import mix_to_mono
from instrument.tools.fit.material import find_music

Floats = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]

BEATS_ENDINGS = (".beats", ".txt")


def annotated_files(folder: Path) -> list[Path]:
    """The sound files of a folder and what is in it that have beats beside them, by name.

    Raises
    ------
    InstrumentError
        If there are none.
    """
    found = [path for path in find_music([folder]) if _beside(path)]
    if not found:
        raise InstrumentError(f"no sound file in {folder} has a file of beats beside it")
    return found


def read_annotated(path: Path) -> tuple[Samples, int, Floats]:
    """``(n,)`` mono of a sound file, its sample rate, and when its beats are, in seconds.

    Of each line of the file of beats the first column counts.

    Raises
    ------
    InstrumentError
        If either cannot be read, or the beats do not follow each other.
    """
    notes = _beside(path)
    if notes is None:
        raise InstrumentError(f"{path.name} has no file of beats beside it")
    try:
        beats_s = np.loadtxt(notes, np.float64, usecols=0, ndmin=1)
    except (OSError, ValueError) as error:
        raise InstrumentError(f"{notes.name}: {error}") from error
    if not np.isfinite(beats_s).all() or (np.diff(beats_s) <= 0.0).any():
        raise InstrumentError(f"the beats in {notes.name} do not follow each other")
    sound = SoundFile(path)
    sound.open()
    try:
        return mix_to_mono(sound.read(sound.length)), sound.sample_rate, beats_s
    finally:
        sound.close()


def _beside(path: Path) -> Path | None:
    return next((path.with_suffix(ending) for ending in BEATS_ENDINGS if path.with_suffix(ending).is_file()), None)
