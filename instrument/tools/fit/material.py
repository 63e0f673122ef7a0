"""The sounds a mapping is fitted to: real music, some of it bent, and synthesised sound of known character.

Every track is heard by the live chain from its beginning, so that the network learns from what it will be played.
"""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save
from scipy.signal import sosfilt

from instrument.audio.file import SoundFile
from instrument.audio.source import AudioBlock
from instrument.disk.atomic import write_atomic
from instrument.engine.listening import ListeningChain
from instrument.errors import AudioError
from instrument.features.beats import NoBeats
from instrument.features.extractor import mix_to_mono
from instrument.mapping.inputs import INPUT_NAMES, InputMemory
from instrument.settings import cache_folder
from instrument.tools.fit.character import HOP_SIZE, LOW_HZ, MEASURES, hear_spectra, measures

LOG = logging.getLogger(__name__)
FloatArray = npt.NDArray[np.float64]
Samples = npt.NDArray[np.float32]

LAYOUT = 1
"""Changes when what is kept of a track changes its meaning."""
SUFFIXES = (".ogg", ".flac", ".wav", ".mp3", ".opus")
TRACK_DIGITS = 8
"""Of a file's checksum, by which a track is known."""
LONGEST_S, SHORTEST_S = 100.0, 15.0
SETTLING_S = 3.0
"""Start of every track that is not learned from."""
SHELF_DB, TILT_DB = 12.0, 8.0
"""How far bass and treble of a bent version are lifted or lowered: the same notes with another character."""
TREBLE_HZ = 2500.0
GAIN_DB = 5.0
FLOOR_DB = (-95.0, -60.0)
"""Noise under a bent version: a live interface has some, a decoded file has none."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """One version of one track: network inputs ``(n, 16)`` and character measures ``(n, 5)`` of the same hops.

    `character` is that of a synthesised sound, None where only the rule can tell.
    """

    track: str
    character: str | None
    hop_s: float
    inputs: FloatArray
    measured: FloatArray


def find_music(places: Sequence[Path]) -> list[Path]:
    """Sound files named, or in the folders named, sorted. Raises AudioError if there are none."""
    if not places:
        raise AudioError("no sound is named: --audio FOLDER, or files")
    found: list[Path] = []
    for place in places:
        if not place.exists():
            raise AudioError(f"{place}: there is no such file or folder")
        inside = place.rglob("*") if place.is_dir() else (place,)
        found += [path for path in inside if path.suffix.lower() in SUFFIXES or not place.is_dir()]
    if not found:
        raise AudioError(f"no sound files ({', '.join(SUFFIXES)}) in {', '.join(map(str, places))}")
    return sorted(set(found))


def content_of(path: Path) -> str:
    """Sha256 of a file in hex; its first `TRACK_DIGITS` name the track. Raises AudioError."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AudioError(f"{path}: cannot be read ({error.strerror})") from error


def hear_file(path: Path, versions: int) -> Iterator[Heard]:
    """A track as it is and ``versions - 1`` times bent; nothing of one that is too short. Raises AudioError.

    What was heard is kept in the cache folder by the file's content.
    """
    content = content_of(path)
    track = content[:TRACK_DIGITS]
    samples: Samples | None = None
    for version in range(versions):
        kept = cache_folder() / "fit" / f"{LAYOUT}-{content[:24]}-{version}.safetensors"
        heard = _read(kept, track)
        if heard is None:
            if samples is None:
                samples, sample_rate = decode(path)
            if len(samples) < SHORTEST_S * sample_rate:
                return
            rng = np.random.default_rng([int(content[:8], 16), version])
            sound = bend(samples, sample_rate, rng) if version else samples
            heard = hear(sound, sample_rate, track, None)
            _keep(kept, heard)
        yield heard


def hear(samples: Samples, sample_rate: int, track: str, character: str | None) -> Heard:
    """Play ``(n, channels)`` samples to a fresh live chain and to the rule."""
    chain, memory = ListeningChain(sample_rate, HOP_SIZE, NoBeats), InputMemory()
    hop_s = HOP_SIZE / sample_rate
    inputs, present = [], []
    for start in range(0, len(samples) - HOP_SIZE + 1, HOP_SIZE):
        block = AudioBlock(samples[start : start + HOP_SIZE], (start + HOP_SIZE) / sample_rate)
        for hop in chain.process(block):
            if hop.normalized.gate_open:
                memory.listen(hop.normalized, hop_s)
            now = memory.inputs
            inputs.append(np.full(len(INPUT_NAMES), 0.5) if now is None else now)
            present.append(hop.normalized.gate_open)
    mono = mix_to_mono(samples[: len(inputs) * HOP_SIZE])
    measured = measures(hear_spectra(mono, sample_rate), hop_s)
    used = np.array(present)
    used[: round(SETTLING_S / hop_s)] = False
    return Heard(track, character, hop_s, np.array(inputs)[used], measured[used])


def bend(samples: Samples, sample_rate: int, rng: np.random.Generator) -> Samples:
    """The same music mixed differently: other bass, treble and level, and a noise floor."""
    low_db, high_db = rng.uniform(-SHELF_DB, SHELF_DB), rng.uniform(-TILT_DB, TILT_DB)
    sections = np.stack([shelf(LOW_HZ, low_db, sample_rate, False), shelf(TREBLE_HZ, high_db, sample_rate, True)])
    bent = sosfilt(sections, samples, axis=0)
    change = np.sqrt(np.mean(np.square(samples)) / max(np.mean(np.square(bent)), 1e-12))
    bent *= change * 10.0 ** (rng.uniform(-GAIN_DB, GAIN_DB) / 20.0)
    bent += 10.0 ** (rng.uniform(*FLOOR_DB) / 20.0) * rng.standard_normal(bent.shape)
    return np.asarray(np.clip(bent, -1.0, 1.0), np.float32)


def shelf(corner_hz: float, gain_db: float, sample_rate: int, treble: bool) -> FloatArray:
    """A shelving filter as one section ``(6,)``: the shelf of slope 1 in Bristow-Johnson's audio EQ cookbook."""
    a = 10.0 ** (gain_db / 40.0)
    turn = 2.0 * np.pi * corner_hz / sample_rate
    cosine = -np.cos(turn) if treble else np.cos(turn)
    root = np.sin(turn) * np.sqrt(2.0 * a)
    sign = -1.0 if treble else 1.0
    up, down = a + 1 + (a - 1) * cosine, a + 1 - (a - 1) * cosine
    b = [a * (down + root), 2 * a * sign * (a - 1 - (a + 1) * cosine), a * (down - root)]
    c = [up + root, -2 * sign * (a - 1 + (a + 1) * cosine), up - root]
    return np.asarray(np.array([*b, *c]) / c[0], np.float64)


def decode(path: Path) -> tuple[Samples, int]:
    """The beginning of a file, ``(n, channels)``, and its sample rate. Raises AudioError."""
    sound = SoundFile(path)
    sound.open()
    try:
        return sound.read(round(LONGEST_S * sound.sample_rate)), sound.sample_rate
    finally:
        sound.close()


def _read(path: Path, track: str) -> Heard | None:
    try:
        kept = load(path.read_bytes())
        inputs, measured = kept["inputs"].astype(np.float64), kept["measured"].astype(np.float64)
        hop_s = float(kept["hop_s"][0])
    except (OSError, SafetensorError, KeyError):
        return None
    if inputs.shape != (len(measured), len(INPUT_NAMES)) or measured.shape[1:] != (len(MEASURES),):
        return None
    return Heard(track, None, hop_s, inputs, measured)


def _keep(path: Path, heard: Heard) -> None:
    arrays = {"inputs": heard.inputs, "measured": heard.measured, "hop_s": np.array([heard.hop_s])}
    try:
        write_atomic(path, save({name: array.astype(np.float32) for name, array in arrays.items()}))
    except OSError:
        LOG.info("what was heard cannot be kept in %s", path.parent)
