"""Which pieces the network is fitted to, which the tracker's few numbers were chosen on, and which judge both."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from instrument.errors import InstrumentError
from instrument.tools.beats.accompaniment import styles
from instrument.tools.beats.annotated import annotated_files
from instrument.tools.beats.general_midi import soundfonts
from instrument.tools.beats.modules import module_files
from instrument.tools.beats.pieces import (
    Piece,
    annotated,
    arranged,
    beatless,
    blended,
    constructed,
    general_midi,
    module,
    syncopated,
    tune,
    varied,
)
from instrument.tools.beats.rhythms import FITTED, HELD
from instrument.tools.beats.tempo_map import Change

LOG = logging.getLogger(__name__)
Job = partial[Piece]
Jobs = list[Job]

CHANGING = ("house", "rock", "funk", "arpeggios")
"""Families that are heard with every way of changing tempo in the dev set."""
BEATLESS = ("noise", "drone", "hits")
BLENDS = range(1000, 1240)
MIDI_BLENDS = range(2000, 2200)
"""Seeds of the pieces in rhythms between the families."""
SYNCOPES = range(5000, 5220)
MIDI_SYNCOPES = range(6000, 6220)
"""Those of the pieces that lean beside the beat."""
FIT_SEEDS = range(3)
"""Of the arrangements in each style that is fitted to."""
FIT_STYLES, DEV_STYLES = 60, 75
"""Of the drawn order of MMA's styles: up to the first they are fitted to, up to the second dev, the rest held."""
VERSIONS, VERSION_SEEDS = 3, 3000
"""Of each tune that is fitted to, and the first seed."""
MODULE_VERSIONS, MODULE_SEEDS = 4, 4000
"""Of each tracker module."""
FONTS = ("FluidR3_GM", "TimGM6mb", "FluidR3_GM", "TimGM6mb", "OPL-3_FM_128M", "TimGM6mb")
HELD_FONT = "MuseScore_General_Lite"
"""A soundfont nothing was fitted to."""


def _font(name: str) -> Path | None:
    """The soundfont of a name, another if it is missing, None without any."""
    found = soundfonts()
    return next((path for path in found if path.stem == name), found[0] if found else None)


def _fit_fonts() -> list[Path]:
    return [font for font in map(_font, FONTS) if font is not None]


def _drawn_styles() -> list[Path]:
    found = styles()
    return [found[int(index)] for index in np.random.default_rng(0).permutation(len(found))]


def fit_jobs() -> Jobs:
    """What the network is fitted to besides tunes; without FluidSynth only what we play ourselves."""
    jobs: Jobs = [partial(constructed, family, seed) for seed in range(100, 118) for family in FITTED]
    jobs += [partial(beatless, kind, seed) for seed in range(300, 310) for kind in BEATLESS]
    jobs += [partial(blended, seed) for seed in BLENDS]
    jobs += [partial(syncopated, seed) for seed in SYNCOPES]
    fonts = _fit_fonts()
    if fonts:
        for seed in range(200, 210):
            jobs += [partial(general_midi, family, seed, fonts[seed % len(fonts)]) for family in FITTED]
        for number, style in enumerate(_drawn_styles()[:FIT_STYLES]):
            jobs += [partial(arranged, style, seed, fonts[(seed + number) % len(fonts)]) for seed in FIT_SEEDS]
        jobs += [partial(blended, seed, fonts[seed % len(fonts)]) for seed in MIDI_BLENDS]
        jobs += [partial(syncopated, seed, fonts[seed % len(fonts)]) for seed in MIDI_SYNCOPES]
    return jobs


def version_jobs(tunes: Sequence[Path]) -> Jobs:
    """Versions of tunes, which the network is fitted to as well; none without FluidSynth."""
    fonts = _fit_fonts()
    seeds = ((path, VERSION_SEEDS + VERSIONS * at + nth) for at, path in enumerate(tunes) for nth in range(VERSIONS))
    return [partial(varied, path, seed, fonts[seed % len(fonts)]) for path, seed in seeds] if fonts else []


def module_version_jobs(folder: Path) -> Jobs:
    """Versions of the tracker modules of a folder, which the network is fitted to as well."""
    found = enumerate(_different(module_files(folder)))
    return [
        partial(module, path, MODULE_SEEDS + MODULE_VERSIONS * at + nth)
        for at, path in found
        for nth in range(MODULE_VERSIONS)
    ]


def dev_jobs() -> Jobs:
    """Other seeds of the families that were fitted to, and other styles: here numbers were chosen."""
    jobs: Jobs = [partial(constructed, family, seed) for family in FITTED for seed in (1, 2)]
    jobs += [partial(constructed, family, 7, change) for family in CHANGING for change in Change]
    for seed, font in ((3, _font(FONTS[0])), (4, _font(FONTS[1]))):
        if font is not None:
            jobs += [partial(general_midi, family, seed, font) for family in FITTED]
            jobs += [partial(arranged, style, seed + 2, font) for style in _drawn_styles()[FIT_STYLES:DEV_STYLES]]
    return jobs


def held_jobs() -> Jobs:
    """Families, styles and a soundfont that nothing was fitted to or chosen on."""
    jobs: Jobs = [partial(constructed, family, seed) for family in HELD for seed in (21, 22, 23)]
    for seed, font in ((24, _font(FONTS[0])), (25, _font(HELD_FONT))):
        if font is not None:
            jobs += [partial(general_midi, family, seed, font) for family in HELD]
    font = _font(FONTS[0])
    if font is not None:
        jobs += [partial(arranged, style, 5, font) for style in _drawn_styles()[DEV_STYLES:]]
    return jobs


def tune_jobs(folder: Path) -> Jobs:
    """The MIDI files of a folder and what is in it."""
    font = _font(FONTS[0])
    if font is None:
        raise InstrumentError("no soundfont; apt-get install fluidsynth fluid-soundfont-gm")
    return [partial(tune, path, font) for path in midi_files(folder)]


def module_jobs(folder: Path) -> Jobs:
    """The tracker modules of a folder and what is in it, as they are."""
    return [partial(module, path) for path in _different(module_files(folder))]


def annotated_jobs(folder: Path) -> Jobs:
    """The sound files of a folder and what is in it that have beats beside them."""
    return [partial(annotated, path) for path in annotated_files(folder)]


def midi_files(folder: Path) -> list[Path]:
    """Those of a folder and what is in it, by name.

    Raises
    ------
    InstrumentError
        If there are none.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".mid", ".midi"))
    if not paths:
        raise InstrumentError(f"no MIDI files in {folder}")
    return paths


def _different(paths: Sequence[Path]) -> list[Path]:
    """The first of files that hold the same."""
    found: dict[bytes, Path] = {}
    for path in paths:
        found.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
    return list(found.values())


def pieces_of(jobs: Sequence[Job]) -> Iterator[Piece]:
    """Make them one by one; what cannot be made is named in the log and left out."""
    for job in jobs:
        try:
            yield job()
        except InstrumentError as error:
            LOG.warning("left out: %s", error)
