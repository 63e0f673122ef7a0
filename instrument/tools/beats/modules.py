"""Tracker modules as libopenmpt plays them: music that people made with drums and samples, its beats to the sample."""

import ctypes
import ctypes.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from instrument.errors import InstrumentError
from instrument.tools.beats.rows import Row, bar_of, beats_of

Floats = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]

ENDINGS = (".mod", ".xm", ".it", ".s3m")
CHUNK = 64
"""Samples that are read at a time: as exact are the times of the rows."""
NOTES_A_SECOND = 0.5
"""Fewer are no music to find a beat in."""
TEMPO_SPREAD = 0.25
"""Of versions, in natural logarithms."""
PITCH_SPREAD = 4.0
"""Semitones."""
MUTED_SHARES = (0.0, 0.15, 0.4)
"""Of the channels of a version; drawn."""

NOTE, LOWEST_NOTE, HIGHEST_NOTE = 0, 1, 120
"""Which value of a cell is its note, and those that begin one."""
FOREVER = -1
FUNCTIONS, MUTE = 16, 10
"""How many the "interactive" interface has in every version, and the place of the one that mutes a channel."""


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """``(n,)`` mono of a module, when its beats began, and the beats of a bar (0 unknown; the first begins one)."""

    samples: Samples
    beats_s: Floats
    bar: int


def module_files(folder: Path) -> list[Path]:
    """Those of a folder and what is in it, by name.

    Raises
    ------
    InstrumentError
        If there are none.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())
    if not paths:
        raise InstrumentError(f"no tracker modules in {folder}")
    return paths


def play_module(path: Path, sample_rate: int, duration_s: float, rng: np.random.Generator | None = None) -> Played:
    """The beginning of a module as it is, or with `rng` a stretch at another tempo, in another key, with fewer parts.

    Raises
    ------
    InstrumentError
        If it cannot be read, has hardly any notes, or they do not fall on beats.
    """
    with _Module(path) as module:
        if rng is not None:
            module.change(rng)
        samples, rows = module.read(sample_rate, duration_s)
    if sum(row.notes for row in rows) < NOTES_A_SECOND * len(samples) / sample_rate:
        raise InstrumentError(f"{path.name} has hardly any notes")
    beats = beats_of(rows)
    if not beats:
        raise InstrumentError(f"the notes of {path.name} do not fall on beats")
    return Played(samples, np.array([row.start_s for row in beats]), bar_of(beats))


class _Module:
    """An open module; use it as a context."""

    def __init__(self, path: Path) -> None:
        self._library = _library()
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InstrumentError(f"{path}: {error.strerror}") from error
        size = ctypes.c_size_t(len(data))
        opened = self._library.openmpt_module_ext_create_from_memory(data, size, _SILENT, *[None] * 6)
        if not opened:
            raise InstrumentError(f"{path.name} is no module that libopenmpt can read")
        self._extended = ctypes.c_void_p(opened)
        self._module = ctypes.c_void_p(self._library.openmpt_module_ext_get_module(self._extended))
        self._library.openmpt_module_set_repeat_count(self._module, FOREVER)
        self._channels = range(self._library.openmpt_module_get_num_channels(self._module))

    def __enter__(self) -> "_Module":
        return self

    def __exit__(self, *_: object) -> None:
        self._library.openmpt_module_ext_destroy(self._extended)

    def change(self, rng: np.random.Generator) -> None:
        """Begin somewhere in the first two thirds, play faster or slower, higher or lower, and mute some channels."""
        orders = self._library.openmpt_module_get_num_orders(self._module)
        self._library.openmpt_module_set_position_order_row(self._module, int(rng.integers(max(2 * orders // 3, 1))), 0)
        self._set("play.tempo_factor", np.exp(rng.uniform(-TEMPO_SPREAD, TEMPO_SPREAD)))
        self._set("play.pitch_factor", 2.0 ** (rng.uniform(-PITCH_SPREAD, PITCH_SPREAD) / 12.0))
        mute = self._mute()
        share = float(rng.choice(MUTED_SHARES))
        muted = rng.random(len(self._channels)) < share
        for channel in self._channels:
            mute(self._extended, channel, int(muted[channel]))

    def read(self, sample_rate: int, duration_s: float) -> tuple[Samples, list[Row]]:
        """``(n,)`` mono from where it is, as often as it takes, and the rows in it."""
        samples = np.zeros(round(duration_s * sample_rate), np.float32)
        chunk = (ctypes.c_float * CHUNK)()
        rows: list[Row] = []
        last: tuple[int, int] | None = None
        for start in range(0, len(samples) - CHUNK + 1, CHUNK):
            self._library.openmpt_module_read_float_mono(self._module, sample_rate, ctypes.c_size_t(CHUNK), chunk)
            samples[start : start + CHUNK] = chunk
            at = self._told("order"), self._told("row")
            if at != last:
                rows.append(Row(start / sample_rate, at[1], self._notes(self._told("pattern"), at[1])))
                last = at
        return samples, rows

    def _mute(self) -> Callable[[ctypes.c_void_p, int, int], int]:
        functions = (ctypes.c_void_p * FUNCTIONS)()
        size = ctypes.c_size_t(ctypes.sizeof(functions))
        self._library.openmpt_module_ext_get_interface(self._extended, b"interactive", functions, size)
        address = functions[MUTE]
        if address is None:
            raise InstrumentError("this libopenmpt mutes no channels; a newer one does")
        return ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int32, ctypes.c_int)(address)

    def _set(self, control: str, value: float) -> None:
        self._library.openmpt_module_ctl_set(self._module, control.encode(), f"{value:.4f}".encode())

    def _told(self, what: str) -> int:
        return int(getattr(self._library, f"openmpt_module_get_current_{what}")(self._module))

    def _notes(self, pattern: int, row: int) -> int:
        ask = self._library.openmpt_module_get_pattern_row_channel_command
        values = (ask(self._module, pattern, row, channel, NOTE) for channel in self._channels)
        return sum(LOWEST_NOTE <= value <= HIGHEST_NOTE for value in values)


_SILENT = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_void_p)(lambda _message, _user: None)


@cache
def _library() -> ctypes.CDLL:
    name = ctypes.util.find_library("openmpt")
    if name is None:
        raise InstrumentError("no libopenmpt; apt-get install libopenmpt0")
    library = ctypes.CDLL(name)
    for function in ("openmpt_module_ext_create_from_memory", "openmpt_module_ext_get_module"):
        getattr(library, function).restype = ctypes.c_void_p
    library.openmpt_module_read_float_mono.restype = ctypes.c_size_t
    library.openmpt_module_get_pattern_row_channel_command.restype = ctypes.c_uint8
    return library
